#include "apps/signer/held_keys.h"

#include "apps/signer/commands.h"
#include "signer/keys/secure_file.h"
#include "signer/keys/token_keys.h"

#include <algorithm>

namespace holdfast::signer::app {
namespace {

Result<void> add_file(const Config& config, std::vector<HeldKey>& out) {
  if (config.key_file.empty()) return {};
  const auto entries = list_key_file(config.key_file);
  if (!entries) return Failure(entries.error());
  for (const KeyEntry& entry : *entries) out.push_back({entry, false});
  return {};
}

// Whose only key is the seed.
Result<std::optional<SeedKeys>> open_seed_keys(const Config& config, const KeyAccess& access) {
  if (config.key_file.empty()) return std::optional<SeedKeys>();
  const auto passphrase = read_passphrase(access.passphrase_fd, false);
  if (!passphrase) return Failure(passphrase.error());
  const auto entropy = open_seed(config.key_file, *passphrase);
  if (!entropy) return Failure(entropy.error());
  auto seed = SeedKeys::of(*entropy);
  if (!seed) return Failure(seed.error());
  return std::optional(std::move(*seed));
}

}  // namespace

std::string_view place_of(const HeldKey& key) { return key.in_token ? "token" : "key file"; }

Result<std::vector<HeldKey>> list_keys(const Config& config) {
  std::vector<HeldKey> out;
  if (config.host.token) {
    const auto entries = list_token_keys(*config.host.token, config.policy.name);
    if (!entries) return Failure(entries.error());
    for (const KeyEntry& entry : *entries) out.push_back({entry, true});
  }
  if (auto added = add_file(config, out); !added) return Failure(added.error());
  const auto owners = std::ranges::count_if(out, [](const HeldKey& key) { return key.entry.role == KeyRole::owner; });
  if (owners == 0) return refuse("owner_missing", config.key_file + ": holds a seed and no owner key, and no token is configured");
  if (owners > 1) return refuse("owner_twice", config.key_file + ": has an owner key beside the token's; with a token it holds a seed alone");
  return out;
}

Result<std::unique_ptr<Keys>> open_keys(const Config& config, const KeyAccess& access, const Secret* known_pin) {
  if (auto listed = list_keys(config); !listed) return Failure(listed.error());
  if (!config.host.token) {
    const auto passphrase = read_passphrase(access.passphrase_fd, false);
    if (!passphrase) return Failure(passphrase.error());
    auto ring = open_key_file(config.key_file, *passphrase);
    if (!ring) return Failure(ring.error());
    return std::make_unique<KeyRing>(std::move(*ring));
  }
  auto seed = open_seed_keys(config, access);
  if (!seed) return Failure(seed.error());
  auto pin = known_pin != nullptr ? Result<Secret>(Secret::copy_of(known_pin->reveal())) : read_pin(access.pin_fd);
  if (!pin) return Failure(pin.error());
  auto keys = TokenKeys::open(*config.host.token, config.policy.name, std::move(*pin), std::move(*seed));
  if (!keys) return Failure(keys.error());
  return std::unique_ptr<Keys>(std::move(*keys));
}

Result<Secret> read_pin(std::optional<int> descriptor) {
  constexpr std::size_t kMaxPinBytes = 255;
  auto pin = descriptor ? read_secret_line(*descriptor, kMaxPinBytes) : ask_secret("PIN of the token: ", kMaxPinBytes);
  if (pin && pin->size() == 0) return refuse("pin_empty", "no PIN was given");
  return pin;
}

}  // namespace holdfast::signer::app
