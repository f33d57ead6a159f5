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

}  // namespace

Result<void> run_tests(const Policy& policy) {
  Judge judge(policy);
  for (const PolicyTest& test : policy.tests()) {
    Inputs inputs(policy);
    for (const auto& [slot, text] : test.texts) give_text(policy, inputs, slot, text);
    for (const auto& [slot, number] : test.numbers) inputs.set(slot, cel::Value::of(number));
    for (const auto& [slot, flag] : test.truths) inputs.set(slot, cel::Value::of(flag));
    for (const auto& [slot, labels] : test.lists) inputs.labels(labels);
    const Verdict verdict = judge.judge(inputs);
    std::vector<std::string> fired;
    for (const Fired& each : verdict.fired) fired.push_back(policy.rules()[each.rule].name);
    const bool same_rules = test.fired.empty() ? (verdict.fired.empty() || test.expect.outcome != Outcome::allow) : fired == test.fired;
    if (verdict.action == test.expect && same_rules) continue;
    return refuse("policy_test_failed", fmt::format("test \"{}\": expected {}{}, came {} by [{}]", test.name, write_action(test.expect),
                                                    test.fired.empty() ? "" : fmt::format(" by [{}]", fmt::join(test.fired, ", ")),
                                                    write_action(verdict.action), fmt::join(fired, ", ")));
  }
  return {};
}

}  // namespace holdfast::policy
