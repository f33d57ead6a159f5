// What a policy says of one withdrawal, and why.
#pragma once

#include "base/bytes.h"
#include "policy/cel/run/value.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::policy {

// What must happen before a withdrawal goes on. Nothing of it: it is allowed.
struct Demand {
  bool deny = false;                           // Then nothing else is set.
  std::map<std::string, std::uint32_t> review;  // By role: how many operators have to agree.
  bool step_up = false;                        // The customer confirms by a second factor.
  std::int64_t delay_ms = 0;

  bool allows() const { return *this == Demand{}; }
  friend bool operator==(const Demand&, const Demand&) = default;
};

// All that either asks for: a stricter rule never takes away what a milder one wanted.
Demand both(const Demand& a, const Demand& b);

// "allow", "deny", or "review 2 risk", "step up", "delay 2h", in any number and order, with commas; nothing when it is none of these.
std::optional<Demand> read_demand(std::string_view text);
// From the strictest on.
std::string write_demand(const Demand& demand);

struct Fired {
  std::uint32_t rule = 0;                                // Its place in the policy.
  cel::ErrorCode error = cel::ErrorCode::none;           // Set: whether it holds could not be told, and then it counts as holding.
  std::vector<std::pair<std::string, std::string>> saw;  // The variables that its condition names, with their values.
};

struct Verdict {
  Hash32 policy;  // Which policy said so.
  Demand demand;
  std::vector<Fired> fired;  // All, in the order of the policy.
};

}  // namespace holdfast::policy
