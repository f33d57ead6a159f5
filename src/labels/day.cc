#include "labels/day.h"

#include <charconv>
#include <chrono>
#include <cstdio>

namespace holdfast::labels {
namespace {

constexpr std::size_t kDaySize = 10;
constexpr unsigned kNoNumber = 9'999'999;  // No month and no day is this.

unsigned number(std::string_view digits) {
  unsigned out = 0;
  const char* const end = digits.data() + digits.size();
  return std::from_chars(digits.data(), end, out).ptr == end ? out : kNoNumber;
}

}  // namespace

std::optional<std::int32_t> read_day(std::string_view text) {
  if (text.size() != kDaySize || text[4] != '-' || text[7] != '-') return std::nullopt;
  const unsigned year = number(text.substr(0, 4));
  const unsigned month = number(text.substr(5, 2));
  const unsigned day = number(text.substr(8, 2));
  if (year < 1970 || year > 9999 || month > 12 || day > 31) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)), std::chrono::month(month), std::chrono::day(day)};
  if (!date.ok()) return std::nullopt;
  return static_cast<std::int32_t>(std::chrono::sys_days(date).time_since_epoch().count());
}

std::string write_day(std::int32_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  char text[32];
  const int size = std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace holdfast::labels
