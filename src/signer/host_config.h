// What a signer's configuration says of its keys' token and of its host. All of it is optional:
//
//   allow_same_host = true            # for demos and tests: beside another signer of the same wallets
//
//   [pkcs11]                          # the EVM keys are in this token, and key_file holds the seed alone, if there is one
//   module = "/usr/lib/softhsm/libsofthsm2.so"
//   token = "signer-1"                # its label
//   serial = "8ba0d5f1c6e0b7a3"       # optional: which of two that have the same label
//   folders = ["/var/lib/softhsm"]    # optional: what the module reads and writes while it signs
#pragma once

#include "config/toml_reader.h"
#include "signer/keys/token_keys.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::signer {

struct HostConfig {
  std::optional<TokenPlace> token;
  std::vector<std::string> token_folders;
  bool allow_same_host = false;
};

// Problems are the reader's. Relative paths are meant from `folder`.
HostConfig read_host_config(config::TomlReader& in, const std::filesystem::path& folder);

}  // namespace holdfast::signer
