// A signer's seed, in this process: the keys in wallets of coins that are derived from it (BIP 32).
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "chain/utxo/psbt/psbt.h"
#include "chain/utxo/wallet/bip32.h"

#include <memory>
#include <vector>

namespace holdfast::signer {

inline constexpr std::size_t kSeedEntropySize = 32;

class SeedKeys {
 public:
  SeedKeys(SeedKeys&&) noexcept;
  SeedKeys& operator=(SeedKeys&&) noexcept;
  ~SeedKeys();
  // `entropy`: 32 bytes, of 24 backup words (BIP 39, no passphrase). Refuses seed_invalid.
  static Result<SeedKeys> of(const Secret& entropy);

  const chain::utxo::Hash20& id() const { return id_; }  // hash160 of the master public key.
  // As Keys::public_key and Keys::sign_inputs say. Safe to use from many threads.
  Result<chain::utxo::ExtendedPublicKey> public_key(const chain::utxo::KeyPath& path) const;
  Result<std::vector<Bytes>> sign_inputs(const chain::utxo::Psbt& psbt) const;

 private:
  class Parents;
  SeedKeys(std::unique_ptr<Parents> parents, const chain::utxo::Hash20& id);

  chain::utxo::Hash20 id_;
  std::unique_ptr<Parents> parents_;  // Has the master key.
};

// The master key of a seed's entropy, by way of its words. Refuses seed_invalid.
Result<chain::utxo::ExtendedSecretKey> master_of_entropy(const Secret& entropy);
// hash160 of its public key.
Result<chain::utxo::Hash20> id_of_master(const chain::utxo::ExtendedSecretKey& master);

}  // namespace holdfast::signer
