#include "policy/cel/run/value.h"

namespace holdfast::policy::cel {

std::string_view name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::none: return "none";
    case ErrorCode::no_such_overload: return "no such overload";
    case ErrorCode::unknown_name: return "unknown name";
    case ErrorCode::divide_by_zero: return "divide by zero";
    case ErrorCode::overflow: return "overflow";
    case ErrorCode::out_of_range: return "out of range";
    case ErrorCode::bad_conversion: return "bad conversion";
    case ErrorCode::not_utf8: return "not UTF-8";
    case ErrorCode::no_such_key: return "no such key";
    case ErrorCode::index_out_of_range: return "index out of range";
    case ErrorCode::duplicate_key: return "duplicate key";
    case ErrorCode::bad_key: return "unsupported key type";
    case ErrorCode::bad_pattern: return "bad pattern";
    case ErrorCode::unknown_zone: return "unknown time zone";
    case ErrorCode::too_deep: return "nested too deeply";
    case ErrorCode::unavailable: return "unavailable";
    case ErrorCode::out_of_budget: return "out of budget";
    case ErrorCode::out_of_memory: return "out of memory";
  }
  return "";
}

}  // namespace holdfast::policy::cel
