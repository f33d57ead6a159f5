#include "labels/day.h"

#include <gtest/gtest.h>

namespace holdfast::labels {
namespace {

TEST(label_day, reads_and_writes_days_of_the_calendar) {
  EXPECT_EQ(read_day("1970-01-01"), 0);
  EXPECT_EQ(read_day("2021-12-23"), 18'984);
  EXPECT_EQ(read_day("2024-02-29"), 19'782);
  for (std::int32_t day = 0; day < 60'000; day += 7) ASSERT_EQ(read_day(write_day(day)), day);
}

TEST(label_day, refuses_what_is_none) {
  for (const char* text : {"", "2023-02-29", "2023-13-01", "2023-00-01", "2023-01-00", "2023-01-32", "1969-12-31", "2023-1-01", "2023-01-1",
                           "2023/01/01", "+023-01-01", "2023-+1-01", "2023-01--1", "2023-01-01 ", " 2023-01-01", "20230-01-1", "abcd-ef-gh"}) {
    EXPECT_FALSE(read_day(text)) << text;
  }
}

}  // namespace
}  // namespace holdfast::labels
