#include "risk/profile.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <vector>

namespace holdfast::risk {
namespace {

std::int64_t lower_median(std::vector<std::int64_t> values) {
  std::ranges::sort(values);
  return values[(values.size() - 1) / 2];
}

TEST(profile, small_values_are_exact) {
  Profile profile;
  for (const std::int64_t value : {3, 9, 4, 60, 5}) profile.add(value);
  EXPECT_EQ(profile.median(), 5);
  EXPECT_EQ(profile.median_distance(), 2);  // 2, 4, 1, 55, 0
  profile.remove(3);
  EXPECT_EQ(profile.median(), 5);           // 4, 5, 9, 60
  EXPECT_EQ(profile.median_distance(), 1);  // 1, 0, 4, 55
}

TEST(profile, of_one_value_alone_there_is_no_distance) {
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{1} << 40, INT64_MAX}) {
    Profile profile;
    profile.add(value);
    EXPECT_LE(std::abs(profile.median() - value), value / 128);
    EXPECT_EQ(profile.median_distance(), 0);
  }
}

// Of any values, with any of them taken out again: as near to the exact ones as the header says.
TEST(profile, is_within_its_bound) {
  EXPECT_TRUE(rc::check([](const std::vector<std::uint64_t>& seeds) {
    std::vector<std::int64_t> values;
    Profile profile;
    for (const std::uint64_t seed : seeds) {
      const auto value = static_cast<std::int64_t>(seed >> (1 + seed % 63));
      profile.add(value);
      if (seed % 3 == 0) {
        profile.remove(value);
      } else {
        values.push_back(value);
      }
    }
    RC_ASSERT(profile.count() == values.size());
    if (values.empty()) return;
    const std::int64_t median = lower_median(values);
    RC_ASSERT(std::abs(profile.median() - median) <= median / 128);
    std::vector<std::int64_t> nearest, farthest;
    for (const std::int64_t value : values) {
      const std::int64_t slack = median / 128 + value / 128;
      const std::int64_t distance = std::abs(value - median);
      nearest.push_back(distance - slack);
      farthest.push_back(distance + slack);
    }
    RC_ASSERT(profile.median_distance() >= lower_median(nearest));
    RC_ASSERT(profile.median_distance() <= lower_median(farthest));
  }));
}

}  // namespace
}  // namespace holdfast::risk
