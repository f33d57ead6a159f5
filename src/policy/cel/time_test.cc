#include "policy/cel/functions/civil_time.h"
#include "policy/cel/functions/zones.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

namespace holdfast::policy::cel {
namespace {

TEST(civil_time, goes_there_and_back) {
  std::int64_t expected = days_of(1, 1, 1);
  EXPECT_EQ(expected * 86'400, kFirstSecond);
  for (std::int64_t year = 1; year <= 9'999; year += year % 100 == 0 ? 1 : 33) {
    for (int month = 1; month <= 12; ++month) {
      const std::int64_t day = days_of(year, month, days_in_month(year, month));
      const CivilTime time = civil_of(day * 86'400 + 86'399);
      ASSERT_EQ(time.year, year);
      ASSERT_EQ(time.month, month);
      ASSERT_EQ(time.day, days_in_month(year, month));
      ASSERT_EQ(time.hour * 10'000 + time.minute * 100 + time.second, 235'959);
      ASSERT_EQ(civil_of((day + 1) * 86'400).day, 1);
      ASSERT_EQ(time.weekday, static_cast<int>(((day % 7) + 11) % 7));
    }
  }
  EXPECT_EQ(civil_of(kLastSecond).year, 9'999);
}

TEST(civil_time, reads_only_rfc_3339) {
  for (const std::string_view text :
       {"", "2009-02-13", "2009-02-13T23:31:30", "2009-02-13 23:31:30Z", "2009-2-13T23:31:30Z", "2009-02-30T00:00:00Z", "2009-13-01T00:00:00Z",
        "2009-00-01T00:00:00Z", "2009-02-00T00:00:00Z", "2009-02-13T24:00:00Z", "2009-02-13T23:60:00Z", "2009-02-13T23:59:60Z",
        "2009-02-13T23:31:30.Z", "2009-02-13T23:31:30.1234567890Z", "2009-02-13T23:31:30+2:00", "2009-02-13T23:31:30+24:00",
        "2009-02-13T23:31:30Zx", "-009-02-13T23:31:30Z", "10000-01-01T00:00:00Z"}) {
    EXPECT_FALSE(read_instant(text)) << text;
  }
  EXPECT_EQ(read_instant("2009-02-13t23:31:30.5z")->nanos, 500'000'000U);
  EXPECT_EQ(read_instant("2009-02-13T23:31:30-01:00")->seconds, 1'234'571'490);
}

TEST(civil_time, reads_durations) {
  std::int64_t nanos = 0;
  for (const std::string_view text : {"", "-", "1", "s", "1x", "1h-5m", ".s", "1.2.3s", "1 s", "1d", "+-1s", "--1s"}) {
    EXPECT_EQ(read_duration(text, nanos), DurationProblem::malformed) << text;
  }
  for (const std::string_view text : {"9223372036.854775808s", "-9223372036.854775809s", "2562048h", "99999999999999999999999999999999999999h",
                                      "1h99999999999999999999999999999999999999ns"}) {
    EXPECT_EQ(read_duration(text, nanos), DurationProblem::out_of_range) << text;
  }
  const std::pair<std::string_view, std::int64_t> good[] = {
      {"0", 0}, {"+1.5h", 5'400'000'000'000}, {"1h1m1s1ms1us1ns", 3'661'001'001'001}, {"-.5s", -500'000'000}, {"1.0000000019s", 1'000'000'001},
      {"9223372036.854775807s", 9'223'372'036'854'775'807}, {"3\u00b5s", 3'000}};
  for (const auto& [text, expected] : good) {
    EXPECT_EQ(read_duration(text, nanos), DurationProblem::none) << text;
    EXPECT_EQ(nanos, expected) << text;
  }
  EXPECT_EQ(write_duration(std::numeric_limits<std::int64_t>::min()), "-9223372036.854775808s");
}

// Against the zone database of another implementation: tests/vectors/policy/make_zones.py.
TEST(zones, agree_with_the_zone_database) {
  std::ifstream in("tests/vectors/policy/zones.txt");
  std::string zone;
  std::int64_t seconds = 0;
  std::int64_t offset = 0;
  std::set<std::string> seen;
  while (in >> zone >> seconds >> offset) {
    EXPECT_EQ(zone_offset(zone, seconds), offset) << zone << ' ' << seconds;
    seen.insert(zone);
  }
  EXPECT_EQ(seen.size(), zone_names().size());
}

TEST(zones, know_nothing_before_their_rules_begin) {
  EXPECT_FALSE(zone_offset("America/New_York", 1'167'609'599));
  EXPECT_EQ(zone_offset("America/New_York", 1'167'609'600), -18'000);
  for (const std::string_view zone : {"", "+", "1:00", "+1:00", "24:00", "+00:60", "+0a:00", "europe/berlin", "Europe/Berlin ", "+02:000"}) {
    EXPECT_FALSE(zone_offset(zone, 1'700'000'000)) << zone;
  }
}

}  // namespace
}  // namespace holdfast::policy::cel
