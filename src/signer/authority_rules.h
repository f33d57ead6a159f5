// A signer's rules about who may have money sent: plain values; authority.h judges by them.
#pragma once

#include "base/amount.h"
#include "base/instant.h"
#include "identity/verify.h"

#include <string>
#include <vector>

namespace holdfast::signer {

inline constexpr std::int64_t kMaxDelayMs = 30 * kMsPerDay;

// Of one asset. Whoever leaves one out gets the strictest.
struct AuthorityLimits {
  Amount unenrolled_customer_day = Amount::zero();  // Of one customer without a key in force, in any 24 hours.
  Amount unenrolled_day = Amount::zero();           // Of all of them.
  Amount new_destination_max = Amount::zero();      // To a destination younger than destination_delay_ms.
  Amount unapproved_max = Amount::max();            // More takes approvals.
  unsigned approvals = 2;
};

struct Approver {
  std::string name;
  identity::Credential key;
};

struct AuthorityRules {
  std::string exchange;  // The name of holdfastd's journal: what customers and operators sign stands under it.
  identity::RelyingParty relying_party;
  std::int64_t key_delay_ms = 48 * 60 * 60 * kMsPerSecond;
  std::int64_t destination_delay_ms = 24 * 60 * 60 * kMsPerSecond;
  std::vector<Approver> approvers;
};

}  // namespace holdfast::signer
