// The windows against a slow second mind that keeps every fact and counts anew at every question.
#include "risk/windows.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>

namespace holdfast::risk {
namespace {

const std::vector<GroupSpec>& specs() {
  static const std::vector<GroupSpec> all = {
      {{KeyKind::customer}, {{50, true, true, KeyKind::destination}, {7, true, false, {}}, {kEver, false, false, {}}}},
      {{KeyKind::destination}, {{200, false, true, KeyKind::customer}, {1, false, false, KeyKind::asset}}},
      {{KeyKind::asset, KeyKind::destination}, {{30, true, true, KeyKind::customer}}},
      {{KeyKind::wallet}, {{kEver, false, false, {}}, {3, true, false, KeyKind::wallet}}},
      {{KeyKind::customer}, {{50, true, true, KeyKind::destination}, {kEver, false, false, {}}}, Stream::deposits, {}},
      {{KeyKind::customer}, {{50, true, false, KeyKind::customer}}, Stream::withdrawals, {20, 40}},
      {{KeyKind::destination, KeyKind::wallet}, {{30, false, true, KeyKind::asset}}, Stream::deposits, {0, 9}},
  };
  return all;
}

class SlowMind {
 public:
  void add(Fact fact) {
    now_ = std::max(now_, fact.at);
    fact.at = now_;
    facts_.push_back(fact);
  }

  Look look(const Fact& asked) {
    now_ = std::max(now_, asked.at);
    Look out;
    for (const GroupSpec& group : specs()) {
      std::vector<Fact> same;
      for (const Fact& fact : facts_) {
        const auto agrees = [&](KeyKind kind) { return asked.key(kind) != 0 && fact.key(kind) == asked.key(kind); };
        const bool counts = fact.of == group.over && group.band.least <= fact.value && fact.value <= group.band.most;
        if (counts && std::ranges::all_of(group.keys, agrees)) same.push_back(fact);
      }
      out.groups.push_back(times(group, same));
      for (const WindowSpec& window : group.windows) out.windows.push_back(value(window, same));
    }
    return out;
  }

 private:
  static constexpr std::int64_t kLongest = 200;

  KeyTimes times(const GroupSpec& group, const std::vector<Fact>& same) const {
    const bool ever = std::ranges::any_of(group.windows, [](const WindowSpec& w) { return w.length_ms == kEver; });
    if (same.empty() || (!ever && now_ - same.back().at >= kLongest)) return {};
    // Known without a gap of a whole longest window.
    std::size_t first = same.size() - 1;
    while (first > 0 && (ever || same[first].at - same[first - 1].at < kLongest)) --first;
    return {same[first].at, same.back().at};
  }

  WindowValue value(const WindowSpec& window, const std::vector<Fact>& same) const {
    WindowValue out;
    std::vector<std::int64_t> values;
    std::set<std::uint64_t> others;
    for (const Fact& fact : same) {
      if (window.length_ms != kEver && now_ - fact.at >= window.length_ms) continue;
      values.push_back(fact.value);
      out.sum += fact.value;
      if (window.distinct && fact.key(*window.distinct) != 0) others.insert(fact.key(*window.distinct));
    }
    out.count = values.size();
    out.distinct = others.size();
    if (values.empty()) return out;
    std::ranges::sort(values);
    if (window.extremes) out.least = values.front(), out.greatest = values.back();
    if (!window.profile) return out;
    out.median = values[(values.size() - 1) / 2];
    for (std::int64_t& one : values) one = std::abs(one - out.median);
    std::ranges::sort(values);
    out.median_distance = values[(values.size() - 1) / 2];
    return out;
  }

