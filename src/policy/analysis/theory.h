// What is taken for granted of atoms at one point of a proof, and whether it can be.
#pragma once

#include "policy/analysis/prove.h"

#include <map>
#include <set>

namespace holdfast::policy {

// What an atom may still be, as a set.
inline constexpr std::uint8_t kTrue = 1;
inline constexpr std::uint8_t kFalse = 2;
inline constexpr std::uint8_t kError = 4;

using Assumed = std::map<AtomId, std::uint8_t>;

// An atom that cannot be an error, because all that it needs is known and its sums stay in their bounds, loses that possibility in
// `assumed`.
bool is_contradictory(const Question& question, Assumed& assumed, Effort& effort);

}  // namespace holdfast::policy
