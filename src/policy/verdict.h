// What a policy says of one withdrawal, and why.
#pragma once

#include "base/bytes.h"
#include "policy/cel/run/value.h"
#include "policy/domain.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::policy {

// From the mildest to the strictest: of several rules the strictest counts.
enum class Outcome : std::uint8_t {
  allow,
  delay,    // Until some time has passed.
  step_up,  // The customer confirms by a second factor.
  review,   // So many operators of a role look at it.
  deny,
};

struct Action {
  Outcome outcome = Outcome::allow;
  std::int64_t delay_ms = 0;    // delay
  std::uint32_t operators = 0;  // review
  std::string role;             // review
  friend bool operator==(const Action&, const Action&) = default;
};

// "deny", "delay 2h", "step up", "review 2 risk"; nothing when it is none of these. allow is what remains when no rule fires.
std::optional<Action> read_action(std::string_view text);
std::string write_action(const Action& action);
// Of two the stricter; of two delays the longer, of two reviews the one of more people, of one size the first.
bool is_stricter(const Action& a, const Action& b);

struct Fired {
  std::uint32_t rule = 0;                                 // Its place in the policy.
  cel::ErrorCode error = cel::ErrorCode::none;            // Set: whether it holds could not be told, and then it counts as holding.
  std::vector<std::pair<std::string, std::string>> saw;   // The variables that its condition names, with their values.
};

struct Verdict {
  Hash32 policy;       // Which policy said so.
  Action action;
  std::vector<Fired> fired;  // All, in the order of the policy.
  // What the withdrawal might have been worth, all else equal, to be allowed. None when it was, or when no smaller amount would be.
  std::optional<Usd> allowed_up_to;
};

}  // namespace holdfast::policy
