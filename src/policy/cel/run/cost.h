// The most that an expression can cost, from the bounds of its variables. Nothing is run.
//
//   cost = instructions of the program
//        + for each loop: turns * instructions of its body
//        + for each part that looks at text, elements or entries: what the machine charges for it, as often as it is reached
#pragma once

#include "policy/cel/check/resolve.h"

#include <optional>
#include <vector>

namespace holdfast::policy::cel {

// What the compiler knows of the program.
struct CostPlan {
  std::uint64_t code_size = 0;
  std::vector<std::uint64_t> loop_costs;  // By node: what a turn of the loop is charged.
};

// Saturates at kUnbounded.
std::uint64_t cost_bound(const Resolved& resolved, const std::vector<std::optional<std::uint32_t>>* overloads,
                         const Environment& environment, const CostPlan& plan);

}  // namespace holdfast::policy::cel
