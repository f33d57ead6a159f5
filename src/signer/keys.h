// The keys a signer signs with: a port, and a body that keeps them in locked memory.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "chain/evm/codec/secp256k1.h"

#include <vector>

namespace holdfast::signer {

class Keys {
 public:
  virtual ~Keys() = default;
  virtual chain::evm::Address20 owner() const = 0;                  // Of its owner key in the Safes.
  virtual std::vector<chain::evm::Address20> accounts() const = 0;  // Of its gas and single_key wallets.
  // The same signature each time (RFC 6979). refusal key_missing; fault of a key store that is not in this process.
  virtual Result<chain::evm::Signature> sign(const chain::evm::Address20& key, const Hash32& digest) const = 0;
};

class KeyRing final : public Keys {
 public:
  // Refuses key_invalid (not a secp256k1 secret of 32 bytes) and key_twice.
  static Result<KeyRing> of(Secret owner, std::vector<Secret> accounts);

  chain::evm::Address20 owner() const override { return keys_.front().address; }
  std::vector<chain::evm::Address20> accounts() const override;
  Result<chain::evm::Signature> sign(const chain::evm::Address20& key, const Hash32& digest) const override;

 private:
  struct Entry {
    chain::evm::Address20 address;
    Secret secret;
  };
  KeyRing() = default;
  Result<void> add(Secret secret);

  std::vector<Entry> keys_;  // The owner's first.
};

}  // namespace holdfast::signer
