#include "policy/cel/functions/civil_time.h"

#include "base/amount.h"

#include <fmt/format.h>

#include <array>
#include <limits>

namespace holdfast::policy::cel {

namespace {

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kDaysPerEra = 146'097;  // 400 years.
using Wide = Int128;

std::int64_t floor_divide(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes exactly `count` digits off the front.
bool take_number(std::string_view& text, std::size_t count, int& out) {
  if (text.size() < count) return false;
  out = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_digit(text[i])) return false;
    out = out * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return true;
}

bool take(std::string_view& text, char wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(1);
  return true;
}

bool take_fraction(std::string_view& text, std::uint32_t& nanos) {
  nanos = 0;
  if (!take(text, '.')) return true;
  std::uint32_t unit = 100'000'000;
  std::size_t length = 0;
  for (; length < text.size() && is_digit(text[length]); ++length, unit /= 10) {
    if (length == 9) return false;
    nanos += static_cast<std::uint32_t>(text[length] - '0') * unit;
  }
  text.remove_prefix(length);
  return length > 0;
}

bool take_zone(std::string_view& text, std::int64_t& offset) {
  offset = 0;
  if (take(text, 'Z') || take(text, 'z')) return true;
  const bool west = text.starts_with('-');
  int hours = 0;
  int minutes = 0;
  if (!take(text, west ? '-' : '+') || !take_number(text, 2, hours) || !take(text, ':') || !take_number(text, 2, minutes)) return false;
  if (hours > 23 || minutes > 59) return false;
  offset = (west ? -60 : 60) * (hours * 60 + minutes);
  return true;
}

struct Unit {
  std::string_view name;
  std::int64_t nanos;
};

constexpr std::array<Unit, 8> kUnits{{{"ns", 1},
                                      {"us", 1'000},
                                      {"\u00b5s", 1'000},
                                      {"\u03bcs", 1'000},
                                      {"ms", 1'000'000},
                                      {"s", kNanosPerSecond},
                                      {"m", 60 * kNanosPerSecond},
                                      {"h", 3'600 * kNanosPerSecond}}};

const Unit* take_unit(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && !is_digit(text[length]) && text[length] != '.') ++length;
  for (const Unit& each : kUnits) {
    if (text.substr(0, length) != each.name) continue;
    text.remove_prefix(length);
    return &each;
  }
  return nullptr;
}

// One part, as 1.5h. False: malformed. `out` may become too large for a duration, but never wraps.
bool take_part(std::string_view& text, Wide& out) {
  constexpr Wide kTooLarge = Wide{1} << 70;
  Wide whole = 0;
  std::size_t digits = 0;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), ++digits) {
    if (whole < kTooLarge) whole = whole * 10 + (text.front() - '0');
  }
  Wide fraction = 0;
  Wide scale = 1;
  if (take(text, '.')) {
    for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), ++digits) {
      if (scale >= Wide{1'000'000'000'000'000'000}) continue;
      fraction = fraction * 10 + (text.front() - '0');
      scale *= 10;
    }
  }
  const Unit* unit = take_unit(text);
  if (digits == 0 || unit == nullptr) return false;
  out += whole >= kTooLarge ? kTooLarge : whole * unit->nanos + fraction * unit->nanos / scale;
  if (out > kTooLarge) out = kTooLarge;
  return true;
}

}  // namespace

bool is_leap_year(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int days_in_month(std::int64_t year, int month) {
  constexpr std::array<int, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return kDays[static_cast<std::size_t>(month - 1)] + (month == 2 && is_leap_year(year) ? 1 : 0);
}

// Years begin in March here, so that the leap day is the last of its year.
std::int64_t days_of(std::int64_t year, int month, int day) {
  const std::int64_t shifted = month <= 2 ? year - 1 : year;
  const std::int64_t era = floor_divide(shifted, 400);
  const std::int64_t year_of_era = shifted - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * kDaysPerEra + day_of_era - 719'468;
}

CivilTime civil_of(std::int64_t seconds) {
  const std::int64_t days = floor_divide(seconds, kDay);
  const auto rest = static_cast<int>(seconds - days * kDay);
  const std::int64_t shifted = days + 719'468;
  const std::int64_t era = floor_divide(shifted, kDaysPerEra);
  const std::int64_t day_of_era = shifted - era * kDaysPerEra;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t march_month = (5 * day_of_year + 2) / 153;
  CivilTime out;
  out.day = static_cast<int>(day_of_year - (153 * march_month + 2) / 5 + 1);
  out.month = static_cast<int>(march_month < 10 ? march_month + 3 : march_month - 9);
  out.year = year_of_era + era * 400 + (out.month <= 2 ? 1 : 0);
  out.hour = rest / 3'600;
  out.minute = rest / 60 % 60;
  out.second = rest % 60;
  out.weekday = static_cast<int>(((days + 4) % 7 + 7) % 7);
  out.year_day = static_cast<int>(days - days_of(out.year, 1, 1));
  return out;
}

std::optional<Instant> read_instant(std::string_view text) {
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  Instant out;
  std::int64_t offset = 0;
  if (!take_number(text, 4, year) || !take(text, '-') || !take_number(text, 2, month) || !take(text, '-')) return std::nullopt;
  if (!take_number(text, 2, day) || (!take(text, 'T') && !take(text, 't'))) return std::nullopt;
  if (!take_number(text, 2, hour) || !take(text, ':') || !take_number(text, 2, minute) || !take(text, ':')) return std::nullopt;
  if (!take_number(text, 2, second) || !take_fraction(text, out.nanos) || !take_zone(text, offset)) return std::nullopt;
  if (!text.empty() || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return std::nullopt;
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
  out.seconds = days_of(year, month, day) * kDay + hour * 3'600 + minute * 60 + second - offset;
  return out;
}

std::string write_instant(const Instant& instant) {
  const CivilTime time = civil_of(instant.seconds);
  std::string out = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", time.year, time.month, time.day, time.hour, time.minute,
                                time.second);
  if (instant.nanos != 0) {
    out += fmt::format(".{:09}", instant.nanos);
    while (out.back() == '0') out.pop_back();
  }
  out += 'Z';
  return out;
}

DurationProblem read_duration(std::string_view text, std::int64_t& nanos) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  Wide sum = 0;
  if (text.empty()) return DurationProblem::malformed;
  if (text != "0") {
    while (!text.empty()) {
      if (!take_part(text, sum)) return DurationProblem::malformed;
    }
  }
  if (negative) sum = -sum;
  if (sum > std::numeric_limits<std::int64_t>::max() || sum < std::numeric_limits<std::int64_t>::min()) {
    return DurationProblem::out_of_range;
  }
  nanos = static_cast<std::int64_t>(sum);
  return DurationProblem::none;
}

std::string write_duration(std::int64_t nanos) {
  const bool negative = nanos < 0;
  const std::uint64_t magnitude = negative ? 0 - static_cast<std::uint64_t>(nanos) : static_cast<std::uint64_t>(nanos);
  std::string out = fmt::format("{}{}", negative ? "-" : "", magnitude / kNanosPerSecond);
  if (magnitude % kNanosPerSecond != 0) {
    out += fmt::format(".{:09}", magnitude % kNanosPerSecond);
    while (out.back() == '0') out.pop_back();
  }
  return out + 's';
}

}  // namespace holdfast::policy::cel
