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
    HF_CHECK(both(policy.rules()[fired.rule].then, verdict.demand) == verdict.demand);
  }
  HF_CHECK(verdict.demand.allows() == verdict.fired.empty());
  HF_CHECK(read_demand(write_demand(verdict.demand)) == verdict.demand);
  const auto most = judge.allowed_up_to(inputs);
  if (!most) return;
  inputs.usd(kValue, *most);
  HF_CHECK(judge.judge(inputs).demand.allows());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto policy = Policy::read(as_text(ByteView(data, size)), "policy.toml");
  if (!policy) {
    HF_CHECK(policy.error().text.starts_with("policy.toml:"));
    return 0;
  }
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
