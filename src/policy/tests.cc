// A policy's own tests.
#include "policy/cel/functions/civil_time.h"
#include "policy/judge.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace holdfast::policy {
namespace {

void give_text(const Policy& policy, Inputs& inputs, std::uint32_t slot, const std::string& text) {
  const cel::TypeId type = policy.domain().environment.variable(slot).type;
  if (type == policy.domain().usd_type()) return inputs.usd(slot, *read_usd(text));
  if (type == cel::types::kString) return inputs.text(slot, text);
  if (type == cel::types::kDuration) {
    std::int64_t nanos = 0;
    cel::read_duration(text, nanos);
    return inputs.set(slot, cel::Value::duration(nanos));
  }
  const auto at = cel::read_instant(text);
  inputs.set(slot, cel::Value::timestamp(at->seconds, at->nanos));
}

void give(const Policy& policy, Inputs& inputs, const PolicyTest& test) {
  inputs.nothing_before();
  inputs.labels({});
  for (const Slot slot : {kPriceAge, kLabelsAge, kChainLag}) inputs.age(slot, 0);
  for (const auto& [slot, text] : test.texts) give_text(policy, inputs, slot, text);
  for (const auto& [slot, number] : test.numbers) inputs.set(slot, cel::Value::of(number));
  for (const auto& [slot, flag] : test.truths) inputs.set(slot, cel::Value::of(flag));
  for (const auto& [slot, labels] : test.lists) inputs.labels(labels);
}

std::string outcome(const Demand& demand, const std::vector<std::string>& rules) {
  return fmt::format("{} by [{}]", write_demand(demand), fmt::join(rules, ", "));
}

}  // namespace

TestOutcome run_test(const Policy& policy, const PolicyTest& test) {
  Judge judge(policy);
  Inputs inputs(policy);
  give(policy, inputs, test);
  const Verdict verdict = judge.judge(inputs);
  std::vector<std::string> fired;
  for (const Fired& each : verdict.fired) fired.push_back(policy.rules()[each.rule].name);
  for (const Raised& each : verdict.raised) fired.push_back(policy.detectors()[each.detector].name);
  const bool passed = verdict.demand == test.expect && test.fired.value_or(fired) == fired;
  const std::string expected = test.fired ? outcome(test.expect, *test.fired) : write_demand(test.expect);
  return {passed, expected, outcome(verdict.demand, fired)};
}

Result<void> run_tests(const Policy& policy) {
  for (const PolicyTest& test : policy.tests()) {
    const TestOutcome done = run_test(policy, test);
    if (done.passed) continue;
    return refuse("policy_test_failed", fmt::format("test \"{}\": expected {}, came {}", test.name, done.expected, done.came));
  }
  return {};
}

}  // namespace holdfast::policy
