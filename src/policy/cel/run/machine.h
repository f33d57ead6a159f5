// Runs compiled expressions. Reads no clock and no file, takes no more memory and time than it is allowed, and gives the same
// result everywhere.
//
// One machine serves one thread at a time. It keeps its memory from one evaluation to the next.
#pragma once

#include "policy/cel/run/program.h"

#include <span>

namespace holdfast::policy::cel {

inline constexpr std::size_t kDefaultMemory = 1 << 20;
inline constexpr std::uint64_t kDefaultBudget = 1'000'000;

class Machine {
 public:
  explicit Machine(std::size_t memory_limit = kDefaultMemory) : memory_(memory_limit) {}

  // `inputs`: a value for each variable of the environment, by slot. A variable without one is an error value (unavailable,
  // unknown_name), which counts only where it is needed. The result is good until the next evaluation; it may borrow from inputs
  // and program. `host` reaches the domain's functions.
  Value evaluate(const Program& program, std::span<const Value> inputs, std::uint64_t budget = kDefaultBudget,
                 const void* host = nullptr);

  // Of the last evaluation.
  std::uint64_t spent() const { return spent_; }
  std::size_t memory_used() const { return memory_.used(); }

 private:
  Arena memory_;
  std::vector<Value> temporaries_;
  std::uint64_t spent_ = 0;
};

// A part of a program that needs no inputs: from `begin` on, until it finishes. The result lies in `memory`. For the compiler.
// `temporaries` is room for it.
Value evaluate_constant(const Program& program, std::size_t begin, std::vector<Value>& temporaries, Arena& memory, std::uint64_t budget,
                        std::uint64_t& spent);

}  // namespace holdfast::policy::cel
