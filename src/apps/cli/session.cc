#include "apps/cli/session.h"

#include "api/message/problem.h"
#include "base/hex.h"
#include "config/files.h"
#include "config/toml_reader.h"

#include <fcntl.h>
#include <pwd.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace holdfast::cli {
namespace {

constexpr std::size_t kMaxSettingsBytes = 64 << 10;

std::int64_t now_s() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(since_epoch).count();
}

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

Result<Secret> read_key(const std::string& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd() < 0)
    return refuse("key_missing", path + ": " + std::strerror(errno) + "; make one with: holdfast keygen FILE");
  struct stat status{};
  if (::fstat(file.fd(), &status) != 0) return fault("key_missing", path + ": " + std::strerror(errno));
  if ((status.st_mode & 077) != 0) return refuse("key_exposed", path + " can be read by others; chmod 600 it");
  Secret seed(crypto_sign_SEEDBYTES);
  const bool whole = status.st_size == crypto_sign_SEEDBYTES &&
                     ::read(file.fd(), seed.mutable_data(), seed.size()) == static_cast<ssize_t>(seed.size());
  if (!whole) return refuse("key_malformed", path + " is no key file: it should hold 32 bytes");
  return seed;
}

// One line for people: what, and how to mend it.
Failure problem_of(const api::HttpReply& reply) {
  const Json json = Json::parse(reply.body, nullptr, false);
  const bool is_problem =
      json.is_object() && json.contains("type") && json["type"].is_string() && json.contains("detail");
  if (!is_problem)
    return fault("answer_malformed", "holdfastd answered " + std::to_string(reply.status) + " without a problem");
  std::string text = json["type"].get<std::string>();
  if (text.starts_with(api::kProblemPrefix)) text.erase(0, api::kProblemPrefix.size());
  text.append(": ").append(json["detail"].is_string() ? json["detail"].get<std::string>() : "");
  if (reply.status >= 500) return fault("server_failed", text);
  return refuse("refused", text);
}

Failure unreachable(const Error& error) {
  return fault("http_no_answer", "holdfastd does not answer (" + error.text + "); does it run, and is --url right?");
}

}  // namespace

Result<void> read_settings(const std::string& path, Settings& settings) {
  std::error_code failed;
  if (path.empty() || !std::filesystem::exists(path, failed)) return {};
  const auto text = config::read_file(path, kMaxSettingsBytes);
  if (!text) return Failure(text.error());
  const toml::parse_result parsed = parse_toml(*text, path);
  if (!parsed) {
    return refuse("config_wrong", path + ':' + std::to_string(parsed.error().source().begin.line) + ": " +
                                      std::string(parsed.error().description()));
  }
  config::Problem problem(path);
  config::TomlReader reader(parsed.table(), "the file", problem);
  const auto take = [&](std::string_view key, std::string& to) {
    if (!reader.has(key)) return;
    const std::string value = reader.text(key);
    if (to.empty()) to = value;
  };
  take("url", settings.url);
  take("key_file", settings.key_file);
  take("key_id", settings.key_id);
  reader.finish();
  if (problem.found()) return refuse("config_wrong", problem.text());
  return {};
}

std::string settings_path() {
  const char* base = std::getenv("XDG_CONFIG_HOME");  // A path, no secret: the XDG base directory specification.
  if (base && base[0] == '/') return std::string(base) + "/holdfast/cli.toml";
  const passwd* user = ::getpwuid(::getuid());
  return user ? std::string(user->pw_dir) + "/.config/holdfast/cli.toml" : std::string();
}

Result<api::SigningKey> create_key(const std::string& path) {
  const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.fd() < 0 && errno == EEXIST) return refuse("key_file_exists", path + " exists; a key is never written over");
  if (file.fd() < 0) return fault("key_file_not_written", path + ": " + std::strerror(errno));
  Secret seed(crypto_sign_SEEDBYTES);
  randombytes_buf(seed.mutable_data(), seed.size());
  const bool written = ::write(file.fd(), seed.reveal().data(), seed.size()) == static_cast<ssize_t>(seed.size()) &&
                       ::fsync(file.fd()) == 0;
  if (!written) return fault("key_file_not_written", path + ": " + std::strerror(errno));
  return api::RequestSigner("", seed).public_key();
}

Result<api::RequestSigner> read_signing_key(const std::string& path) {
  const auto seed = read_key(path);
  if (!seed) return std::unexpected(seed.error());
  return api::RequestSigner("", *seed);
}

Result<std::unique_ptr<Session>> Session::open(const Settings& settings) {
  if (settings.key_file.empty() || settings.key_id.empty()) {
    return refuse("key_missing",
                  "say which API key signs: --key-file and --key-id, or key_file and key_id in cli.toml");
  }
  const auto seed = read_key(settings.key_file);
  if (!seed) return std::unexpected(seed.error());
  auto http = api::HttpClient::create(settings.url.empty() ? std::string(kDefaultUrl) : settings.url);
  if (!http) return std::unexpected(http.error());
  return std::unique_ptr<Session>(new Session(std::move(*http), api::RequestSigner(settings.key_id, *seed)));
}

Result<Json> Session::call(const std::string& method, const std::string& target, const std::string& body,
                           const std::string& idempotency_key) {
  api::RequestHead head{method, target, {}, false};
  if (!idempotency_key.empty()) head.headers.push_back({"idempotency-key", idempotency_key});
  if (!body.empty()) head.headers.push_back({"content-type", "application/json"});
  signer_.sign(head, body, now_s());
  const auto reply = http_->request(head, body);
  if (!reply) return unreachable(reply.error());
  if (reply->status < 200 || reply->status >= 300) return problem_of(*reply);
  Json json = Json::parse(reply->body, nullptr, false);
  if (json.is_discarded()) return fault("answer_malformed", "holdfastd answered something that is no JSON");
  return json;
}

Result<std::int64_t> Session::follow(std::int64_t after, const std::function<bool(const Json& event)>& show) {
  // A stream without a cursor begins with what comes next. So the first event of all is asked for by itself.
  if (after < 0) {
    const auto first = call("GET", "/v1/events?limit=1");
    if (!first) return std::unexpected(first.error());
    if ((*first)["events"].empty()) return after;
    if (!show((*first)["events"][0])) return 0;
    after = 0;
  }
  api::RequestHead head{"GET", "/v1/events/stream?after=" + std::to_string(after), {}, false};
  signer_.sign(head, {}, now_s());
  std::string text;
  bool stopped = false;
  const auto reply = http_->stream(head, [&](std::string_view piece) {
    text.append(piece);
    for (std::size_t end = 0; !stopped && (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1)) {
      constexpr std::string_view kData = "data: ";
      if (!text.starts_with(kData)) continue;
      const Json event = Json::parse(text.substr(kData.size(), end - kData.size()), nullptr, false);
      if (!event.is_object() || !event["index"].is_number_integer()) continue;
      after = event["index"].get<std::int64_t>();
      stopped = !show(event);
    }
    return !stopped;
  });
  if (!reply) return unreachable(reply.error());
  if (reply->status != 200) return problem_of(*reply);
  return after;
}

}  // namespace holdfast::cli
