// Says what an unsigned transaction does, from its bytes alone. Pure. What is not explained in full is refused: every kind
// of call has its own positive rule here, and there is no other way through.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "chain/evm/codec/transaction.h"
#include "signer/memory.h"
#include "signer/policy.h"
#include "signer/refusal.h"

#include <cstdint>
#include <string>

namespace holdfast::signer {

struct Refused {
  Refusal refusal = Refusal::request_malformed;
  std::string detail;  // What exactly; may be empty. Never holds a secret.
};

template <class T>
using Checked = Result<T, Refused>;

inline std::unexpected<Refused> no(Refusal refusal, std::string detail = {}) {
  return std::unexpected(Refused{refusal, std::move(detail)});
}

enum class EffectKind : std::uint8_t {
  payment,       // Money leaves `wallet` for `payment.destination`.
  burn,          // Uses up a nonce of `wallet` and moves nothing.
  sweep,         // Deposit forwarders are emptied to wherever their factory says.
  evacuation,    // The module moves assets of `safe` to its cold Safe.
  guard_freeze,  // The guard of `safe` stops all transfers.
};

struct Effect {
  EffectKind kind = EffectKind::burn;
  Address20 wallet;         // Whose nonce carries it: a Safe, its module or guard, or the sender.
  std::uint64_t nonce = 0;  // That nonce.
  const SafeRule* safe =
      nullptr;         // Set when owners authorise it: payments and burns of a Safe, evacuation, guard freeze.
  Terms payment;       // payment
  Hash32 owners_sign;  // With `safe`: the EIP-712 hash.
  Bytes signatures;    // With `safe`: the owners' signatures that the transaction carries.
  std::uint64_t deadline_s = 0;  // evacuation, guard_freeze: Unix seconds.
};

// `sender` signs the transaction itself; null when only owners' signatures are asked for. `safe_nonce` is what the Safe's
// nonce is said to be; a wrong one only makes the signature worthless. Pointers in the answer are into `chain`.
Checked<Effect> explain(const ChainRule& chain, const chain::evm::Eip1559Transaction& transaction,
                        const AccountRule* sender, std::uint64_t safe_nonce);

}  // namespace holdfast::signer
