// Proofs about conditions, by trying to make their contrary hold: when every way to do so ends in a contradiction, they are proven.
// Without a proof nothing is said: neither that something holds nor that it does not.
#pragma once

#include "policy/analysis/condition.h"

namespace holdfast::policy {

// A condition fires when it is true or an error: when it is not_false.
enum class Wanted : std::uint8_t { is_true, is_false, not_true, not_false };

struct Goal {
  const Formula* formula = nullptr;
  Wanted wanted = Wanted::is_true;
};

struct Question {
  const Vocabulary& vocabulary;
  bool all_known = false;  // Every variable has a value.
};

// One way to contradict oneself: what atoms would have to be.
struct Conflict {
  struct Part {
    AtomId atom = 0;
    bool is_true = false;
    bool is_false = false;
  };
  std::vector<Part> atoms;
};

// No values of the variables (or lack of them) reach all goals at once. `conflict`, when it is given: the first that was met, with
// nothing in it that could be left out.
bool cannot_be(const Question& question, const std::vector<Goal>& goals, Effort& effort, Conflict* conflict = nullptr);

}  // namespace holdfast::policy
