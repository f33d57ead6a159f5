#include "signer/keys/keys.h"

#include <algorithm>

namespace holdfast::signer {

using chain::evm::Address20;
using namespace chain::utxo;

namespace {

Failure no_seed() { return refuse("key_missing", "the signer holds no seed"); }

}  // namespace

Result<KeyRing> KeyRing::of(Secret owner, std::vector<Secret> accounts, Secret seed_entropy) {
  KeyRing ring;
  if (auto added = ring.add(std::move(owner)); !added) return Failure(added.error());
  for (Secret& secret : accounts) {
    if (auto added = ring.add(std::move(secret)); !added) return Failure(added.error());
  }
  if (seed_entropy.size() == 0) return ring;
  auto seed = SeedKeys::of(seed_entropy);
  if (!seed) return Failure(seed.error());
  ring.seed_ = std::move(*seed);
  return ring;
}

Result<void> KeyRing::add(Secret secret) {
  const auto address = chain::evm::address_of_key(secret);
  if (!address) return Failure(address.error());
  const auto same = [&](const Entry& entry) { return entry.address == *address; };
  if (std::any_of(keys_.begin(), keys_.end(), same)) {
    return refuse("key_twice", "the key of " + chain::evm::to_checksum_text(*address) + " is there twice");
  }
  keys_.push_back({*address, std::move(secret)});
  return {};
}

std::vector<Address20> KeyRing::accounts() const {
  std::vector<Address20> out;
  for (std::size_t i = 1; i < keys_.size(); ++i) out.push_back(keys_[i].address);
  return out;
}

Result<chain::evm::Signature> KeyRing::sign(const Address20& key, const Hash32& digest) const {
  const auto found = std::find_if(keys_.begin(), keys_.end(), [&](const Entry& entry) { return entry.address == key; });
  if (found == keys_.end()) return refuse("key_missing", "no key for " + chain::evm::to_checksum_text(key));
  return chain::evm::sign(found->secret, digest);
}

std::optional<Hash20> KeyRing::seed_id() const { return seed_ ? std::optional(seed_->id()) : std::nullopt; }

Result<ExtendedPublicKey> KeyRing::public_key(const KeyPath& path) const {
  return seed_ ? seed_->public_key(path) : Result<ExtendedPublicKey>(no_seed());
}

Result<std::vector<Bytes>> KeyRing::sign_inputs(const Psbt& psbt) const {
  return seed_ ? seed_->sign_inputs(psbt) : Result<std::vector<Bytes>>(no_seed());
}

}  // namespace holdfast::signer
