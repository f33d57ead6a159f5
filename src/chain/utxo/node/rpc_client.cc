#include "chain/utxo/node/rpc_client.h"

#include "base/check.h"
#include "base/printable.h"
#include "chain/utxo/node/json_numbers.h"

#include <fmt/format.h>
#include <httplib.h>
#include <sodium.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <optional>

namespace holdfast::chain::utxo {

namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kMaxJsonDepth = 64;
constexpr std::size_t kMaxErrorText = 500;
constexpr std::size_t kMaxCredentials = 1000;
constexpr int kUnauthorised = 401;
constexpr int kForbidden = 403;
constexpr int kOk = 200;

struct Endpoint {
  std::string host;
  int port = 0;
  std::string path = "/";
};

std::optional<Endpoint> parse_url(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return std::nullopt;
  url.remove_prefix(kScheme.size());
  Endpoint out;
  const auto slash = url.find('/');
  if (slash != std::string_view::npos) out.path = url.substr(slash);
  const std::string_view authority = url.substr(0, slash);
  const auto colon = authority.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || authority.find('@') != std::string_view::npos) return std::nullopt;
  out.host = authority.substr(0, colon);
  const std::string_view port = authority.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (error != std::errc{} || end != port.data() + port.size() || out.port <= 0 || out.port > 0xffff) return std::nullopt;
  return out;
}

std::string batch_body(const std::vector<RpcCall>& calls) {
  std::string body = "[";
  for (std::size_t i = 0; i < calls.size(); ++i) {
    fmt::format_to(std::back_inserter(body), R"({}{{"jsonrpc":"2.0","id":{},"method":"{}","params":{}}})", i == 0 ? "" : ",", i,
                   calls[i].method, calls[i].params);
  }
  return body + "]";
}

// For logs: nobody outside may write lines of his own into them.
std::string readable(std::string_view words) {
  return printable(words.substr(0, kMaxErrorText));
}

RpcAnswer read_answer(const dom::element& element) {
  RpcAnswer out;
  dom::element error;
  if (element["error"].get(error) != simdjson::SUCCESS || error.is_null()) {
    out.ok = element["result"].get(out.result) == simdjson::SUCCESS;
    if (!out.ok) out.error_text = "neither a result nor an error";
    return out;
  }
  std::string_view text = "an error without words";
  if (error["message"].get(text) != simdjson::SUCCESS) text = "an error without words";
  out.error_text = readable(text);
  std::string_view code;
  if (error["code"].get(code) == simdjson::SUCCESS) out.error_code = signed_of(code).value_or(0);
  return out;
}

Failure malformed(std::string_view what) { return fault("node_answer_malformed", std::string(what)); }

// Sorts the answers by the ids of their calls; each has to be there once.
Result<std::vector<RpcAnswer>> read_batch(const dom::element& document, std::size_t count) {
  dom::array elements;
  if (document.get(elements) != simdjson::SUCCESS) return malformed("a batch was not answered with a list");
  std::vector<RpcAnswer> out(count);
  std::vector<bool> seen(count, false);
  for (const dom::element element : elements) {
    std::string_view text;
    const auto id = element["id"].get(text) == simdjson::SUCCESS ? unsigned_of(text) : std::nullopt;
    if (!id || *id >= count || seen[*id]) return malformed("an id that was not asked for");
    seen[*id] = true;
    out[*id] = read_answer(element);
  }
  if (std::ranges::find(seen, false) != seen.end()) return malformed("a call was not answered");
  return out;
}

// What goes behind "Authorization: ".
Result<std::string> read_authorisation(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    const std::string why = fmt::format("{}: {}", file, std::strerror(errno));
    if (errno == ENOENT) return fault("node_unavailable", why);  // A cookie goes with its node.
    return fault("node_unauthorised", why);
  }
  std::string line;
  std::getline(in, line);
  if (line.ends_with('\r')) line.pop_back();
  if (line.find(':') == std::string::npos || line.size() > kMaxCredentials) {
    sodium_memzero(line.data(), line.size());
    return fault("node_unauthorised", fmt::format("{}: its first line is not user:password", file));
  }
  std::string out(sodium_base64_encoded_len(line.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(line.data()), line.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  sodium_memzero(line.data(), line.size());
  out.pop_back();  // The end mark that sodium writes.
  return "Basic " + out;
}

}  // namespace

