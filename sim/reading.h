// What the bytes that a signer is asked to sign would do, read by the auditor on its own: no code is shared with the codecs
// that build them or with the signer that judges them.
#pragma once

#include "base/amount.h"
#include "base/bytes.h"

#include <cstdint>
#include <optional>
#include <string>

namespace holdfast::sim {

// Addresses are 20 raw bytes; an empty asset is the native coin.
struct OuterCall {
  std::uint64_t nonce = 0;
  std::string to;
  Int128 value = 0;
  std::string data;
};

struct Payment {
  std::string asset;
  std::string destination;
  Int128 amount = 0;
};

// 0x02 || rlp of the nine unsigned fields; nothing when it is not that.
std::optional<OuterCall> read_outer(const std::string& unsigned_transaction);

// The call inside of a Safe's execTransaction.
std::optional<OuterCall> read_inner(const OuterCall& outer);

// Coins to `to`, or a token's transfer(); nothing for any other call.
std::optional<Payment> read_payment(const OuterCall& call);

}  // namespace holdfast::sim
