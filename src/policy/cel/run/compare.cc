#include "policy/cel/run/compare.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace holdfast::policy::cel {

namespace {

constexpr int kMaxDepth = 500;
constexpr double kTwo63 = 9223372036854775808.0;
constexpr double kTwo64 = 18446744073709551616.0;

bool is_number(const Value& value) {
  return value.is(ValueKind::int64) || value.is(ValueKind::uint64) || value.is(ValueKind::floating);
}

std::partial_ordering reversed(std::partial_ordering order) { return 0 <=> order; }

std::partial_ordering order_int_uint(std::int64_t left, std::uint64_t right) {
  if (left < 0) return std::partial_ordering::less;
  return static_cast<std::uint64_t>(left) <=> right;
}

std::partial_ordering order_double(double left, const Value& right) {
  switch (right.kind()) {
    case ValueKind::int64:
      if (left < -kTwo63) return std::partial_ordering::less;
      if (left > kTwo63) return std::partial_ordering::greater;
      return left <=> static_cast<double>(right.as_int());
    case ValueKind::uint64:
      if (left < 0) return std::partial_ordering::less;
      if (left > kTwo64) return std::partial_ordering::greater;
      return left <=> static_cast<double>(right.as_uint());
    default: return left <=> right.as_double();
  }
}

std::partial_ordering order_numbers(const Value& left, const Value& right) {
  if (left.is(ValueKind::floating)) return order_double(left.as_double(), right);
  if (right.is(ValueKind::floating)) return reversed(order_double(right.as_double(), left));
  if (left.is(ValueKind::int64)) {
    return right.is(ValueKind::int64) ? left.as_int() <=> right.as_int() : order_int_uint(left.as_int(), right.as_uint());
  }
  return right.is(ValueKind::uint64) ? left.as_uint() <=> right.as_uint()
                                     : reversed(order_int_uint(right.as_int(), left.as_uint()));
}

// Keys only.
int key_rank(const Value& key) {
  if (key.is(ValueKind::boolean)) return 0;
  return key.is(ValueKind::string) ? 2 : 1;
}

std::strong_ordering order_keys(const Value& left, const Value& right) {
  const int rank = key_rank(left);
  if (const auto by_rank = rank <=> key_rank(right); by_rank != 0) return by_rank;
  if (rank == 0) return left.as_bool() <=> right.as_bool();
  if (rank == 2) return left.text() <=> right.text();
  return order_numbers(left, right) < 0   ? std::strong_ordering::less
         : order_numbers(left, right) > 0 ? std::strong_ordering::greater
                                          : std::strong_ordering::equal;
}

// The key that a double means: the whole number that it is.
std::optional<Value> whole(double number) {
  if (std::trunc(number) != number) return std::nullopt;
  if (number >= -kTwo63 && number < kTwo63) return Value::of(static_cast<std::int64_t>(number));
  if (number >= 0 && number < kTwo64) return Value::of(static_cast<std::uint64_t>(number));
  return std::nullopt;
}

class Equality {
 public:
  Equality(Context& context, std::span<const OpaqueEqual> opaques) : context_(context), opaques_(opaques) {}

  // False also when something went wrong: then `failed` says what.
  bool equal(const Value& left, const Value& right, int depth) {
    if (depth > kMaxDepth) failed = ErrorCode::too_deep;
    if (!context_.charge(1)) failed = context_.fatal();
    if (failed != ErrorCode::none) return false;
    if (is_number(left) && is_number(right)) return order_numbers(left, right) == 0;
    if (left.kind() != right.kind()) return false;
    switch (left.kind()) {
      case ValueKind::null: return true;
      case ValueKind::boolean: return left.as_bool() == right.as_bool();
      case ValueKind::duration: return left.duration_nanos() == right.duration_nanos();
      case ValueKind::timestamp: return left.seconds() == right.seconds() && left.nanos() == right.nanos();
      case ValueKind::string:
      case ValueKind::bytes:
      case ValueKind::type: return text_equal(left, right);
      case ValueKind::list: return lists_equal(left.elements(), right.elements(), depth);
      case ValueKind::map: return maps_equal(left.entries(), right.entries(), depth);
      case ValueKind::opaque: {
        const std::size_t type = left.opaque_type();
        return type == right.opaque_type() && type < opaques_.size() && opaques_[type] != nullptr && opaques_[type](left, right);
      }
      case ValueKind::error:
      case ValueKind::int64:
      case ValueKind::uint64:
      case ValueKind::floating: break;
    }
    return false;
  }

