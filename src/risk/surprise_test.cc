#include "risk/surprise.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>

namespace holdfast::risk {
namespace {

// How often something was told over the numbers.
std::size_t tell(Surprise& series, std::int64_t value, std::size_t times = 1) {
  std::size_t told = 0;
  for (std::size_t i = 0; i < times; ++i) told += static_cast<std::size_t>(series.add(value) > 0);
  return told;
}

// Between 900 and 1,100, without a pattern of its own.
std::int64_t wave(std::size_t i) { return 900 + static_cast<std::int64_t>(i * 7'919 % 201); }
std::size_t calm(Surprise& series, std::size_t from, std::size_t times) {
  std::size_t told = 0;
  for (std::size_t i = from; i < from + times; ++i) told += tell(series, wave(i));
  return told;
}

TEST(surprise, a_series_that_stands_still_is_not_disturbed_by_a_little) {
  Surprise series;
  EXPECT_EQ(tell(series, 10'000, 1'000), 0U);
  EXPECT_EQ(tell(series, 10'001), 0U);
  EXPECT_EQ(tell(series, 10'100), 0U);
  EXPECT_EQ(tell(series, 20'000), 1U);
}

TEST(surprise, the_unit_says_what_is_a_little_where_nothing_ever_was) {
  Surprise bare(1);
  Surprise by_thousand(1'000);
  EXPECT_EQ(tell(bare, 0, 500) + tell(by_thousand, 0, 500), 0U);
  EXPECT_EQ(bare.add(50), 50 * kMillion);
  EXPECT_EQ(by_thousand.add(50), 50 * kMillion / 1'000);
}

TEST(surprise, the_first_numbers_say_nothing) {
  Surprise series;
  for (std::size_t i = 0; i < kSurpriseWarmUp; ++i) EXPECT_EQ(series.add(i % 7 == 3 ? 1'000'000 : 1), 0) << i;
}

TEST(surprise, a_sparse_series_knows_its_own_bursts) {
  Surprise series;
  for (std::size_t i = 0; i < 3'000; ++i) series.add(i % 50 == 7 ? 1'000 : 0);
  std::size_t told = 0;
  for (std::size_t i = 3'000; i < 6'000; ++i) told += tell(series, i % 50 == 7 ? 1'000 : 0);
  EXPECT_EQ(told, 0U);
  EXPECT_EQ(tell(series, 5'000), 1U);
}

TEST(surprise, a_storm_is_told_once_unless_it_grows_manifold) {
  Surprise series;
  EXPECT_EQ(calm(series, 0, 1'000), 0U);
  EXPECT_EQ(tell(series, 3'000), 1U);
  EXPECT_EQ(tell(series, 3'000, 5), 0U);
  EXPECT_EQ(tell(series, 600'000), 1U);
}

TEST(surprise, a_second_burst_of_the_same_height_is_told_too) {
  Surprise series;
  calm(series, 0, 600);
  EXPECT_EQ(tell(series, 5'000), 1U);
  EXPECT_EQ(calm(series, 600, 200), 0U);
  EXPECT_EQ(tell(series, 5'000), 1U);
}

TEST(surprise, a_fall_is_told_as_a_rise_is) {
  Surprise series;
  calm(series, 0, 1'000);
  EXPECT_EQ(tell(series, 0), 1U);
}

TEST(surprise, what_creeps_is_seen_by_the_mean_of_many) {
  Surprise series;  // Ten high ones, ten low ones, and so on: each of 1,090 is usual, and ten of them are.
  for (std::size_t i = 0; i < 8'000; ++i) series.add(i / 10 % 2 == 0 ? 1'100 : 900);
  EXPECT_EQ(tell(series, 1'090, 5), 0U);
  EXPECT_GE(tell(series, 1'090, 15), 1U);
}

TEST(surprise, a_few_that_keep_to_one_side_are_seen_by_the_mean_of_few) {
  Surprise series;
  for (std::size_t i = 0; i < 8'000; ++i) series.add(i % 2 == 0 ? 1'100 : 900);
  EXPECT_EQ(tell(series, 1'090), 0U);
  EXPECT_GE(tell(series, 1'090, 4), 1U);  // In five numbers the mean of 80 has moved by less than the margin.
}

TEST(surprise, what_lasts_becomes_usual) {
  Surprise series;
  calm(series, 0, 1'000);
  EXPECT_EQ(tell(series, 5'000), 1U);
  for (std::size_t i = 0; i < 2'000; ++i) series.add(4'000 + wave(i));
  std::size_t told = 0;
  for (std::size_t i = 2'000; i < 3'000; ++i) told += tell(series, 4'000 + wave(i));
  EXPECT_EQ(told, 0U);
}

TEST(surprise, takes_any_number) {
  Surprise series;
  for (int i = 0; i < 500; ++i) series.add(i % 2 == 0 ? INT64_MAX : INT64_MIN);
  for (int i = 0; i < 500; ++i) series.add(0);
  EXPECT_GE(series.add(INT64_MAX), 0);
}

RC_GTEST_PROP(past, is_the_last_numbers_sorted, ()) {
  const auto values = *rc::gen::container<std::vector<std::int64_t>>(500, rc::gen::inRange<std::int64_t>(-20, 20));
  Past past;
  std::vector<std::int64_t> all;
  for (std::size_t round = 0; round < 14; ++round) {
    for (const std::int64_t value : values) {
      all.push_back(value * static_cast<std::int64_t>(round % 5 + 1));
      past.add(all.back());
    }
  }
  std::vector<std::int64_t> expected(all.end() - static_cast<std::ptrdiff_t>(kSurpriseMemory), all.end());
  std::ranges::sort(expected);
  RC_ASSERT(past.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) RC_ASSERT(past.at(i) == expected[i]);
}

RC_GTEST_PROP(running_mean, is_that_of_the_last, ()) {
  const auto values = *rc::gen::nonEmpty(rc::gen::arbitrary<std::vector<std::int16_t>>());
  RunningMean mean(10);
  std::int64_t last = 0;
  for (const std::int16_t value : values) last = mean.add(value);
  const std::size_t n = std::min<std::size_t>(values.size(), 10);
  const auto sum = std::accumulate(values.end() - static_cast<std::ptrdiff_t>(n), values.end(), std::int64_t{0});
  RC_ASSERT(last == sum / static_cast<std::int64_t>(n));
}

}  // namespace
}  // namespace holdfast::risk
