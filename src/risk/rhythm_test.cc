// What is usual, against a slow second mind that keeps every fact and goes through the hours one by one.
#include "risk/rhythm.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <utility>

namespace holdfast::risk {
namespace {

constexpr std::int64_t kMinute = 60 * kMsPerSecond;
constexpr Instant kStart{2'800 * kMsPerWeek};

// `count` facts of `value` each in the hour that begins at `at`.
void add_hour(Rhythm& rhythm, Instant at, int count, std::int64_t value = 10) {
  for (int i = 0; i < count; ++i) rhythm.add(at + i * (kMsPerHour / count), value);
}

TEST(rhythm, says_nothing_before_a_week_is_known) {
  Rhythm rhythm;
  EXPECT_EQ(rhythm.usual(kStart, kMsPerHour), Usual{});
  rhythm.add(kStart, 5);
  EXPECT_EQ(rhythm.usual(kStart + (kMsPerWeek - 1), kMsPerHour), Usual{});
  // The hour of the first fact is not known as a whole, the one after it is.
  EXPECT_EQ(rhythm.usual(kStart + (kMsPerWeek + kMsPerHour - 1), kMsPerHour).weeks, 0U);
  EXPECT_EQ(rhythm.usual(kStart + (kMsPerWeek + 2 * kMsPerHour - 1), kMsPerHour).weeks, 1U);
  EXPECT_EQ(rhythm.usual(kStart + (4 * kMsPerWeek + 2 * kMsPerHour - 1), kMsPerHour).weeks, 4U);
  EXPECT_EQ(rhythm.usual(kStart + 100 * kMsPerWeek, kMsPerHour), (Usual{0, 4, 0}));
}

TEST(rhythm, tells_each_hour_of_the_week_its_own_and_parts_of_hours_evenly) {
  Rhythm rhythm;
  rhythm.add(kStart + -kMsPerHour, 1);
  add_hour(rhythm, kStart, 60);
  add_hour(rhythm, kStart + kMsPerHour, 6);
  const Instant next = kStart + kMsPerWeek;
  EXPECT_EQ(rhythm.usual(next + (kMsPerHour - 1), kMsPerHour), (Usual{60, 1, 600}));
  EXPECT_EQ(rhythm.usual(next + (2 * kMsPerHour - 1), kMsPerHour), (Usual{6, 1, 60}));
  EXPECT_EQ(rhythm.usual(next + (kMsPerHour + 30 * kMinute - 1), kMsPerHour), (Usual{33, 1, 330}));
  EXPECT_EQ(rhythm.usual(next + (kMsPerHour - 1), 15 * kMinute), (Usual{15, 1, 150}));
  EXPECT_EQ(rhythm.usual(next + (2 * kMsPerHour - 1), 2 * kMsPerHour), (Usual{66, 1, 660}));
  EXPECT_EQ(rhythm.usual(next + (3 * kMsPerHour - 1), kMsPerHour), (Usual{0, 1, 0}));
}

TEST(rhythm, is_not_poisoned_by_two_bursts_and_follows_what_stays) {
  Rhythm rhythm;
  rhythm.add(kStart + -kMsPerWeek, 1);
  const auto week = [&](std::int64_t number, int count) {
    const Instant at = kStart + number * kMsPerWeek;
    const std::uint64_t usual = rhythm.usual(at + (kMsPerHour - 1), kMsPerHour).count;
    add_hour(rhythm, at, count);
    return usual;
  };
  for (std::int64_t number = 0; number < 4; ++number) week(number, 10);
  EXPECT_EQ(week(4, 900), 10U);
  EXPECT_EQ(week(5, 900), 10U);
  EXPECT_EQ(week(6, 10), 10U);   // Two bursts.
  EXPECT_EQ(week(7, 900), 10U);
  EXPECT_EQ(week(8, 900), 900U);  // In three of four weeks.
  EXPECT_EQ(week(9, 900), 900U);
  EXPECT_EQ(week(10, 2), 900U);
  EXPECT_EQ(week(11, 2), 900U);
  EXPECT_EQ(week(12, 2), 2U);  // Less is usual after two weeks.
}

TEST(rhythm, holds_the_largest_values_exactly) {
  Rhythm rhythm;
  rhythm.add(kStart + -kMsPerWeek, 1);
  add_hour(rhythm, kStart, 1'000, INT64_MAX);
  EXPECT_EQ(rhythm.usual(kStart + (kMsPerWeek + kMsPerHour - 1), kMsPerHour).sum, Int128{1'000} * INT64_MAX);
}

class SlowMind {
 public:
  void add(Instant at, std::int64_t value) { facts_.emplace_back(at, value); }

  Usual usual(Instant now, std::int64_t length) const {
    std::vector<Int128> counts, sums;
    for (std::int64_t back = kMsPerWeek; back <= 4 * kMsPerWeek; back += kMsPerWeek) {
      const std::int64_t begin = now.unix_ms - back - length + 1;
      if (facts_.empty() || hour(facts_.front().first.unix_ms) >= hour(begin)) break;
      Int128 count = 0;
      Int128 sum = 0;
      for (const auto& [at, value] : facts_) {
        const std::int64_t from = std::max(begin, hour(at.unix_ms));
        const std::int64_t to = std::min(begin + length, hour(at.unix_ms) + kMsPerHour);
        count += std::max<std::int64_t>(to - from, 0);
        sum += Int128{value} * std::max<std::int64_t>(to - from, 0);
      }
      counts.push_back(count / kMsPerHour);
      sums.push_back(sum / kMsPerHour);
    }
    if (counts.empty()) return {};
    std::ranges::sort(counts);
    std::ranges::sort(sums);
    const std::size_t middle = (counts.size() - 1) / 2;
    return {static_cast<std::uint64_t>(counts[middle]), counts.size(), sums[middle]};
  }

 private:
  // Where its hour begins.
  static std::int64_t hour(std::int64_t ms) { return ms - ((ms % kMsPerHour) + kMsPerHour) % kMsPerHour; }

  std::vector<std::pair<Instant, std::int64_t>> facts_;
};

// Steps of time at which hours and weeks begin and end; also over the year 1970, before which there is less than nothing.
TEST(rhythm_property, is_what_the_slow_mind_says) {
  constexpr std::int64_t kSteps[] = {0, 1, 7 * kMinute, kMsPerHour - 1, kMsPerHour, 5 * kMsPerHour, kMsPerDay, kMsPerWeek,
                                     kMsPerWeek - kMinute, kMsPerWeek + kMinute, 3 * kMsPerDay + 1, 6 * kMsPerWeek};
  constexpr std::int64_t kLengths[] = {1, kMinute, 15 * kMinute, kMsPerHour, 7 * kMsPerHour + 1, kMsPerDay};
  EXPECT_TRUE(rc::check([&](const std::vector<std::uint64_t>& seeds) {
    Rhythm rhythm;
    SlowMind slow;
    Instant now{-6 * kMsPerWeek};
    for (const std::uint64_t seed : seeds) {
      for (std::uint64_t i = 1; i <= 6; ++i) {
        const std::uint64_t mixed = (seed + i) * 0xD6E8'FEB8'6659'FD93U >> 13;
        now = now + kSteps[mixed % std::size(kSteps)];
        if (mixed / 64 % 4 > 0) {
          const auto value = static_cast<std::int64_t>(mixed / 1024 % 1000);
          rhythm.add(now, value);
          slow.add(now, value);
        }
        const std::int64_t length = kLengths[mixed / 512 % std::size(kLengths)];
        RC_ASSERT(rhythm.usual(now, length) == slow.usual(now, length));
      }
    }
  }));
}

}  // namespace
}  // namespace holdfast::risk
