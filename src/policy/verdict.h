// What a policy says of one withdrawal, and why.
#pragma once

#include "base/bytes.h"
#include "policy/cel/run/value.h"
#include "policy/grades.h"

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
// "90m": a length of time in the largest unit that divides it.
std::string write_length(std::int64_t ms);

struct Fired {
  std::uint32_t rule = 0;                                // Its place in the policy.
  cel::ErrorCode error = cel::ErrorCode::none;           // Set: whether it holds could not be told, and then it counts as holding.
  std::vector<std::pair<std::string, std::string>> saw;  // The variables that its condition names, with their values.
};

// A detector that fired.
struct Raised {
  std::uint32_t detector = 0;  // Its place in the policy.
  std::uint32_t step = 1;      // From 1: what the withdrawal has the demand of. One more than stood before, or the last.
  bool freeze = false;         // It is a freeze: the subject is frozen from now on.
  // False: it asks for this once, and the subject climbs nothing. For whether it holds could not be told, which is no sign of a
  // thief, or the withdrawal has no subject of the detector's scope.
  bool climbs = true;
  cel::ErrorCode error = cel::ErrorCode::none;           // As of Fired.
  std::vector<std::pair<std::string, std::string>> saw;
};

// A grade that stood before the withdrawal, and that it has the demand of.
struct Standing {
  Scope scope = Scope::platform;
  std::string detector;
  Grade grade;
  std::uint32_t step = 0;  // Now.
};

struct Verdict {
  Hash32 policy;  // Which policy said so.
  Demand demand;
  std::vector<Fired> fired;        // All, in the order of the policy.
  std::vector<Raised> raised;      // Likewise.
  std::vector<Standing> standing;  // Of all its subjects.
  bool frozen = false;             // By a grade that stood before: some subject is, and people have to lift it first.
};

// What a withdrawal of a frozen subject has to have beside: a freeze is lifted by people, and so is what it caught.
const Demand& frozen_demand();

}  // namespace holdfast::policy
