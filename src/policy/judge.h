// Judges withdrawals by a policy: what is known of one goes in, a verdict comes out.
//
// Every rule is evaluated. One whose condition cannot be told (no price, over budget) counts as holding: fail closed.
#pragma once

#include "policy/cel/run/machine.h"
#include "policy/policy.h"

#include <deque>

namespace holdfast::policy {

// A value for each variable of a policy. What was not given is unavailable, windows are empty, labels none.
class Inputs {
 public:
  explicit Inputs(const Policy& policy);

  void usd(std::uint32_t slot, Usd money);
  // Borrowed. Longer than kMaxText: stays unavailable.
  void text(std::uint32_t slot, std::string_view text);
  void labels(const std::vector<std::string>& categories);  // Borrowed. More than kMaxLabels: unavailable.
  void time(Instant at);
  void set(std::uint32_t slot, cel::Value value) { values_[slot] = value; }
  // All windows' variables, as of `at`.
  void look(const risk::Look& look, Instant at);

  std::span<const cel::Value> values() const { return values_; }

 private:
  const Policy& policy_;
  std::vector<cel::Value> values_;  // By slot.
  std::vector<Usd> money_;          // By slot, of those that are money.
  std::vector<cel::Value> labels_;
};

class Judge {
 public:
  // The policy has to outlive it. One judge serves one thread at a time.
  explicit Judge(const Policy& policy) : policy_(policy) {}

  Verdict judge(const Inputs& inputs);

 private:
  Action strictest(const Inputs& inputs, std::vector<Fired>* fired);
  std::optional<Usd> allowed_up_to(const Inputs& inputs);

  const Policy& policy_;
  cel::Machine machine_;
};

// The first test of a policy's own that does not pass: refusal `policy_test_failed`, with what was expected and what came.
Result<void> run_tests(const Policy& policy);

std::string show(const Domain& domain, const cel::Value& value);

}  // namespace holdfast::policy
