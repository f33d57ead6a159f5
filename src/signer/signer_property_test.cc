// For any sequence of requests, true or false: no withdrawal is signed for two destinations or at two places, no place
// carries two withdrawals, and no day is over its limits. Judged from the signed bytes alone, without the signer's
// memory.
#include "signer/test_world.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <set>

namespace holdfast::signer::test {
namespace {

struct Step {
  std::uint64_t id;
  std::uint8_t payee;
  std::int64_t milli;
  std::uint64_t nonce;
  int shape;  // 0 Safe, 1 hot wallet, 2 burn of the Safe's nonce, 3 of the hot wallet's, 4 a restart
  std::int64_t minutes;
  std::uint64_t gas;  // Of the account's transaction, at 50 gwei: 0.015, 0.1 or 0.15 ETH.
};

rc::Gen<Step> step() {
  return rc::gen::build<Step>(
      rc::gen::set(&Step::id, rc::gen::inRange<std::uint64_t>(1, 6)),
      rc::gen::set(&Step::payee, rc::gen::inRange<std::uint8_t>(20, 23)),
      rc::gen::set(&Step::milli, rc::gen::element<std::int64_t>(1'000, 9'000, 10'000, 10'001)),
      rc::gen::set(&Step::nonce, rc::gen::inRange<std::uint64_t>(0, 5)),
      rc::gen::set(&Step::shape, rc::gen::weightedElement<int>({{8, 0}, {8, 1}, {1, 2}, {1, 3}, {1, 4}})),
      rc::gen::set(&Step::minutes, rc::gen::inRange<std::int64_t>(0, 400)),
      rc::gen::set(&Step::gas, rc::gen::element<std::uint64_t>(300'000, 2'000'000, 3'000'000)));
}

Draft draft_of(const Step& step, Instant now) {
  const Address20 payee = place(step.payee);
  const Amount amount = coins(step.milli);
  Draft out = step.shape == 0   ? safe_coins(step.id, amount, payee)
              : step.shape == 1 ? hot_coins(step.id, amount, payee)
              : step.shape == 2 ? safe_burn()
                                : hot_burn();
  out.request.set_safe_nonce(step.nonce);
  out.outer.nonce = step.nonce;
  out.outer.gas = step.gas;
  if (step.shape < 2) out.request.mutable_withdrawal()->set_approval_expires_ms((now + 1).unix_ms);
  return out;
}

// What an outsider can read off the signatures.
class Auditor {
 public:
  void saw(const Step& step, Instant now) {
    const Spot spot{step.shape % 2, step.nonce};
    if (step.shape % 2 == 1) saw_fees(step, now);
    if (step.shape >= 2) {
      burned_.insert(spot);
      return;
    }
    RC_ASSERT(!burned_.contains(spot));
    const Paid paid{spot, step.payee, step.milli};
    const auto [known, is_new] = paid_.try_emplace(step.id, paid);
    RC_ASSERT(known->second == paid);
    RC_ASSERT(at_.try_emplace(spot, step.id).first->second == step.id);
    if (is_new) outflow_.emplace_back(now, step.milli);
    std::int64_t day = 0;
    for (const auto& [at, milli] : outflow_) day += now - at < kMsPerDay ? milli : 0;
    RC_ASSERT(day <= 25'000);
    RC_ASSERT(step.milli <= 10'000);
  }

 private:
  void saw_fees(const Step& step, Instant now) {
    fees_.push_back({now, step.nonce, step.gas * 50});
    std::map<std::uint64_t, std::uint64_t> dearest;
    for (const auto& [at, nonce, fees] : fees_) {
      if (now - at < kMsPerDay) dearest[nonce] = std::max(dearest[nonce], fees);
    }
    std::uint64_t day = 0;
    for (const auto& [nonce, fees] : dearest) day += fees;
    RC_ASSERT(day <= 500'000'000);  // gwei
  }

  using Spot = std::pair<int, std::uint64_t>;
  using Paid = std::tuple<Spot, std::uint8_t, std::int64_t>;
  std::map<std::uint64_t, Paid> paid_;
  std::map<Spot, std::uint64_t> at_;
  std::set<Spot> burned_;
  std::vector<std::pair<Instant, std::int64_t>> outflow_;
  std::vector<std::tuple<Instant, std::uint64_t, std::uint64_t>> fees_;
};

TEST(SignerProperty, pays_once_and_within_its_limits_whatever_is_asked) {
  const bool holds = rc::check([] {
    World world;
    Auditor auditor;
    std::size_t signatures = 0;
    for (const Step& step : *rc::gen::container<std::vector<Step>>(30, step())) {
      world.clock.at = world.clock.at + step.minutes * kMinute;
      if (step.shape == 4) {
        world.reopen();
        continue;
      }
      if (world.sign(draft_of(step, world.clock.at)).signature().empty()) continue;
      ++signatures;
      auditor.saw(step, world.clock.at);
    }
    RC_CLASSIFY(signatures > 5);
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace holdfast::signer::test
