#include "chain/evm/json_rpc.h"

#include "base/check.h"

#include <fmt/format.h>
#include <httplib.h>

#include <charconv>
#include <optional>

namespace holdfast::chain::evm {

namespace {

namespace dom = simdjson::dom;

// A call may nest 1024 deep, each level being an object and an array.
constexpr std::size_t kMaxJsonDepth = 4096;
constexpr std::uint16_t kDefaultPort = 80;

struct Endpoint {
  std::string host;
  int port = kDefaultPort;
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
  out.host = authority.substr(0, colon);
  if (colon != std::string_view::npos) {
    const std::string_view port = authority.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
    if (error != std::errc{} || end != port.data() + port.size() || out.port <= 0 || out.port > 0xffff) return std::nullopt;
  }
  if (out.host.empty()) return std::nullopt;
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

RpcAnswer read_answer(const dom::element& element) {
  RpcAnswer out;
  dom::element error;
  if (element["error"].get(error) != simdjson::SUCCESS || error.is_null()) {
    out.ok = element["result"].get(out.result) == simdjson::SUCCESS;
    if (!out.ok) out.error_text = "neither a result nor an error";
    return out;
  }
  std::string_view text = "an error without words";
  if (error["message"].get(text) == simdjson::SUCCESS) out.error_text = text;
  if (error["code"].get(out.error_code) != simdjson::SUCCESS) out.error_code = 0;
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
    std::uint64_t id = 0;
    if (element["id"].get(id) != simdjson::SUCCESS || id >= count || seen[id]) return malformed("an id that was not asked for");
    seen[id] = true;
    out[id] = read_answer(element);
  }
  if (std::find(seen.begin(), seen.end(), false) != seen.end()) return malformed("a call was not answered");
  return out;
}

}  // namespace

struct JsonRpc::Connection {
  explicit Connection(Endpoint endpoint) : path(std::move(endpoint.path)), client(endpoint.host, endpoint.port) {}
  std::string path;
  httplib::Client client;
};

Result<dom::element> RpcAnswer::value() const {
  if (!ok) return fault("node_refused", error_text);
  return result;
}

JsonRpc::JsonRpc(std::string_view url, JsonRpcLimits limits) : limits_(limits) {
  auto endpoint = parse_url(url);
  if (!endpoint) return;
  connection_ = std::make_unique<Connection>(std::move(*endpoint));
  const auto timeout = std::chrono::milliseconds(limits_.timeout_ms);
  connection_->client.set_connection_timeout(timeout);
  connection_->client.set_read_timeout(timeout);
  connection_->client.set_write_timeout(timeout);
  connection_->client.set_keep_alive(true);
  connection_->client.set_tcp_nodelay(true);
}

JsonRpc::~JsonRpc() = default;

Result<RpcAnswers> JsonRpc::batch(const std::vector<RpcCall>& calls) {
  HF_CHECK(calls.size() <= limits_.max_batch);
  const auto text = post(batch_body(calls));
  if (!text) return Failure(text.error());
  RpcAnswers out{std::make_unique<dom::parser>(limits_.max_answer_bytes), {}};
  if (out.parser->allocate(text->size(), kMaxJsonDepth) != simdjson::SUCCESS) return malformed("too large to be read");
  dom::element document;
  if (const auto error = out.parser->parse(*text).get(document)) return malformed(simdjson::error_message(error));
  auto answers = read_batch(document, calls.size());
  if (!answers) return Failure(answers.error());
  out.answers = std::move(*answers);
  return out;
}

Result<std::string> JsonRpc::post(std::string body) {
  if (!connection_) return fault("node_url_invalid", "a node's address is http://host:port");
  httplib::Request request;
  request.method = "POST";
  request.path = connection_->path;
  request.set_header("Content-Type", "application/json");
  request.body = std::move(body);
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
  if (!sent) return fault("node_unreachable", httplib::to_string(error));
  if (response.status != 200) return fault("node_unreachable", fmt::format("HTTP status {}", response.status));
  return answer;
}

}  // namespace holdfast::chain::evm
