// What can be proven of a policy's rules before anything is judged by them.
//
// Everything is proven for present variables: an unavailable one makes conditions hold (fail closed), so that "never" means never
// while everything is known. Of a policy's lists nothing is taken for granted: tomorrow they may hold other texts.
#pragma once

#include "policy/cel/check/check.h"
#include "policy/policy.h"

#include <optional>
#include <string>
#include <vector>

namespace holdfast::policy {

struct NeverHolds {
  std::string why;       // "value > usd("10") and value < usd("5") exclude each other"
  std::uint32_t at = 0;  // Where in the condition.
};

// A condition that is false whatever the variables are. `policy` may still be read: its windows and lists have to be there.
std::optional<NeverHolds> never_holds(const Policy& policy, const cel::Checked& condition);

// Rules that always hold; rules that add nothing, because another holds whenever they do and asks for as much. In words.
std::vector<std::string> findings(const Policy& policy);

}  // namespace holdfast::policy