  ErrorCode failed = ErrorCode::none;

 private:
  bool text_equal(const Value& left, const Value& right) {
    if (left.size() != right.size()) return false;
    if (!context_.charge(left.size() / kBytesPerUnit)) {
      failed = context_.fatal();
      return false;
    }
    return left.text() == right.text();
  }

  bool lists_equal(std::span<const Value> left, std::span<const Value> right, int depth) {
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
      if (!equal(left[i], right[i], depth + 1)) return false;
    }
    return true;
  }

  // Both are sorted.
  bool maps_equal(std::span<const MapEntry> left, std::span<const MapEntry> right, int depth) {
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
      if (!equal(left[i].key, right[i].key, depth + 1) || !equal(left[i].value, right[i].value, depth + 1)) return false;
    }
    return true;
  }

  Context& context_;
  std::span<const OpaqueEqual> opaques_;
};

}  // namespace

Value equal(Context& context, std::span<const OpaqueEqual> opaques, const Value& left, const Value& right) {
  Equality equality(context, opaques);
  const bool out = equality.equal(left, right, 0);
  return equality.failed == ErrorCode::none ? Value::of(out) : Value::error(equality.failed);
}

std::optional<std::partial_ordering> order(const Value& left, const Value& right) {
  if (is_number(left) && is_number(right)) return order_numbers(left, right);
  if (left.kind() != right.kind()) return std::nullopt;
  switch (left.kind()) {
    case ValueKind::boolean: return left.as_bool() <=> right.as_bool();
    case ValueKind::string:
    case ValueKind::bytes: return left.text() <=> right.text();
    case ValueKind::duration: return left.duration_nanos() <=> right.duration_nanos();
    case ValueKind::timestamp:
      if (left.seconds() != right.seconds()) return left.seconds() <=> right.seconds();
      return left.nanos() <=> right.nanos();
    default: return std::nullopt;
  }
}

bool is_key(const Value& value) {
  return value.is(ValueKind::boolean) || value.is(ValueKind::int64) || value.is(ValueKind::uint64) || value.is(ValueKind::string);
}

ErrorCode sort_entries(std::span<MapEntry> entries) {
  for (const MapEntry& each : entries) {
    if (!is_key(each.key)) return ErrorCode::bad_key;
  }
  std::sort(entries.begin(), entries.end(), [](const MapEntry& a, const MapEntry& b) { return order_keys(a.key, b.key) < 0; });
  const auto twice = std::adjacent_find(entries.begin(), entries.end(), [](const MapEntry& a, const MapEntry& b) {
    return order_keys(a.key, b.key) == 0;
  });
  return twice == entries.end() ? ErrorCode::none : ErrorCode::duplicate_key;
}

const Value* find_key(std::span<const MapEntry> entries, const Value& key) {
  Value sought = key;
  if (key.is(ValueKind::floating)) {
    const auto number = whole(key.as_double());
    if (!number) return nullptr;
    sought = *number;
  }
  if (!is_key(sought)) return nullptr;
  const auto place = std::lower_bound(entries.begin(), entries.end(), sought,
                                      [](const MapEntry& entry, const Value& k) { return order_keys(entry.key, k) < 0; });
  return place != entries.end() && order_keys(place->key, sought) == 0 ? &place->value : nullptr;
}

}  // namespace holdfast::policy::cel
