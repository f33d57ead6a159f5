// The functions that are named after types: int(), string(), timestamp(), type(), dyn(), ...
#include "policy/cel/check/environment.h"
#include "policy/cel/functions/civil_time.h"
#include "policy/cel/functions/standard.h"
#include "policy/cel/syntax/literal.h"
#include "policy/cel/syntax/utf8.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace holdfast::policy::cel {

namespace {

using namespace types;

constexpr double kTwo63 = 9223372036854775808.0;
constexpr double kTwo64 = 18446744073709551616.0;
constexpr std::uint64_t kShortText = 40;  // Bytes of any number, time or duration.

Value failed(ErrorCode code) { return Value::error(code); }

template <class Integer>
Value read_integer(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  Integer out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error == std::errc::result_out_of_range) return failed(ErrorCode::out_of_range);
  return error == std::errc() && end == text.data() + text.size() ? Value::of(out) : failed(ErrorCode::bad_conversion);
}

Value identity(Context& /*context*/, const Value* arguments, const void* /*state*/) { return arguments[0]; }

Value to_int(Context& /*context*/, const Value* arguments, const void* /*state*/) {
  const Value& from = arguments[0];
  switch (from.kind()) {
    case ValueKind::uint64:
      if (from.as_uint() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return failed(ErrorCode::out_of_range);
      return Value::of(static_cast<std::int64_t>(from.as_uint()));
    case ValueKind::floating:
      if (!(from.as_double() > -kTwo63 && from.as_double() < kTwo63)) return failed(ErrorCode::out_of_range);
      return Value::of(static_cast<std::int64_t>(from.as_double()));
    case ValueKind::string: return read_integer<std::int64_t>(from.text());
    case ValueKind::timestamp: return Value::of(from.seconds());
    default: return failed(ErrorCode::no_such_overload);
  }
}

Value to_uint(Context& /*context*/, const Value* arguments, const void* /*state*/) {
  const Value& from = arguments[0];
  switch (from.kind()) {
    case ValueKind::int64:
      if (from.as_int() < 0) return failed(ErrorCode::out_of_range);
      return Value::of(static_cast<std::uint64_t>(from.as_int()));
    case ValueKind::floating:
      if (!(from.as_double() >= 0 && from.as_double() < kTwo64)) return failed(ErrorCode::out_of_range);
      return Value::of(static_cast<std::uint64_t>(from.as_double()));
    case ValueKind::string: return read_integer<std::uint64_t>(from.text());
    default: return failed(ErrorCode::no_such_overload);
  }
}

Value read_double(std::string_view text) {
  if (text == "NaN") return Value::of(std::numeric_limits<double>::quiet_NaN());
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const double sign = negative ? -1 : 1;
  if (text == "Infinity") return Value::of(sign * std::numeric_limits<double>::infinity());
  if (text.empty() || text.find_first_not_of("0123456789.eE+-") != std::string_view::npos || text.front() == '-') {
    return failed(ErrorCode::bad_conversion);
  }
  const auto number = to_double(text);
  return number ? Value::of(sign * *number) : failed(ErrorCode::bad_conversion);
}

Value to_floating(Context& /*context*/, const Value* arguments, const void* /*state*/) {
  const Value& from = arguments[0];
  switch (from.kind()) {
    case ValueKind::int64: return Value::of(static_cast<double>(from.as_int()));
    case ValueKind::uint64: return Value::of(static_cast<double>(from.as_uint()));
    case ValueKind::string: return read_double(from.text());
    default: return failed(ErrorCode::no_such_overload);
  }
}

Value to_bool(Context& /*context*/, const Value* arguments, const void* /*state*/) {
  for (const std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (arguments[0].text() == yes) return Value::of(true);
  }
  for (const std::string_view no : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (arguments[0].text() == no) return Value::of(false);
  }
  return failed(ErrorCode::bad_conversion);
}

Value write_double(Context& context, double number) {
  if (std::isnan(number)) return Value::string("NaN");
  if (std::isinf(number)) return Value::string(number > 0 ? "Infinity" : "-Infinity");
  std::array<char, 40> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return context.join(ValueKind::string, {digits.data(), static_cast<std::size_t>(end - digits.data())});
}

Value to_string(Context& context, const Value* arguments, const void* /*state*/) {
  const Value& from = arguments[0];
  switch (from.kind()) {
    case ValueKind::boolean: return Value::string(from.as_bool() ? "true" : "false");
    case ValueKind::int64: return context.join(ValueKind::string, std::to_string(from.as_int()));
    case ValueKind::uint64: return context.join(ValueKind::string, std::to_string(from.as_uint()));
    case ValueKind::floating: return write_double(context, from.as_double());
    case ValueKind::bytes: return is_utf8(from.text()) ? Value::string(from.text()) : failed(ErrorCode::not_utf8);
    case ValueKind::timestamp: return context.join(ValueKind::string, write_instant({from.seconds(), from.nanos()}));
    case ValueKind::duration: return context.join(ValueKind::string, write_duration(from.duration_nanos()));
    default: return failed(ErrorCode::no_such_overload);
  }
}

Value to_bytes(Context& /*context*/, const Value* arguments, const void* /*state*/) { return Value::bytes(arguments[0].text()); }

Value to_timestamp(Context& /*context*/, const Value* arguments, const void* /*state*/) {
  const Value& from = arguments[0];
  std::optional<Instant> instant = Instant{from.as_int(), 0};
  if (from.is(ValueKind::string)) instant = read_instant(from.text());
  if (!instant) return failed(ErrorCode::bad_conversion);
  if (instant->seconds < kFirstSecond || instant->seconds > kLastSecond) return failed(ErrorCode::out_of_range);
  return Value::timestamp(instant->seconds, instant->nanos);
}

Value to_duration(Context& /*context*/, const Value* arguments, const void* /*state*/) {
  std::int64_t nanos = 0;
  switch (read_duration(arguments[0].text(), nanos)) {
    case DurationProblem::none: return Value::duration(nanos);
    case DurationProblem::malformed: return failed(ErrorCode::bad_conversion);
    case DurationProblem::out_of_range: break;
  }
  return failed(ErrorCode::out_of_range);
}

struct Conversion {
  std::string_view name;
  TypeId to;
  Native native;
  std::vector<TypeId> from;
};

}  // namespace

