// What a restart depends on: the state is the fold of the records, from the first one as from any snapshot.
#include "custody/test_world.h"
#include "engine/record.h"
#include "engine/snapshot.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <vector>

namespace holdfast::engine {
namespace {

constexpr int kSteps = 400;

std::vector<Bytes> records_of(const custody::World& world) {
  std::vector<Bytes> records;
  for (const custody::Event& event : world.log()) records.push_back(encode(event));
  return records;
}

// Replays records [from, to) onto a snapshot.
void replay(Snapshot& snapshot, const std::vector<Bytes>& records, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; ++i) {
    const auto event = decode(records[i]);
    RC_ASSERT(event.has_value());
    custody::apply(snapshot.state, *event);
    snapshot.tree.append(journal::leaf_hash(records[i]));
  }
}

TEST(fold, of_the_records_is_the_state) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    custody::World world(seed, {});
    for (int i = 0; i < kSteps; ++i) world.step();
    const std::vector<Bytes> records = records_of(world);
    Snapshot whole;
    replay(whole, records, 0, records.size());
    RC_ASSERT(whole.state == world.state());
  }));
}

TEST(fold, from_a_snapshot_anywhere_is_the_same) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed, std::uint64_t cut) {
    custody::World world(seed, {});
    for (int i = 0; i < kSteps; ++i) world.step();
    const std::vector<Bytes> records = records_of(world);
    cut %= records.size() + 1;

    Snapshot early;
    replay(early, records, 0, cut);
    auto resumed = decode_snapshot(encode_snapshot(early.state, early.tree));
    RC_ASSERT(resumed.has_value());
    RC_ASSERT(resumed->state == early.state);
    replay(*resumed, records, cut, records.size());
    replay(early, records, cut, records.size());
    RC_ASSERT(resumed->state == world.state());
    RC_ASSERT(encode_snapshot(resumed->state, resumed->tree) == encode_snapshot(early.state, early.tree));
    custody::check(resumed->state);
  }));
}

}  // namespace
}  // namespace holdfast::engine
