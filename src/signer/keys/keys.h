// The keys a signer signs with: a port, and a body that keeps them in locked memory.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "chain/evm/codec/secp256k1.h"
#include "chain/utxo/psbt/psbt.h"
#include "chain/utxo/wallet/bip32.h"

#include <memory>
#include <optional>
#include <vector>

namespace holdfast::signer {

class Keys {
 public:
  virtual ~Keys() = default;
  virtual chain::evm::Address20 owner() const = 0;                  // Of its owner key in the Safes.
  virtual std::vector<chain::evm::Address20> accounts() const = 0;  // Of its gas and single_key wallets.
  // The same signature each time (RFC 6979). refusal key_missing; fault of a key store that is not in this process.
  virtual Result<chain::evm::Signature> sign(const chain::evm::Address20& key, const Hash32& digest) const = 0;

  // The seed: what its keys in wallets of coins are derived from. hash160 of its master public key, whose first four bytes
  // are the fingerprint that descriptors name. None when there is no seed.
  virtual std::optional<chain::utxo::Hash20> seed_id() const = 0;
  // Refuses `key_missing` (no seed) and `key_invalid`.
  virtual Result<chain::utxo::ExtendedPublicKey> public_key(const chain::utxo::KeyPath& path) const = 0;
  // One signature for each input, in their order, the same each time: DER and 0x01, or 64 bytes of Schnorr. Exactly one key
  // of each input is derived from the seed. Refuses `key_missing` when one is not, and what digests_for() refuses.
  virtual Result<std::vector<Bytes>> sign_inputs(const chain::utxo::Psbt& psbt) const = 0;
};

class KeyRing final : public Keys {
 public:
  KeyRing(KeyRing&&) noexcept;
  KeyRing& operator=(KeyRing&&) noexcept;
  ~KeyRing() override;
  // `seed_entropy`: 32 bytes, the entropy of 24 backup words (BIP 39, no passphrase); none when empty. Refuses key_invalid
  // (not a secp256k1 secret of 32 bytes), key_twice and seed_invalid.
  static Result<KeyRing> of(Secret owner, std::vector<Secret> accounts, Secret seed_entropy = {});

  chain::evm::Address20 owner() const override { return keys_.front().address; }
  std::vector<chain::evm::Address20> accounts() const override;
  Result<chain::evm::Signature> sign(const chain::evm::Address20& key, const Hash32& digest) const override;
  std::optional<chain::utxo::Hash20> seed_id() const override { return seed_id_; }
  Result<chain::utxo::ExtendedPublicKey> public_key(const chain::utxo::KeyPath& path) const override;
  Result<std::vector<Bytes>> sign_inputs(const chain::utxo::Psbt& psbt) const override;

 private:
  struct Entry {
    chain::evm::Address20 address;
    Secret secret;
  };
  class Parents;
  KeyRing();
  Result<void> add(Secret secret);

  std::vector<Entry> keys_;  // The owner's first.
  std::optional<chain::utxo::Hash20> seed_id_;
  std::unique_ptr<Parents> parents_;  // With seed_id_; has the master key.
};

// The master key of a seed's entropy, by way of its words. Refuses seed_invalid.
inline constexpr std::size_t kSeedEntropySize = 32;
Result<chain::utxo::ExtendedSecretKey> master_of_entropy(const Secret& entropy);
// hash160 of its public key.
Result<chain::utxo::Hash20> id_of_master(const chain::utxo::ExtendedSecretKey& master);

}  // namespace holdfast::signer
