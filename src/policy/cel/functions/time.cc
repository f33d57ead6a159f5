// What calendar and clock say of a timestamp, in UTC or a given zone; the whole hours, minutes, ... of a duration.
#include "policy/cel/check/environment.h"
#include "policy/cel/functions/civil_time.h"
#include "policy/cel/functions/standard.h"
#include "policy/cel/functions/zones.h"

#include <array>

namespace holdfast::policy::cel {

namespace {

using namespace types;

enum class Part : std::uint8_t { year, month, day, date, weekday, year_day, hours, minutes, seconds, milliseconds };

struct Getter {
  std::string_view name;
  Part part;
};

// Their addresses are the state of the functions.
constexpr std::array<Getter, 10> kGetters{{{"getFullYear", Part::year},
                                           {"getMonth", Part::month},
                                           {"getDayOfMonth", Part::day},
                                           {"getDate", Part::date},
                                           {"getDayOfWeek", Part::weekday},
                                           {"getDayOfYear", Part::year_day},
                                           {"getHours", Part::hours},
                                           {"getMinutes", Part::minutes},
                                           {"getSeconds", Part::seconds},
                                           {"getMilliseconds", Part::milliseconds}}};
constexpr std::size_t kFirstOfDurations = 6;

std::int64_t part_of(Part part, const CivilTime& time, std::uint32_t nanos) {
  switch (part) {
    case Part::year: return time.year;
    case Part::month: return time.month - 1;
    case Part::day: return time.day - 1;
    case Part::date: return time.day;
    case Part::weekday: return time.weekday;
    case Part::year_day: return time.year_day;
    case Part::hours: return time.hour;
    case Part::minutes: return time.minute;
    case Part::seconds: return time.second;
    case Part::milliseconds: return nanos / 1'000'000;
  }
  return 0;
}

Value of_timestamp(Context& /*context*/, const Value* arguments, const void* state) {
  return Value::of(part_of(static_cast<const Getter*>(state)->part, civil_of(arguments[0].seconds()), arguments[0].nanos()));
}

Value of_timestamp_in_zone(Context& /*context*/, const Value* arguments, const void* state) {
  const auto offset = zone_offset(arguments[1].text(), arguments[0].seconds());
  if (!offset) return Value::error(ErrorCode::unknown_zone);
  return Value::of(part_of(static_cast<const Getter*>(state)->part, civil_of(arguments[0].seconds() + *offset), arguments[0].nanos()));
}

Value of_duration(Context& /*context*/, const Value* arguments, const void* state) {
  const std::int64_t nanos = arguments[0].duration_nanos();
  switch (static_cast<const Getter*>(state)->part) {
    case Part::hours: return Value::of(nanos / (3'600 * kNanosPerSecond));
    case Part::minutes: return Value::of(nanos / (60 * kNanosPerSecond));
    case Part::seconds: return Value::of(nanos / kNanosPerSecond);
    default: return Value::of(nanos % kNanosPerSecond / 1'000'000);
  }
}

void declare(Environment& environment, const Getter& getter, std::string_view id, std::vector<TypeId> parameters, Native native) {
  Overload overload;
  overload.id = std::string(id) + std::string(getter.name);
  overload.is_member = true;
  overload.parameters = std::move(parameters);
  overload.result = kInt;
  overload.native = native;
  overload.state = &getter;
  environment.declare_function(getter.name, std::move(overload));
}

}  // namespace

void declare_time(Environment& environment) {
  for (std::size_t i = 0; i < kGetters.size(); ++i) {
    declare(environment, kGetters[i], "timestamp_", {kTimestamp}, of_timestamp);
    declare(environment, kGetters[i], "timestamp_zone_", {kTimestamp, kString}, of_timestamp_in_zone);
    if (i >= kFirstOfDurations) declare(environment, kGetters[i], "duration_", {kDuration}, of_duration);
  }
}

}  // namespace holdfast::policy::cel
