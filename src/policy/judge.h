// Judges withdrawals by a policy: what is known of one goes in, a verdict comes out.
//
// Every rule and detector is evaluated. One whose condition cannot be told (no price, no labels, no such key) counts as holding: fail
// closed. Judging changes no grade: climbs() tells what a verdict raises, and the caller raises it when the verdict is durable.
#pragma once

#include "policy/cel/run/machine.h"
#include "policy/policy.h"

#include <functional>
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
  // Of a variable sent(). Negative, or over kMostAmount: unavailable.
  void amount(std::uint32_t slot, AssetAmount amount);
  // What the withdrawal sends: so many units of the asset that is called so, and of all others nothing. Unavailable is what it sends of an
  // asset that `is_there` does not know: a policy that has a name wrong must not wait for it for ever.
  void sent(std::string_view symbol, Amount units, unsigned decimals, const std::function<bool(const std::string& symbol)>& is_there);
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
  // Takes over all values of another of the same policy, which has to outlive this one.
  void like(const Inputs& other) { values_ = other.values_; }
  // As if the destination, alone and with whatever a window of length "ever" has it in a pair with, had been paid for the first time
  // so long ago. Where it was known already, only the age changes, and never to less; where it was not, once and the least that
  // its windows hold.
  void destination_known_for(std::int64_t ms);

  std::span<const cel::Value> values() const { return values_; }

 private:
  void window(const WindowUse& use, const risk::WindowValue& value, const risk::KeyTimes& times, Instant at);

  const Policy& policy_;
  std::vector<cel::Value> values_;  // By slot.
  std::vector<Usd> money_;          // By slot, of those that are money.
  std::vector<AssetAmount> amounts_;  // By slot, of those that are amounts.
  std::vector<cel::Value> labels_;
};

// What alone might have been otherwise for a withdrawal to be allowed, all else equal. Each was judged, so it is never a guess; none:
// nothing was found that would do.
struct WhyNot {
  // Worth no more than this: the largest amount found, in whole cents, less than what is asked for.
  std::optional<Usd> up_to;
  // Asked for at this moment instead, nothing else having happened until then, and at the same price: the earliest found, a whole
  // minute at most 30 days ahead. Ages grow, windows slide, grades decay. It does not count itself: who asks again has asked twice.
  std::optional<Instant> from;
  // To a destination that is known for so long: the least found, in whole minutes. As Inputs::destination_known_for().
  std::optional<std::int64_t> destination_age_ms;
  friend bool operator==(const WhyNot&, const WhyNot&) = default;
};

// The inputs of the same withdrawal had it been asked for at that moment; of windows those of some groups at least (a bit for each).
// Null: that cannot be told. Good until it is asked again.
using Later = std::function<const Inputs*(Instant at, std::uint64_t groups)>;

class Judge {
 public:
  // The policy has to outlive it and stay where it is. One judge serves one thread at a time.
  explicit Judge(const Policy& policy) : policy_(policy) {}
  explicit Judge(const Policy&&) = delete;

  // `now` is when it is judged, for the decay of grades.
  Verdict judge(const Inputs& inputs, const Grades& grades, const Subjects& subjects, Instant now);
  // As where no grade stands and everybody is known: a detector that fires asks for its first step.
  Verdict judge(const Inputs& inputs);

  // For a withdrawal that is not allowed; of one that is, nothing is told. What holds whatever one might change ends a search at once;
  // else each judges up to kMostJudgings times: not on a hot path. `later` may be none.
  WhyNot why_not(const Inputs& inputs, const Grades& grades, const Subjects& subjects, Instant now, const Later& later);
  static constexpr unsigned kMostJudgings = 128;
  // The parts of it.
  std::optional<Usd> allowed_up_to(const Inputs& inputs, const Grades& grades, const Subjects& subjects, Instant now);
  std::optional<Usd> allowed_up_to(const Inputs& inputs);
  std::optional<Instant> allowed_from(const Inputs& inputs, const Grades& grades, const Subjects& subjects, Instant now,
                                      const Later& later);
  std::optional<std::int64_t> allowed_at_age(const Inputs& inputs, const Grades& grades, const Subjects& subjects, Instant now);

 private:
  void look_up(const Grades& grades, const Subjects& subjects, Instant now, Verdict* out);
  bool holds(const Condition& condition, std::span<const cel::Value> values);
  // Those that hold. Nothing is allowed while any does.
  std::vector<const Condition*> holding(std::span<const cel::Value> values);
  const Condition* first_holding(std::span<const cel::Value> values);
  std::string show_at(std::uint32_t slot, const cel::Value& value) const;
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