void declare_conversions(Environment& environment) {
  const std::vector<Conversion> conversions{
      {"bool", kBool, to_bool, {kString}},
      {"int", kInt, to_int, {kUint, kDouble, kString, kTimestamp}},
      {"uint", kUint, to_uint, {kInt, kDouble, kString}},
      {"double", kDouble, to_floating, {kInt, kUint, kString}},
      {"string", kString, to_string, {kBool, kInt, kUint, kDouble, kBytes, kTimestamp, kDuration}},
      {"bytes", kBytes, to_bytes, {kString}},
      {"timestamp", kTimestamp, to_timestamp, {kString, kInt}},
      {"duration", kDuration, to_duration, {kString}},
  };
  const auto declare = [&environment](std::string_view name, std::string id, TypeId from, TypeId to, Native native) {
    Overload overload;
    overload.id = std::move(id);
    overload.parameters = {from};
    overload.result = to;
    overload.native = native;
    if (from == kString || from == kBytes) overload.work = Work::linear;
    if (to == kString) overload.result_bound = Bound::text(kShortText);
    if (from == to || to == kBytes || (from == kBytes && to == kString)) overload.growth = Growth::as_first;
    environment.declare_function(name, std::move(overload));
  };
  for (const Conversion& each : conversions) {
    declare(each.name, std::string(each.name) + "_identity", each.to, each.to, identity);
    for (const TypeId from : each.from) {
      declare(each.name, environment.types().name(from) + "_to_" + std::string(each.name), from, each.to, each.native);
    }
  }
  declare("dyn", "to_dyn", environment.types().parameter(0), kDyn, identity);
}

}  // namespace holdfast::policy::cel
