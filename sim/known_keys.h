// A signer's keys in a life: those of a KeyRing, but for coins, whose keys are derived once and kept. Nothing here is secret,
// and a KeyRing derives them anew for every signature.
#pragma once

#include "signer/keys/keys.h"

#include <map>

namespace holdfast::sim {

class KnownKeys final : public signer::Keys {
 public:
  KnownKeys(signer::KeyRing ring, const chain::utxo::ExtendedSecretKey& master) : ring_(std::move(ring)), master_(master) {}

  chain::evm::Address20 owner() const override { return ring_.owner(); }
  std::vector<chain::evm::Address20> accounts() const override { return ring_.accounts(); }
  Result<chain::evm::Signature> sign(const chain::evm::Address20& key, const Hash32& digest) const override {
    return ring_.sign(key, digest);
  }
  std::optional<chain::utxo::Hash20> seed_id() const override { return ring_.seed_id(); }
  Result<chain::utxo::ExtendedPublicKey> public_key(const chain::utxo::KeyPath& path) const override {
    return ring_.public_key(path);
  }
  Result<std::vector<Bytes>> sign_inputs(const chain::utxo::Psbt& psbt) const override;

 private:
  const Secret& key_at(const chain::utxo::KeyPath& path) const;

  signer::KeyRing ring_;
  const chain::utxo::ExtendedSecretKey& master_;
  mutable std::map<chain::utxo::KeyPath, chain::utxo::ExtendedSecretKey> derived_;
};

}  // namespace holdfast::sim
