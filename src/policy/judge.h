// Judges withdrawals by a policy: what is known of one goes in, a verdict comes out.
//
// Every rule and detector is evaluated. One whose condition cannot be told (no price, no labels, no such key) counts as holding: fail
// closed. Judging changes no grade: climbs() tells what a verdict raises, and the caller raises it when the verdict is durable.
#pragma once

#include "policy/cel/run/machine.h"
#include "policy/policy.h"

#include <span>

namespace holdfast::policy {

// A value for each variable of a policy. What was not given is unavailable. From the start there are the policy's own lists, and what an
// exchange that says nothing of its customer says: no device, ip or api_key (empty texts), and no reset ever.
// The policy has to outlive it and stay where it is.
class Inputs {
 public:
  explicit Inputs(const Policy& policy);
  explicit Inputs(const Policy&&) = delete;
  Inputs(const Inputs&) = delete;  // Values borrow from it.
  Inputs& operator=(const Inputs&) = delete;

  // Negative, or over kMostMoney: unavailable.
  void usd(std::uint32_t slot, Usd money);
  // Borrowed. Longer than kMaxText, or no UTF-8: unavailable.
  void text(std::uint32_t slot, std::string_view text);
  // Borrowed. None are given by an empty list. More than kMaxLabels, or one that text() would not take: unavailable.
  void labels(std::span<const std::string> categories);
  void time(Instant at);
  // None: never, or the exchange did not say.
  void since_reset(std::optional<std::int64_t> ms);
  // How old what the verdict rests on is: kPriceAge, kLabelsAge or kChainLag. None: unavailable. Less than 0 is 0.
  void age(Slot slot, std::optional<std::int64_t> ms);
  // What a test of the policy says. Borrowed.
  void set(std::uint32_t slot, cel::Value value) { values_[slot] = value; }
  // All windows' variables, as Windows::look() tells them of `fact`. Windows of keys that it has not are unavailable.
  void look(const risk::Look& look, const risk::Fact& fact);
  // As of keys that nothing is known of.
  void nothing_before();

  std::span<const cel::Value> values() const { return values_; }

 private:
  void window(const WindowUse& use, const risk::WindowValue& value, const risk::KeyTimes& times, Instant at);

  const Policy& policy_;
  std::vector<cel::Value> values_;  // By slot.
  std::vector<Usd> money_;          // By slot, of those that are money.
  std::vector<cel::Value> labels_;
};

class Judge {
 public:
  // The policy has to outlive it and stay where it is. One judge serves one thread at a time.
  explicit Judge(const Policy& policy) : policy_(policy) {}
  explicit Judge(const Policy&&) = delete;

  // `now` is when it is judged, for the decay of grades.
  Verdict judge(const Inputs& inputs, const Grades& grades, const Subjects& subjects, Instant now);
  // As where no grade stands and everybody is known: a detector that fires asks for its first step.
  Verdict judge(const Inputs& inputs);

  // What the withdrawal might have been worth, all else equal, to be allowed: the largest amount found, in whole cents, less than what
  // is asked for. None when it is allowed as it is, or no such amount is (a grade that stands asks whatever the amount). Judges some
  // sixty times, up to 128: not on a hot path.
  std::optional<Usd> allowed_up_to(const Inputs& inputs, const Grades& grades, const Subjects& subjects, Instant now);
  std::optional<Usd> allowed_up_to(const Inputs& inputs);

 private:
  void look_up(const Grades& grades, const Subjects& subjects, Instant now, Verdict* out);
  template <class OnFired, class OnRaised>
  Demand demanded(std::span<const cel::Value> values, const OnFired& on_fired, const OnRaised& on_raised);
  std::vector<std::pair<std::string, std::string>> saw(const Condition& condition, const Inputs& inputs) const;

  const Policy& policy_;
  cel::Machine machine_;
  // Of the withdrawal that is judged:
  Demand standing_;                   // What grades that stand ask for.
  std::vector<std::uint32_t> steps_;  // By detector: the step that its subject stands on.
};

// What the verdict's detectors raise, for the caller to write down and Grades::raise() to make true. `subjects` and `now` as it
// was judged with.
std::vector<std::pair<GradeKey, Grade>> climbs(const Policy& policy, const Verdict& verdict, const Subjects& subjects, Instant now);

struct TestOutcome {
  bool passed = false;
  std::string expected;  // "deny by [sanctioned]"; without the names where the test says none.
  std::string came;
};
TestOutcome run_test(const Policy& policy, const PolicyTest& test);

// Runs the policy's own tests; Policy::read() does. The first that does not pass: refusal `policy_test_failed`, with what was
// expected and what came.
Result<void> run_tests(const Policy& policy);

std::string show(const Domain& domain, const cel::Value& value);

}  // namespace holdfast::policy
