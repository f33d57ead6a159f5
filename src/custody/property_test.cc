// Whatever happens, in whatever order: the laws hold, the books agree with the chain, nothing is paid twice.
#include "custody/test_coin_world.h"
#include "custody/test_world.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>
#include <variant>

namespace holdfast::custody {
namespace {

constexpr int kSteps = 400;

class Coverage {
 public:
  void add(const auto& world) {
    for (const Event& event : world.log()) kinds_.insert(event.body.index());
    refusals_.insert(world.refusals().begin(), world.refusals().end());
  }
  // The kinds of events that never came.
  std::set<std::size_t> missing() const {
    std::set<std::size_t> out;
    for (std::size_t kind = 0; kind < std::variant_size_v<EventBody>; ++kind) {
      if (!kinds_.contains(kind)) out.insert(kind);
    }
    return out;
  }

 private:
  std::set<std::size_t> kinds_;
  std::set<Refusal> refusals_;
};

TEST(property, laws_hold_whatever_happens) {
  Coverage coverage;
  EXPECT_TRUE(rc::check([&](std::uint64_t seed) {
    World world(seed, {});
    for (int i = 0; i < kSteps; ++i) {
      world.step();
      world.audit();
    }
    coverage.add(world);
    CoinWorld coins(seed, {});
    for (int i = 0; i < kSteps; ++i) coins.step();
    coverage.add(coins);
  }));
  EXPECT_EQ(coverage.missing(), std::set<std::size_t>{});
}

TEST(property, without_thieves_everything_comes_to_its_end) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    World world(seed, {.thieves = false, .deep_reorgs = false});
    for (int i = 0; i < kSteps; ++i) world.step();
    world.settle_down();
    for (const Incident& incident : world.state().incidents) {
      RC_ASSERT(incident.cause == IncidentCause::operator_report);  // no false alarm
    }
  }));
}

TEST(property, with_thieves_too_and_what_they_could_reach_is_rescued) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    World world(seed, {});
    for (int i = 0; i < kSteps; ++i) world.step();
    world.settle_down();
  }));
}

TEST(property, the_state_is_the_fold_of_its_events) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    World world(seed, {});
    for (int i = 0; i < kSteps; ++i) world.step();
    State again;
    for (const Event& event : world.log()) apply(again, event);
    RC_ASSERT(again == world.state());
  }));
}

}  // namespace
}  // namespace holdfast::custody
