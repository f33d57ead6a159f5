// Talks to holdfastd: settings, the API key, signed calls.
#pragma once

#include "api/client/http_client.h"
#include "api/message/signature.h"
#include "base/result.h"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace holdfast::cli {

using Json = nlohmann::ordered_json;

inline constexpr std::string_view kDefaultUrl = "http://127.0.0.1:8080";

struct Settings {
  std::string url;  // Empty: kDefaultUrl
  std::string key_file;
  std::string key_id;
  bool json = false;  // For programs: the answer as it came.
  bool colour = false;
};

// Fills what the command line left empty from cli.toml: url, key_file, key_id. A missing file is none.
//   refusal config_wrong
Result<void> read_settings(const std::string& path, Settings& settings);
// $XDG_CONFIG_HOME/holdfast/cli.toml, or ~/.config/holdfast/cli.toml; empty when there is neither.
std::string settings_path();

// Makes a new key file of 32 bytes, readable by its owner only, and returns the public key.
//   refusal key_file_exists    fault key_file_not_written
Result<api::SigningKey> create_key(const std::string& path);

// The private half of a key file.
//   refusal key_missing, key_exposed (others may read the file), key_malformed
Result<api::RequestSigner> read_signing_key(const std::string& path);

class Session {
 public:
  //   refusal key_missing, key_exposed (others may read the file), key_malformed, url_malformed
  static Result<std::unique_ptr<Session>> open(const Settings& settings);

  // The answer's JSON, of any 2xx.
  //   refusal refused (the text begins with the problem's code)
  //   fault   http_no_answer, answer_malformed, server_failed (5xx)
  Result<Json> call(const std::string& method, const std::string& target, const std::string& body = {},
                    const std::string& idempotency_key = {});

  // With the API key's own, over exactly this text.
  FixedBytes<64> sign_text(std::string_view text) const { return signer_.sign_text(text); }

  // Shows each event behind `after` (all, from the first on, when it is negative) until `show` returns false or the
  // stream ends. Returns the index of the last one shown.   Errors of call()
  Result<std::int64_t> follow(std::int64_t after, const std::function<bool(const Json& event)>& show);

 private:
  Session(std::unique_ptr<api::HttpClient> http, api::RequestSigner signer)
      : http_(std::move(http)), signer_(std::move(signer)) {}
  std::unique_ptr<api::HttpClient> http_;
  api::RequestSigner signer_;
};

}  // namespace holdfast::cli
