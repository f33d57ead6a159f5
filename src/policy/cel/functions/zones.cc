#include "policy/cel/functions/zones.h"

#include "policy/cel/functions/civil_time.h"

#include <algorithm>
#include <array>

namespace holdfast::policy::cel {

namespace {

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kSummer = 3'600;  // What summer time adds everywhere in the table.

enum class Reckoning : std::uint8_t { utc, standard, wall };

// "The last Sunday of March, at 01:00 UTC."
struct Change {
  int month;
  int week;  // 1: the first Sunday, 2: the second; 5: the last.
  int minute;
  Reckoning by;
};

struct Summer {
  Change begin;
  Change end;
};

constexpr Summer kEurope{{3, 5, 60, Reckoning::utc}, {10, 5, 60, Reckoning::utc}};
constexpr Summer kAmerica{{3, 2, 120, Reckoning::wall}, {11, 1, 120, Reckoning::wall}};
constexpr Summer kNewfoundlandTo2011{{3, 2, 1, Reckoning::wall}, {11, 1, 1, Reckoning::wall}};
constexpr Summer kAustralia{{10, 1, 120, Reckoning::standard}, {4, 1, 120, Reckoning::standard}};
constexpr Summer kNewZealand{{9, 5, 120, Reckoning::standard}, {4, 1, 120, Reckoning::standard}};

// First seconds of dates.
constexpr std::int64_t k1996 = 820'454'400;
constexpr std::int64_t k2007 = 1'167'609'600;
constexpr std::int64_t k2008July = 1'214'870'400;
constexpr std::int64_t k2010 = 1'262'304'000;
constexpr std::int64_t k2011November = 1'320'105'600;
constexpr std::int64_t k2015 = 1'420'070'400;
constexpr std::int64_t k2017 = 1'483'228'800;
constexpr std::int64_t k2020 = 1'577'836'800;

struct Row {
  std::string_view name;
  int minutes;            // Standard time east of UTC.
  const Summer* summer;   // Null: none.
  std::int64_t from;
};

// By name, then by date.
constexpr std::array kRows = {
    Row{"Africa/Johannesburg", 120, nullptr, k1996},
    Row{"Africa/Lagos", 60, nullptr, k1996},
    Row{"Africa/Nairobi", 180, nullptr, k1996},
    Row{"America/Argentina/Buenos_Aires", -180, nullptr, k2010},
    Row{"America/Bogota", -300, nullptr, k1996},
    Row{"America/Chicago", -360, &kAmerica, k2007},
    Row{"America/Denver", -420, &kAmerica, k2007},
    Row{"America/Halifax", -240, &kAmerica, k2007},
    Row{"America/Lima", -300, nullptr, k1996},
    Row{"America/Los_Angeles", -480, &kAmerica, k2007},
    Row{"America/New_York", -300, &kAmerica, k2007},
    Row{"America/Phoenix", -420, nullptr, k1996},
    Row{"America/Sao_Paulo", -180, nullptr, k2020},
    Row{"America/St_Johns", -210, &kNewfoundlandTo2011, k2007},
    Row{"America/St_Johns", -210, &kAmerica, k2011November},
    Row{"America/Toronto", -300, &kAmerica, k2007},
    Row{"Asia/Bangkok", 420, nullptr, k1996},
    Row{"Asia/Dubai", 240, nullptr, k1996},
    Row{"Asia/Ho_Chi_Minh", 420, nullptr, k1996},
    Row{"Asia/Hong_Kong", 480, nullptr, k1996},
    Row{"Asia/Jakarta", 420, nullptr, k1996},
    Row{"Asia/Kathmandu", 345, nullptr, k1996},
    Row{"Asia/Kolkata", 330, nullptr, k1996},
    Row{"Asia/Manila", 480, nullptr, k1996},
    Row{"Asia/Seoul", 540, nullptr, k1996},
    Row{"Asia/Shanghai", 480, nullptr, k1996},
    Row{"Asia/Singapore", 480, nullptr, k1996},
    Row{"Asia/Taipei", 480, nullptr, k1996},
    Row{"Asia/Tokyo", 540, nullptr, k1996},
    Row{"Australia/Adelaide", 570, &kAustralia, k2008July},
    Row{"Australia/Brisbane", 600, nullptr, k1996},
    Row{"Australia/Melbourne", 600, &kAustralia, k2008July},
    Row{"Australia/Perth", 480, nullptr, k2010},
    Row{"Australia/Sydney", 600, &kAustralia, k2008July},
    Row{"Etc/UTC", 0, nullptr, kFirstSecond},
    Row{"Europe/Amsterdam", 60, &kEurope, k1996},
    Row{"Europe/Athens", 120, &kEurope, k1996},
    Row{"Europe/Berlin", 60, &kEurope, k1996},
    Row{"Europe/Brussels", 60, &kEurope, k1996},
    Row{"Europe/Bucharest", 120, &kEurope, k2007},
    Row{"Europe/Budapest", 60, &kEurope, k1996},
    Row{"Europe/Copenhagen", 60, &kEurope, k1996},
    Row{"Europe/Dublin", 0, &kEurope, k1996},
    Row{"Europe/Helsinki", 120, &kEurope, k1996},
    Row{"Europe/Istanbul", 180, nullptr, k2017},
    Row{"Europe/Lisbon", 0, &kEurope, k2007},
    Row{"Europe/London", 0, &kEurope, k1996},
    Row{"Europe/Luxembourg", 60, &kEurope, k1996},
    Row{"Europe/Madrid", 60, &kEurope, k1996},
    Row{"Europe/Moscow", 180, nullptr, k2015},
    Row{"Europe/Oslo", 60, &kEurope, k1996},
    Row{"Europe/Paris", 60, &kEurope, k1996},
    Row{"Europe/Prague", 60, &kEurope, k1996},
    Row{"Europe/Riga", 120, &kEurope, k2007},
    Row{"Europe/Rome", 60, &kEurope, k1996},
    Row{"Europe/Sofia", 120, &kEurope, k2007},
    Row{"Europe/Stockholm", 60, &kEurope, k1996},
    Row{"Europe/Tallinn", 120, &kEurope, k2007},
    Row{"Europe/Vienna", 60, &kEurope, k1996},
    Row{"Europe/Vilnius", 120, &kEurope, k2007},
    Row{"Europe/Warsaw", 60, &kEurope, k1996},
    Row{"Europe/Zurich", 60, &kEurope, k1996},
    Row{"GMT", 0, nullptr, kFirstSecond},
    Row{"Pacific/Auckland", 720, &kNewZealand, k2008July},
    Row{"Pacific/Honolulu", -600, nullptr, k1996},
    Row{"US/Central", -360, &kAmerica, k2007},
    Row{"US/Eastern", -300, &kAmerica, k2007},
    Row{"US/Mountain", -420, &kAmerica, k2007},
    Row{"US/Pacific", -480, &kAmerica, k2007},
    Row{"UTC", 0, nullptr, kFirstSecond},
};

// The instant of a change in that year. `standard` and `before` are seconds east of UTC: of standard time, and just before.
std::int64_t instant_of(const Change& change, std::int64_t year, std::int64_t standard, std::int64_t before) {
  const int last = days_in_month(year, change.month);
  const int latest = std::min(change.week * 7, last);
  const std::int64_t days = days_of(year, change.month, latest);
  const std::int64_t past_sunday = ((days + 4) % 7 + 7) % 7;
  const std::int64_t local = (days - past_sunday) * kDay + change.minute * kMinute;
  switch (change.by) {
    case Reckoning::utc: return local;
    case Reckoning::standard: return local - standard;
    case Reckoning::wall: return local - before;
  }
  return local;
}

bool is_summer(const Summer& summer, std::int64_t seconds, std::int64_t standard) {
  const std::int64_t year = civil_of(seconds + standard).year;
  const std::int64_t begin = instant_of(summer.begin, year, standard, standard);
  const std::int64_t end = instant_of(summer.end, year, standard, standard + kSummer);
  return begin < end ? seconds >= begin && seconds < end : seconds >= begin || seconds < end;
}

// [+-]hh:mm
std::optional<std::int64_t> fixed_offset(std::string_view zone) {
  const bool west = zone.starts_with('-');
  if (west || zone.starts_with('+')) zone.remove_prefix(1);
  const auto digit = [zone](std::size_t at) { return zone[at] >= '0' && zone[at] <= '9' ? zone[at] - '0' : 100; };
  if (zone.size() != 5 || zone[2] != ':') return std::nullopt;
  const int hours = digit(0) * 10 + digit(1);
  const int minutes = digit(3) * 10 + digit(4);
  if (hours > 23 || minutes > 59) return std::nullopt;
  return (west ? -kMinute : kMinute) * (hours * 60 + minutes);
}

}  // namespace

std::optional<std::int64_t> zone_offset(std::string_view zone, std::int64_t seconds) {
  if (const auto fixed = fixed_offset(zone)) return fixed;
  const auto [first, last] = std::ranges::equal_range(kRows, zone, {}, &Row::name);
  const Row* valid = nullptr;
  for (auto row = first; row != last && row->from <= seconds; ++row) valid = row;
  if (valid == nullptr) return std::nullopt;
  const std::int64_t standard = valid->minutes * kMinute;
  return valid->summer != nullptr && is_summer(*valid->summer, seconds, standard) ? standard + kSummer : standard;
}

std::vector<std::string_view> zone_names() {
  std::vector<std::string_view> out;
  for (const Row& row : kRows) {
    if (out.empty() || out.back() != row.name) out.push_back(row.name);
  }
  return out;
}

}  // namespace holdfast::policy::cel
