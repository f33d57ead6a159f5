// Fuzzes the reader of policies. What is accepted judges anything without an error of types or of cost, and never allows more than it
// says: the amount that a verdict calls allowed is allowed.
#include "base/check.h"
#include "policy/judge.h"

#include <cstddef>
#include <cstdint>

namespace {

using namespace holdfast;
using namespace holdfast::policy;

void check_verdict(const Policy& policy, Inputs& inputs) {
  Judge judge(policy);
  const Verdict verdict = judge.judge(inputs);
  for (const Fired& fired : verdict.fired) {
    HF_CHECK(fired.error != cel::ErrorCode::no_such_overload && fired.error != cel::ErrorCode::unknown_name);
    HF_CHECK(fired.error != cel::ErrorCode::out_of_budget);
    HF_CHECK(!is_stricter(policy.rules()[fired.rule].then, verdict.action));
  }
  HF_CHECK((verdict.action.outcome == Outcome::allow) == verdict.fired.empty());
  if (!verdict.allowed_up_to) return;
  inputs.usd(kValue, *verdict.allowed_up_to);
  HF_CHECK(judge.judge(inputs).action.outcome == Outcome::allow);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto policy = Policy::read(as_text(ByteView(data, size)), "policy.toml");
  if (!policy) {
    HF_CHECK(policy.error().text.starts_with("policy.toml:"));
    return 0;
  }
  for (const PolicyTest& test : policy->tests()) HF_CHECK(!test.name.empty());
  (void)run_tests(*policy).has_value();
  Inputs inputs(*policy);
  check_verdict(*policy, inputs);
  inputs.usd(kValue, *read_usd("1234567.891"));
  inputs.usd(kWalletBalance, *read_usd("0"));
  inputs.text(kDestination, "0x01");
  inputs.time({1'767'225'600'123});
  check_verdict(*policy, inputs);
  return 0;
}
