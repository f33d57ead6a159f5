// The signer's configuration file: TOML, strict (docs/operating/signer.md shows one). An unknown key is an error, because a
// misspelt limit would be no limit.
#pragma once

#include "base/result.h"
#include "signer/eyes/eyes_config.h"
#include "signer/host_config.h"
#include "signer/policy.h"
#include "signer/replica/follower.h"

#include <string>
#include <string_view>

namespace holdfast::signer {

struct TlsFiles {
  std::string ca;
  std::string certificate;
  std::string key;
  std::string server_name = "holdfastd";  // A name that the server's certificate must carry.
};

struct Config {
  Policy policy;
  FollowRules follow;  // Holdfastd's journal.
  std::vector<NodeSettings> nodes;  // Its own, one for each chain of the policy.
  std::string data;  // Directory of the signer's own journal and its key.
  std::string key_file;  // Empty: all keys are in the token of `host`.
  std::string server;  // "host:port"
  TlsFiles tls;
  HostConfig host;
};

// Relative paths in it are meant from the folder of the file.
//   fault   config_not_read
//   refusal config_invalid; the text begins with "FILE:LINE: "
Result<Config> load_config(const std::string& path);
Result<Config> parse_config(std::string_view text, const std::string& path);

}  // namespace holdfast::signer
