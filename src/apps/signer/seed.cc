// holdfast-signer words and xpub: what a seed shows, to its operator alone and to the makers of descriptors.
#include "apps/signer/commands.h"
#include "base/hex.h"
#include "chain/utxo/wallet/bip39.h"
#include "signer/keys/key_file.h"
#include "signer/keys/secure_file.h"

#include <fmt/core.h>

namespace holdfast::signer::app {

using namespace chain::utxo;

Result<const Network*> network_of(const std::string& text) {
  const auto by_caip2 = network_by_caip2(text);
  return by_caip2 ? by_caip2 : network_by_name(text);
}

std::string xpub_text(const Hash20& seed, const KeyPath& path, const ExtendedPublicKey& key, const Network& network) {
  const std::string fingerprint = to_hex(seed.view().first(Fingerprint::kSize));
  const std::string steps = to_text(path);
  return fmt::format("[{}{}{}]{}", fingerprint, steps.empty() ? "" : "/", steps, to_text(key, network));
}

Result<void> show_seed_words(const SeedArguments& arguments) {
  const auto passphrase = read_passphrase(arguments.passphrase_fd, false);
  if (!passphrase) return Failure(passphrase.error());
  const auto entropy = open_seed(arguments.key_file, *passphrase);
  if (!entropy) return Failure(entropy.error());
  const auto words = words_of_entropy(*entropy);
  if (!words) return Failure(words.error());
  return show_words(*words);
}

Result<void> show_xpub(const SeedArguments& arguments) {
  const auto network = network_of(arguments.chain);
  if (!network) return Failure(network.error());
  const auto path = parse_path(arguments.path);
  if (!path) return Failure(path.error());
  const auto passphrase = read_passphrase(arguments.passphrase_fd, false);
  if (!passphrase) return Failure(passphrase.error());
  const auto entropy = open_seed(arguments.key_file, *passphrase);
  if (!entropy) return Failure(entropy.error());
  const auto keys = SeedKeys::of(*entropy);
  if (!keys) return Failure(keys.error());
  const auto key = keys->public_key(*path);
  if (!key) return Failure(key.error());
  fmt::print("{}\n", xpub_text(keys->id(), *path, *key, **network));
  return {};
}

}  // namespace holdfast::signer::app
