// Whether a transaction, waiting or mined, uses a key of this signer's for what it never signed, or shows that others did.
// The table of eyes.h says what is told of what.
#pragma once

#include "chain/evm/node.h"
#include "signer/eyes/eyes.h"
#include "signer/eyes/owner_signatures.h"
#include "signer/policy.h"

#include <map>
#include <optional>
#include <vector>

namespace holdfast::signer {

// A Safe transaction does not carry its nonce, which the owners signed with it: so many are tried.
struct NonceRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};
using SafeNonces = std::map<Address20, NonceRange>;  // By Safe; of one that is not in it no signature is looked at.

class KeyUse {
 public:
  // All have to outlive it.
  KeyUse(const ChainRule& rule, const Address20& owner, const WasSigned& was_signed)
      : rule_(rule), owner_(owner), was_signed_(was_signed) {}

  // Whether judge() would like to know the nonce of the Safe.
  bool may_execute(const SafeRule& safe, const chain::evm::Transaction& transaction) const;

  // `height`: none for what waits.
  std::vector<Sighting> judge(const chain::evm::Transaction& transaction, const SafeNonces& nonces,
                              std::optional<std::uint64_t> height, Effort& effort) const;

  // A Safe has said in an event which hash it executed; `transaction` carried it.
  std::vector<Sighting> judge_executed(const SafeRule& safe, const chain::evm::Transaction& transaction, const Hash32& hash,
                                       std::uint64_t height, Effort& effort) const;
  // A module of the policy has said that it moved money.
  std::vector<Sighting> judge_evacuated(const SafeRule& safe, const chain::evm::Transaction& transaction,
                                        std::uint64_t height) const;

 private:
  using Transaction = chain::evm::Transaction;
  bool is_by_owner(const Hash32& hash, ByteView signatures, std::size_t parts, Effort& effort) const;
  void judge_sender(const Transaction& transaction, std::vector<Sighting>& out) const;
  void judge_exec(const SafeRule& safe, const Transaction& transaction, const NonceRange& nonces, bool waits, Effort& effort,
                  std::vector<Sighting>& out) const;
  void judge_evacuation(const SafeRule& safe, const Transaction& transaction, Effort& effort, std::vector<Sighting>& out) const;
  void judge_guard_freeze(const SafeRule& safe, const Transaction& transaction, Effort& effort, std::vector<Sighting>& out) const;

  const ChainRule& rule_;
  const Address20& owner_;
  const WasSigned& was_signed_;
};

}  // namespace holdfast::signer
