#include "policy/cel/testing/show.h"

#include "policy/cel/functions/civil_time.h"

#include <fmt/format.h>

namespace holdfast::policy::cel {

namespace {

std::string show_list(const Value& value) {
  std::string out = "[";
  for (const Value& each : value.elements()) out += (out.size() > 1 ? ", " : "") + show(each);
  return out + "]";
}

std::string show_map(const Value& value) {
  std::string out = "{";
  for (const MapEntry& each : value.entries()) out += (out.size() > 1 ? ", " : "") + show(each.key) + ": " + show(each.value);
  return out + "}";
}

}  // namespace

std::string show(const Value& value) {
  switch (value.kind()) {
    case ValueKind::error: return fmt::format("error({})", name_of(value.code()));
    case ValueKind::null: return "null";
    case ValueKind::boolean: return value.as_bool() ? "true" : "false";
    case ValueKind::int64: return std::to_string(value.as_int());
    case ValueKind::uint64: return std::to_string(value.as_uint()) + "u";
    case ValueKind::floating: return fmt::format("{}d", value.as_double());
    case ValueKind::string: return fmt::format("'{}'", value.text());
    case ValueKind::bytes: return fmt::format("b'{}'", value.text());
    case ValueKind::timestamp: return write_instant({value.seconds(), value.nanos()});
    case ValueKind::duration: return write_duration(value.duration_nanos());
    case ValueKind::list: return show_list(value);
    case ValueKind::map: return show_map(value);
    case ValueKind::type: return fmt::format("type({})", value.text());
    case ValueKind::opaque: return fmt::format("opaque({})", value.opaque_type());
  }
  return "";
}

}  // namespace holdfast::policy::cel
