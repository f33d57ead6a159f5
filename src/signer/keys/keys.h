// The keys a signer signs with: a port, and a body that keeps them in locked memory.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "chain/evm/codec/secp256k1.h"
#include "chain/utxo/psbt/psbt.h"
#include "chain/utxo/wallet/bip32.h"
#include "signer/keys/seed_keys.h"

#include <optional>
#include <vector>

namespace holdfast::signer {

class Keys {
 public:
  virtual ~Keys() = default;
  virtual chain::evm::Address20 owner() const = 0;                  // Of its owner key in the Safes.
  virtual std::vector<chain::evm::Address20> accounts() const = 0;  // Of its gas and single_key wallets.
  // Verified, with a low s. A KeyRing gives the same each time (RFC 6979); a token gives another good signature of the same
  // digest: it authorises nothing more, but makes another transaction id, so one that was asked for again is the one to
  // broadcast. refusal key_missing; fault of a key store that is not in this process: ask again.
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
  // `seed_entropy`: 32 bytes, the entropy of 24 backup words (BIP 39, no passphrase); none when empty. Refuses key_invalid
  // (not a secp256k1 secret of 32 bytes), key_twice and seed_invalid.
  static Result<KeyRing> of(Secret owner, std::vector<Secret> accounts, Secret seed_entropy = {});

  chain::evm::Address20 owner() const override { return keys_.front().address; }
  std::vector<chain::evm::Address20> accounts() const override;
  Result<chain::evm::Signature> sign(const chain::evm::Address20& key, const Hash32& digest) const override;
  std::optional<chain::utxo::Hash20> seed_id() const override;
  Result<chain::utxo::ExtendedPublicKey> public_key(const chain::utxo::KeyPath& path) const override;
  Result<std::vector<Bytes>> sign_inputs(const chain::utxo::Psbt& psbt) const override;

 private:
  struct Entry {
    chain::evm::Address20 address;
    Secret secret;
  };
  KeyRing() = default;
  Result<void> add(Secret secret);

  std::vector<Entry> keys_;  // The owner's first.
  std::optional<SeedKeys> seed_;
};

}  // namespace holdfast::signer