struct RpcClient::Connection {
  explicit Connection(Endpoint endpoint)
      : host(endpoint.host),
        place(fmt::format("{}:{}", endpoint.host, endpoint.port)),
        path(std::move(endpoint.path)),
        client(endpoint.host, endpoint.port) {}
  std::string host;
  std::string place;  // For messages: host and port.
  std::string path;
  httplib::Client client;
};

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

Failure RpcAnswer::failure() const {
  HF_CHECK(!ok);
  return fault(error_code == kRpcWarmingUp ? "node_unavailable" : "node_refused", error_text);
}

Result<dom::element> RpcAnswer::value() const {
  if (!ok) return failure();
  return result;
}

RpcClient::RpcClient(RpcAddress address, RpcLimits limits)
    : credentials_file_(std::move(address.credentials_file)), limits_(limits) {
  auto endpoint = parse_url(address.url);
  if (!endpoint) return;
  connection_ = std::make_unique<Connection>(std::move(*endpoint));
  connection_->client.set_keep_alive(true);
  connection_->client.set_tcp_nodelay(true);
}

RpcClient::~RpcClient() = default;

std::string RpcClient::host() const { return connection_ ? connection_->host : std::string(); }

Result<RpcAnswers> RpcClient::batch(const std::vector<RpcCall>& calls) { return batch(calls, limits_.timeout_ms); }

Result<RpcAnswers> RpcClient::batch(const std::vector<RpcCall>& calls, int timeout_ms) {
  HF_CHECK(calls.size() <= limits_.max_batch);
  auto answered = post(batch_body(calls), timeout_ms);
  if (!answered) return Failure(answered.error());
  const std::string text = with_numbers_as_text(*answered);
  answered->clear();
  RpcAnswers out{std::make_unique<dom::parser>(2 * limits_.max_answer_bytes), {}};
  if (out.parser->allocate(text.size(), kMaxJsonDepth) != simdjson::SUCCESS) return malformed("too large to be read");
  dom::element document;
  if (const auto error = out.parser->parse(text).get(document)) return malformed(simdjson::error_message(error));
  auto answers = read_batch(document, calls.size());
  if (!answers) return Failure(answers.error());
  out.answers = std::move(*answers);
  return out;
}

Result<std::string> RpcClient::post(const std::string& body, int timeout_ms) {
  if (!connection_) return fault("node_url_invalid", "a node's address is http://host:port");
  const auto timeout = std::chrono::milliseconds(timeout_ms);
  connection_->client.set_connection_timeout(timeout);
  connection_->client.set_read_timeout(timeout);
  connection_->client.set_write_timeout(timeout);
  // Twice, because the node may have started again, with a new cookie, since ours was read.
  for (const bool last : {false, true}) {
    httplib::Request request;
    request.method = "POST";
    request.path = connection_->path;
    request.set_header("Content-Type", "application/json");
    if (!credentials_file_.empty()) {
      const auto authorisation = read_authorisation(credentials_file_);
      if (!authorisation) return Failure(authorisation.error());
      request.set_header("Authorization", *authorisation);
    }
    request.body = body;
    std::string answer;
    bool too_large = false;
    request.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
      too_large = size > limits_.max_answer_bytes - answer.size();
      if (!too_large) answer.append(data, size);
      return !too_large;
    };
    httplib::Response response;
    httplib::Error error = httplib::Error::Success;
    const bool sent = connection_->client.send(request, response, error);
    if (too_large) return fault("node_answer_too_large");
    if (!sent) return fault("node_unavailable", fmt::format("no answer from the node at {} ({})", connection_->place, httplib::to_string(error)));
    if (response.status == kOk) return answer;
    if (response.status == kForbidden || (response.status == kUnauthorised && last)) {
      const std::string_view mend = credentials_file_.empty() ? "it wants a user and password: name the cookie file"
                                                              : "it does not take what the cookie file says";
      return fault("node_unauthorised", fmt::format("HTTP status {} from the node at {}: {}", response.status, connection_->place, mend));
    }
    if (response.status != kUnauthorised) {
      return fault("node_unavailable", fmt::format("HTTP status {} from the node at {}: {}", response.status, connection_->place, readable(answer)));
    }
  }
  return fault("node_unauthorised");
}

}  // namespace holdfast::chain::utxo
