// Coins, whatever happens, in whatever order: the laws hold, the books agree with the chain, nothing is paid twice.
#include "custody/test_coin_world.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>
#include <variant>

namespace holdfast::custody {
namespace {

constexpr int kSteps = 400;

TEST(coin_property, laws_hold_whatever_happens) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    CoinWorld world(seed, {});
    for (int i = 0; i < kSteps; ++i) {
      world.step();
      world.audit();
    }
  }));
}

TEST(coin_property, without_thieves_everything_comes_to_its_end) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    CoinWorld world(seed, {.thieves = false, .deep_reorgs = false});
    for (int i = 0; i < kSteps; ++i) world.step();
    world.settle_down();
    for (const Incident& incident : world.state().incidents) {
      RC_ASSERT(incident.cause == IncidentCause::operator_report);  // no false alarm
    }
  }));
}

TEST(coin_property, with_thieves_too_and_what_they_could_reach_is_rescued) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    CoinWorld world(seed, {.thieves = true, .deep_reorgs = false});
    for (int i = 0; i < kSteps; ++i) world.step();
    world.settle_down();
  }));
}

// Otherwise what the others say of children says nothing.
TEST(coin_property, children_do_come_and_go_either_way) {
  std::size_t mined = 0, in_vain = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CoinWorld world(seed, {.thieves = false, .deep_reorgs = false});
    for (int i = 0; i < kSteps; ++i) world.step();
    world.settle_down();
    std::set<CoinId> expected;
    for (const Event& event : world.log()) {
      if (const auto* coin = std::get_if<CoinExpected>(&event.body)) expected.insert(coin->coin.id);
    }
    for (const Spend& spend : world.state().spends) {
      if (spend.inputs.empty() || !expected.contains(spend.inputs.front())) continue;
      const bool never_came = world.state().coins.at(spend.inputs.front()).state == CoinState::orphaned;
      if (spend.state == SpendState::settled) ++mined;
      if (spend.state == SpendState::superseded && never_came) ++in_vain;
    }
  }
  EXPECT_GT(mined, 20u);
  EXPECT_GT(in_vain, 3u);  // another attempt of the parent was mined
}

TEST(coin_property, the_state_is_the_fold_of_its_events) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    CoinWorld world(seed, {});
    for (int i = 0; i < kSteps; ++i) world.step();
    State again;
    for (const Event& event : world.log()) apply(again, event);
    RC_ASSERT(again == world.state());
  }));
}

}  // namespace
}  // namespace holdfast::custody
