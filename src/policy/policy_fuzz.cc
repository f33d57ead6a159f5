// Fuzzes the reader of policies. What is accepted judges anything without an error of types or of cost, never allows more than it
// says (what is called allowed is), and what its detectors raise never makes the next verdict milder.
#include "base/check.h"
#include "policy/compare.h"
#include "policy/judge.h"

#include <cstddef>
#include <cstdint>

namespace {

using namespace holdfast;
using namespace holdfast::policy;

void check_error(cel::ErrorCode error) {
  HF_CHECK(error != cel::ErrorCode::no_such_overload && error != cel::ErrorCode::unknown_name && error != cel::ErrorCode::out_of_budget);
}

bool holds(const Demand& part, const Demand& whole) { return both(part, whole) == whole; }

// As if this withdrawal came again and again.
void check_climbing(const Policy& policy, const Inputs& inputs) {
  Judge judge(policy);
  Subjects subjects;
  subjects.set(Scope::customer, "somebody");
  Grades grades;
  Demand last;
  for (std::size_t i = 0; i <= kMaxSteps; ++i) {
    const Verdict verdict = judge.judge(inputs, grades, subjects, {});
    HF_CHECK(holds(last, verdict.demand));
    last = verdict.demand;
    for (const auto& [key, grade] : climbs(policy, verdict, subjects, {})) grades.raise(key, grade);
  }
}

// Whatever is said to flip the verdict does.
void check_why_not(const Policy& policy, const Inputs& inputs) {
  Judge judge(policy);
  Inputs other(policy);
  const Later later = [&](Instant at, std::uint64_t) {
    other.like(inputs);
    other.time(at);
    other.since_reset(at.unix_ms);
    return &other;
  };
  const WhyNot told = judge.why_not(inputs, {}, {}, {}, later);
  if (told.from) HF_CHECK(judge.judge(*later(*told.from, 0)).demand.allows());
  other.like(inputs);
  if (told.up_to) other.usd(kValue, *told.up_to);
  HF_CHECK(!told.up_to || judge.judge(other).demand.allows());
  other.like(inputs);
  if (told.destination_age_ms) other.destination_known_for(*told.destination_age_ms);
  HF_CHECK(!told.destination_age_ms || judge.judge(other).demand.allows());
}

void check_verdict(const Policy& policy, const Inputs& inputs) {
  Judge judge(policy);
  const Verdict verdict = judge.judge(inputs);
  for (const Fired& fired : verdict.fired) {
    check_error(fired.error);
    HF_CHECK(holds(policy.rules()[fired.rule].then, verdict.demand));
  }
  for (const Raised& raised : verdict.raised) {
    check_error(raised.error);
    HF_CHECK(raised.step == 1 && holds(policy.detectors()[raised.detector].steps[0].demand, verdict.demand));
  }
  check_climbing(policy, inputs);
  HF_CHECK(verdict.demand.allows() == (verdict.fired.empty() && verdict.raised.empty()));
  HF_CHECK(read_demand(write_demand(verdict.demand)) == verdict.demand);
  check_why_not(policy, inputs);
}

// A policy is as strict as itself.
void check_comparison(const Policy& policy, std::string_view text) {
  const auto same = Policy::read_untested(std::string(text) + "\n#", "policy.toml");
  if (!same) return;  // It was as long as one may be.
  const Comparison compared = compare(policy, *same);
  HF_CHECK(compared.loosens.empty() && !compared.tightens && compared.differences.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto policy = Policy::read(as_text(ByteView(data, size)), "policy.toml");
  if (!policy) {
    HF_CHECK(policy.error().text.starts_with("policy.toml:"));
    return 0;
  }
  check_comparison(*policy, as_text(ByteView(data, size)));
  Inputs inputs(*policy);
  check_verdict(*policy, inputs);
  inputs.usd(kValue, *read_usd("1234567.891"));
  inputs.usd(kWalletBalance, *read_usd("0"));
  inputs.text(kDestination, "0x01");
  inputs.time({1'767'225'600'123});
  inputs.nothing_before();
  inputs.labels({});
  check_verdict(*policy, inputs);
  return 0;
}
