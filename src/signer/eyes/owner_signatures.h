// Whose signatures stand in what a Safe, its module or its guard was given. Pure.
#pragma once

#include "chain/evm/codec/safe.h"
#include "signer/policy.h"

#include <cstddef>
#include <vector>

namespace holdfast::signer {

// How many signatures may still be recovered in one look: some 60 microseconds each. What strangers send costs them little,
// and may not keep the watch from the rest.
struct Effort {
  std::size_t left = 20'000;
};

// Who signed `hash` in the first `parts` parts of 65 bytes. As recover_owner_signatures(), and a high s too: contracts take
// both forms of a signature.
std::vector<Address20> signers_of(const Hash32& hash, ByteView signatures, std::size_t parts, Effort& effort);

// The calls of execTransaction in a transaction's calldata: it may be one, or carry some inside (multicalls), at any place.
// Bounded: what is behind the first 16 is left to the Safe's events.
std::vector<chain::evm::ExecTransaction> exec_calls_in(ByteView calldata);

// Whether the calldata names the address: a call that does not, and is not made to it, can hardly be meant for it.
bool mentions(ByteView calldata, const Address20& address);

}  // namespace holdfast::signer