  std::vector<Fact> facts_;
  Instant now_{INT64_MIN / 2};
};

// Few keys, values that a profile tells exactly, and steps of time at which windows begin and end.
Fact arbitrary_fact(std::uint64_t seed, std::int64_t& clock) {
  const auto pick = [&](std::uint64_t below) {
    const std::uint64_t out = seed % below;
    seed = seed / below + 0x9E37'79B9'7F4A'7C15U * (out + 1);
    return out;
  };
  constexpr std::int64_t kSteps[] = {0, 0, 0, 1, 1, 2, 6, 7, 29, 30, 49, 50, -5, 200};
  Fact fact;
  clock += kSteps[pick(std::size(kSteps))];
  fact.at = {clock};
  fact.value = static_cast<std::int64_t>(pick(60));
  for (std::uint64_t& key : fact.keys) key = pick(4);
  fact.of = pick(3) == 0 ? Stream::deposits : Stream::withdrawals;
  return fact;
}

// From each number that rapidcheck gives several facts, so that windows fill and empty many times.
std::vector<std::uint64_t> stretched(const std::vector<std::uint64_t>& seeds) {
  std::vector<std::uint64_t> out;
  for (const std::uint64_t seed : seeds) {
    for (std::uint64_t i = 1; i <= 8; ++i) out.push_back((seed + i) * 0xD6E8'FEB8'6659'FD93U >> 3);
  }
  return out;
}

TEST(windows_property, are_what_the_slow_mind_says) {
  EXPECT_TRUE(rc::check([](const std::vector<std::uint64_t>& seeds) {
    Windows windows = std::move(*Windows::make(specs()));
    SlowMind slow;
    std::int64_t clock = 1'700'000'000'000;
    Look seen;
    for (const std::uint64_t seed : stretched(seeds)) {
      const Fact fact = arbitrary_fact(seed, clock);
      if (seed % 5 < 3) {
        windows.add(fact);
        slow.add(fact);
      }
      windows.look(fact, seen);
      RC_ASSERT(seen == slow.look(fact));
    }
  }));
}

Fact later(Fact fact, std::int64_t ms) {
  fact.at = fact.at + ms;
  return fact;
}

// Nothing happens, and then one looks: that is what was told beforehand.
TEST(windows_property, look_ahead_is_what_is_seen_later) {
  constexpr std::int64_t kAhead[] = {-3, 0, 1, 3, 6, 7, 29, 30, 49, 50, 120, 199, 200, 1000};
  EXPECT_TRUE(rc::check([&](const std::vector<std::uint64_t>& seeds) {
    Windows windows = std::move(*Windows::make(specs()));
    SlowMind slow;
    std::int64_t clock = 1'700'000'000'000;
    Look now, then, now_again;
    for (const std::uint64_t seed : stretched(seeds)) {
      const Fact fact = arbitrary_fact(seed, clock);
      windows.add(fact);
      slow.add(fact);
      if (seed % 4 != 0) continue;
      const Fact asked = arbitrary_fact(seed / 7, clock);
      windows.look(asked, now);
      for (const std::int64_t ms : kAhead) {
        std::size_t walk = 10'000;
        RC_ASSERT(windows.look_ahead(asked, asked.at + ms, Windows::kAllGroups, walk, then));
        SlowMind waits = slow;
        waits.look(asked);
        RC_ASSERT(then == waits.look(later(asked, ms)));
        Look some = now;
        std::size_t enough = 10'000;
        RC_ASSERT(windows.look_ahead(asked, asked.at + ms, 0b101, enough, some));
        RC_ASSERT(some.groups[0] == then.groups[0] && some.groups[1] == now.groups[1] && some.groups[2] == then.groups[2]);
        RC_ASSERT(some.windows[1] == then.windows[1] && some.windows[3] == now.windows[3] && some.windows[5] == then.windows[5]);
        std::size_t just_enough = 10'000 - walk;
        RC_ASSERT(windows.look_ahead(asked, asked.at + ms, Windows::kAllGroups, just_enough, then) && just_enough == 0);
        std::size_t too_few = 10'000 - walk - 1;
        RC_ASSERT(walk == 10'000 || !windows.look_ahead(asked, asked.at + ms, Windows::kAllGroups, too_few, then));
      }
      slow.look(asked);
      windows.look(asked, now_again);
      RC_ASSERT(now == now_again);
    }
  }));
}

TEST(windows_property, look_ahead_tells_what_will_be_usual) {
  const std::vector<GroupSpec> rhythm{{{KeyKind::platform}, {{kMsPerDay, false, false, {}, true}}}};
  Windows windows = std::move(*Windows::make(rhythm));
  Windows later_on = std::move(*Windows::make(rhythm));
  Fact fact{{1'700'000'000'000}, 7, {}};
  fact.keys.fill(1);
  for (int i = 0; i < 300; ++i) {
    fact.at = fact.at + 5 * kMsPerHour / 2;
    ++fact.value;
    windows.add(fact);
    later_on.add(fact);
  }
  Look now, then, seen;
  windows.look(fact, now);
  EXPECT_GT(now.windows[0].usual.weeks, 3U);
  for (int i = 0; i < 100; ++i) {
    std::size_t walk = 100;
    const Instant at = fact.at + i * 7 * kMsPerHour;
    ASSERT_TRUE(windows.look_ahead(fact, at, Windows::kAllGroups, walk, then));
    later_on.look(later(fact, at - fact.at), seen);
    EXPECT_EQ(then, seen);
    EXPECT_TRUE(i == 0 || then.windows[0].usual != now.windows[0].usual);
  }
}

// How many facts it costs to look ahead is the same for windows that were looked at all the time, and for those that were not.
TEST(windows_property, look_ahead_costs_the_same_whoever_looked_before) {
  EXPECT_TRUE(rc::check([](const std::vector<std::uint64_t>& seeds) {
    Windows looked_at = std::move(*Windows::make(specs()));
    Windows left_alone = std::move(*Windows::make(specs()));
    std::int64_t clock = 1'700'000'000'000;
    Look one, other;
    for (const std::uint64_t seed : stretched(seeds)) {
      const Fact fact = arbitrary_fact(seed, clock);
      looked_at.look(fact, one);
      looked_at.add(fact);
      left_alone.add(fact);
    }
    for (const std::uint64_t seed : stretched(seeds)) {
      const Fact fact = arbitrary_fact(seed, clock);
      looked_at.look(fact, one);
      left_alone.look(fact, other);
      std::size_t walk = seed % 40;
      std::size_t other_walk = walk;
      const Instant at = fact.at + static_cast<std::int64_t>(seed % 90);
      const bool is_told = looked_at.look_ahead(fact, at, Windows::kAllGroups, walk, one);
      RC_ASSERT(left_alone.look_ahead(fact, at, Windows::kAllGroups, other_walk, other) == is_told);
      RC_ASSERT(walk == other_walk);
    }
  }));
}

// To ask changes nothing that is told later.
TEST(windows_property, looking_leaves_no_trace) {
  EXPECT_TRUE(rc::check([](const std::vector<std::uint64_t>& seeds) {
    Windows looked_at = std::move(*Windows::make(specs()));
    Windows left_alone = std::move(*Windows::make(specs()));
    std::int64_t clock = 1'700'000'000'000;
    Look one, other;
    for (const std::uint64_t seed : stretched(seeds)) {
      const Fact fact = arbitrary_fact(seed, clock);
      looked_at.look(fact, one);
      looked_at.add(fact);
      left_alone.add(fact);
    }
    for (const std::uint64_t seed : stretched(seeds)) {
      const Fact fact = arbitrary_fact(seed, clock);
      looked_at.look(fact, one);
      left_alone.look(fact, other);
      RC_ASSERT(one == other);
    }
  }));
}

}  // namespace
}  // namespace holdfast::risk
