// Who says so: whether a withdrawal may be paid at all, by what this signer has seen of holdfastd's journal. Pure.
//
// The bytes say what a transaction does (effect.h), the limits how much of that there may be (checks.cc); here is why it should be
// done. Holdfastd's word is no reason. For each withdrawal, when it is first signed:
//
//   in the journal     asked for under this id, on these terms, approved, not ended; its request id used for nothing else
//   covered            all that the customer ever asked for of this asset is covered by deposits that this signer saw final
//   the customer       enrolled: a key of theirs that is in force has signed the canonical intent. Not enrolled: within the limits
//                      for such customers, of each and of all of them together
//   the destination    named by this customer for so long; a small amount may go to a new one
//   people             over an amount: so many approvers of the signer's own list have signed the canonical decision
//
// A key is in force once it is old enough by this signer's own clock, and, unless it is the customer's first, was signed for by
// one that is. So whoever owns holdfastd cannot speak for a customer who is enrolled: not by a new key either.
#pragma once

#include "base/amount.h"
#include "base/instant.h"
#include "signer/authority_rules.h"
#include "signer/memory.h"
#include "signer/replica/books.h"
#include "signer/withdrawal_rules.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace holdfast::signer {

// A withdrawal as the signing request states it, its chain's way of writing it, and the limits of its asset.
struct Claimed {
  std::uint64_t id = 0;
  std::string_view chain;           // CAIP-2
  std::string_view asset_name;      // The part of the CAIP-19 id behind the chain.
  ByteView contract;                // Raw; empty for the native coin.
  chain::evm::Address20 asset_key;  // As Memory counts it: zero for the native coin.
  Amount amount;
  ByteView destination;             // Raw
  std::string destination_text;     // As people write it.
  Instant approved_until;           // As the request states it.
  AuthorityLimits limits;
};

struct Unenrolled {
  std::uint64_t customer = 0;
  Amount amount;
};

// `beside`: what is signed for customers without a key in the same transaction, before this one. When it holds, says for whom it is
// paid when that customer has no key in force: to be counted. None: they spoke themselves.
Checked<std::optional<Unenrolled>> judge_authority(const AuthorityRules& rules, const Books& books, const Memory& memory,
                                                   const Claimed& claimed, std::span<const Unenrolled> beside, Instant now);

// Whether the key speaks for its customer now.
bool is_in_force(const AuthorityRules& rules, const BookedCustomer& customer, const BookedKey& key, Instant now);
// Whether any key was old enough ever: from then on the limits for customers without one do for this one no more.
bool is_enrolled(const AuthorityRules& rules, const BookedCustomer& customer, Instant now);

}  // namespace holdfast::signer
