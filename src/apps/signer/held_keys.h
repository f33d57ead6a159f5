// Where a signer's keys are: in its key file, in a token, or both (the EVM keys in the token, the seed in the file).
#pragma once

#include "signer/config.h"
#include "signer/keys/key_file.h"
#include "signer/keys/keys.h"

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace holdfast::signer::app {

struct HeldKey {
  KeyEntry entry;
  bool in_token = false;
};

// "key file" or "token".
std::string_view place_of(const HeldKey& key);

// The owner's first. Needs neither passphrase nor PIN. Errors of list_key_file and list_token_keys, and refusal owner_missing,
// owner_twice (the key file has an owner key beside the token's).
Result<std::vector<HeldKey>> list_keys(const Config& config);

// Where the secrets that open them come from; the terminal where there is no descriptor.
struct KeyAccess {
  std::optional<int> passphrase_fd;
  std::optional<int> pin_fd;
};

// Errors of open_key_file and TokenKeys::open, and as above.
// `pin`: where the caller has read it already; it is copied.
Result<std::unique_ptr<Keys>> open_keys(const Config& config, const KeyAccess& access, const Secret* pin = nullptr);

// The token's PIN.
Result<Secret> read_pin(std::optional<int> descriptor);

}  // namespace holdfast::signer::app
