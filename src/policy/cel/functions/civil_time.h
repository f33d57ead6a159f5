// Instants as calendar and clock (proleptic Gregorian, no leap seconds), as text, and durations as text. UTC.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::policy::cel {

// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z, in seconds from 1970.
inline constexpr std::int64_t kFirstSecond = -62'135'596'800;
inline constexpr std::int64_t kLastSecond = 253'402'300'799;
inline constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

struct CivilTime {
  std::int64_t year = 1970;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int weekday = 4;   // 0 is Sunday.
  int year_day = 0;  // 0 is the first of January.
};

CivilTime civil_of(std::int64_t seconds);
std::int64_t days_of(std::int64_t year, int month, int day);  // From 1970-01-01.
bool is_leap_year(std::int64_t year);
int days_in_month(std::int64_t year, int month);

struct Instant {
  std::int64_t seconds = 0;
  std::uint32_t nanos = 0;
};

// RFC 3339: "2009-02-13T23:31:30.123Z", "...+02:00". The year has four digits; it may lie out of the range of timestamps.
std::optional<Instant> read_instant(std::string_view text);
std::string write_instant(const Instant& instant);

enum class DurationProblem : std::uint8_t { none, malformed, out_of_range };

// "1h30m", "-1.5s", "90s", "250ms", "10us", "5ns", "0"; any order, each part with a unit. To whole nanoseconds, the rest is cut off.
DurationProblem read_duration(std::string_view text, std::int64_t& nanos);
std::string write_duration(std::int64_t nanos);  // In seconds: "90s", "-0.5s".

}  // namespace holdfast::policy::cel
