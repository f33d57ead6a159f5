#include "policy/cel/run/operate.h"

#include "base/amount.h"
#include "policy/cel/functions/civil_time.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace holdfast::policy::cel {

namespace {

Value error(ErrorCode code) { return Value::error(code); }
Value no_overload() { return error(ErrorCode::no_such_overload); }

template <class Integer>
Value integer_arithmetic(Op op, Integer a, Integer b) {
  Integer out = 0;
  bool overflow = false;
  switch (op) {
    case Op::add: overflow = __builtin_add_overflow(a, b, &out); break;
    case Op::subtract: overflow = __builtin_sub_overflow(a, b, &out); break;
    case Op::multiply: overflow = __builtin_mul_overflow(a, b, &out); break;
    case Op::divide:
    case Op::modulo:
      if (b == 0) return error(ErrorCode::divide_by_zero);
      if constexpr (std::is_signed_v<Integer>) {
        if (b == -1) {  // The only quotient that overflows; the machine's own instruction would trap.
          if (op == Op::modulo) return Value::of(Integer{0});
          overflow = __builtin_sub_overflow(Integer{0}, a, &out);
          break;
        }
      }
      out = op == Op::divide ? a / b : a % b;
      break;
    default: return no_overload();
  }
  return overflow ? error(ErrorCode::overflow) : Value::of(out);
}

Value double_arithmetic(Op op, double a, double b) {
  switch (op) {
    case Op::add: return Value::of(a + b);
    case Op::subtract: return Value::of(a - b);
    case Op::multiply: return Value::of(a * b);
    case Op::divide: return Value::of(a / b);  // By zero: infinity or NaN, as IEEE 754 has it.
    default: return no_overload();
  }
}

Value moved(const Value& timestamp, std::int64_t by_nanos, bool back) {
  std::int64_t nanos = by_nanos % kNanosPerSecond;
  std::int64_t seconds = by_nanos / kNanosPerSecond;
  if (back) {
    nanos = -nanos;
    seconds = -seconds;
  }
  nanos += timestamp.nanos();
  seconds += timestamp.seconds();
  if (nanos < 0) --seconds;
  if (nanos >= kNanosPerSecond) ++seconds;
  nanos = (nanos + kNanosPerSecond) % kNanosPerSecond;
  if (seconds < kFirstSecond || seconds > kLastSecond) return error(ErrorCode::overflow);
  return Value::timestamp(seconds, static_cast<std::uint32_t>(nanos));
}

Value between(const Value& later, const Value& earlier) {
  const auto nanos = [](const Value& time) { return Int128{time.seconds()} * kNanosPerSecond + time.nanos(); };
  const Int128 out = nanos(later) - nanos(earlier);
  if (out > std::numeric_limits<std::int64_t>::max() || out < std::numeric_limits<std::int64_t>::min()) return error(ErrorCode::overflow);
  return Value::duration(static_cast<std::int64_t>(out));
}

Value time_arithmetic(Op op, const Value& a, const Value& b) {
  const bool a_is_time = a.is(ValueKind::timestamp);
  const bool b_is_time = b.is(ValueKind::timestamp);
  std::int64_t out = 0;
  if (op == Op::add) {
    if (a_is_time && b_is_time) return no_overload();
    if (a_is_time) return moved(a, b.duration_nanos(), false);
    if (b_is_time) return moved(b, a.duration_nanos(), false);
    return __builtin_add_overflow(a.duration_nanos(), b.duration_nanos(), &out) ? error(ErrorCode::overflow) : Value::duration(out);
  }
  if (op != Op::subtract || (!a_is_time && b_is_time)) return no_overload();
  if (b_is_time) return between(a, b);
  if (a_is_time) return moved(a, b.duration_nanos(), true);
  return __builtin_sub_overflow(a.duration_nanos(), b.duration_nanos(), &out) ? error(ErrorCode::overflow) : Value::duration(out);
}

Value concatenate(Context& context, const Value& a, const Value& b) {
  const std::size_t size = a.size() + b.size();
  if (size > std::numeric_limits<std::uint32_t>::max()) return error(ErrorCode::out_of_memory);
  if (!a.is(ValueKind::list)) {
    if (!context.charge(size / kBytesPerUnit)) return error(context.fatal());
    return context.join(a.kind(), a.text(), b.text());
  }
  if (!context.charge(size)) return error(context.fatal());
  Value* out = context.take<Value>(size);
  if (out == nullptr) return error(context.fatal());
  std::ranges::copy(b.elements(), std::ranges::copy(a.elements(), out).out);
  return Value::list(out, size);
}

Value arithmetic(Op op, Context& context, const Value& a, const Value& b) {
  const bool is_time = a.is(ValueKind::timestamp) || a.is(ValueKind::duration);
  if (is_time && (b.is(ValueKind::timestamp) || b.is(ValueKind::duration))) return time_arithmetic(op, a, b);
  if (a.kind() != b.kind()) return no_overload();
  switch (a.kind()) {
    case ValueKind::int64: return integer_arithmetic(op, a.as_int(), b.as_int());
    case ValueKind::uint64: return integer_arithmetic(op, a.as_uint(), b.as_uint());
    case ValueKind::floating: return double_arithmetic(op, a.as_double(), b.as_double());
    case ValueKind::string:
    case ValueKind::bytes:
    case ValueKind::list: return op == Op::add ? concatenate(context, a, b) : no_overload();
    default: return no_overload();
  }
}

Value negate(const Value& a) {
  if (a.is(ValueKind::floating)) return Value::of(-a.as_double());
  if (!a.is(ValueKind::int64)) return no_overload();
  return integer_arithmetic(Op::subtract, std::int64_t{0}, a.as_int());
}

Value ordered(Op op, Context& context, const Value& a, const Value& b) {
  const auto found = order(a, b);
  if (!found) return no_overload();
  const bool is_text = a.is(ValueKind::string) || a.is(ValueKind::bytes);
  if (is_text && !context.charge(std::min(a.size(), b.size()) / kBytesPerUnit)) return error(context.fatal());
  switch (op) {
    case Op::less: return Value::of(*found < 0);
    case Op::less_equal: return Value::of(*found <= 0);
    case Op::greater: return Value::of(*found > 0);
    default: return Value::of(*found >= 0);
  }
}

Value find(Context& context, const Value& map, const Value& key) {
  const std::size_t bytes = key.is(ValueKind::string) ? key.size() : 0;
  if (!context.charge(lookup_cost(map.size(), bytes))) return error(context.fatal());
  const Value* found = find_key(map.entries(), key);
  return found == nullptr ? error(ErrorCode::no_such_key) : *found;
}

Value contains(Context& context, const Environment& environment, const Value& sought, const Value& in) {
  if (in.is(ValueKind::map)) {
    const Value found = find(context, in, sought);
    if (context.fatal() != ErrorCode::none) return found;
    return Value::of(find_key(in.entries(), sought) != nullptr);
  }
  if (!in.is(ValueKind::list)) return no_overload();
  for (const Value& each : in.elements()) {
    const Value same = equal(context, environment.opaque_equals(), each, sought);
    if (same.is_error() || same.as_bool()) return same;
  }
  return Value::of(false);
}

// A double or a uint that is a whole number will do.
Value index_list(const Value& list, const Value& index) {
  std::uint64_t place = 0;
  switch (index.kind()) {
    case ValueKind::int64: place = index.as_int() < 0 ? std::numeric_limits<std::uint64_t>::max() : index.as_uint(); break;
    case ValueKind::uint64: place = index.as_uint(); break;
    case ValueKind::floating:
      if (!(index.as_double() >= 0 && index.as_double() < 4e9) || std::trunc(index.as_double()) != index.as_double()) {
        return error(ErrorCode::index_out_of_range);
      }
      place = static_cast<std::uint64_t>(index.as_double());
      break;
    default: return no_overload();
  }
  return place < list.size() ? list.elements()[place] : error(ErrorCode::index_out_of_range);
}

Value type_of(const Environment& environment, const Value& value) {
  constexpr std::array kKinds{TypeKind::dyn,       TypeKind::null_type, TypeKind::boolean, TypeKind::int64, TypeKind::uint64,
                              TypeKind::floating,  TypeKind::string,    TypeKind::bytes,   TypeKind::timestamp, TypeKind::duration,
                              TypeKind::list,      TypeKind::map,       TypeKind::type,    TypeKind::opaque};
  if (value.is(ValueKind::opaque)) {
    if (value.opaque_type() >= environment.types().opaque_count()) return no_overload();
    return Value::type(environment.types().opaque_of(value.opaque_type()).name);
  }
  return Value::type(name_of(kKinds[static_cast<std::size_t>(value.kind())]));
}

struct Named {
  Op op;
  std::string_view function;
};

constexpr std::array<Named, 16> kOperators{{{Op::negate, "-_"},
                                            {Op::invert, "!_"},
                                            {Op::add, "_+_"},
                                            {Op::subtract, "_-_"},
                                            {Op::multiply, "_*_"},
                                            {Op::divide, "_/_"},
                                            {Op::modulo, "_%_"},
                                            {Op::equal, "_==_"},
                                            {Op::not_equal, "_!=_"},
                                            {Op::less, "_<_"},
                                            {Op::less_equal, "_<=_"},
                                            {Op::greater, "_>_"},
                                            {Op::greater_equal, "_>=_"},
                                            {Op::in, "@in"},
                                            {Op::index, "_[_]"},
                                            {Op::type_of, "type"}}};

}  // namespace

Value operate(Op op, Context& context, const Environment& environment, const Value& a, const Value& b) {
  switch (op) {
    case Op::negate: return negate(a);
    case Op::invert: return a.is(ValueKind::boolean) ? Value::of(!a.as_bool()) : no_overload();
    case Op::add:
    case Op::subtract:
    case Op::multiply:
    case Op::divide:
    case Op::modulo: return arithmetic(op, context, a, b);
    case Op::equal: return equal(context, environment.opaque_equals(), a, b);
    case Op::not_equal: {
      const Value same = equal(context, environment.opaque_equals(), a, b);
      return same.is_error() ? same : Value::of(!same.as_bool());
    }
    case Op::less:
    case Op::less_equal:
    case Op::greater:
    case Op::greater_equal: return ordered(op, context, a, b);
    case Op::in: return contains(context, environment, a, b);
    case Op::index:
      if (a.is(ValueKind::list)) return index_list(a, b);
      return a.is(ValueKind::map) ? find(context, a, b) : no_overload();
    case Op::type_of: return type_of(environment, a);
    default: return no_overload();
  }
}

Value select(Context& context, const Value& from, const Value& key) {
  return from.is(ValueKind::map) ? find(context, from, key) : no_overload();
}

Value presence(Context& context, const Value& from, const Value& key) {
  if (!from.is(ValueKind::map)) return no_overload();
  const Value found = find(context, from, key);
  if (context.fatal() != ErrorCode::none) return found;
  return Value::of(find_key(from.entries(), key) != nullptr);
}

std::string_view function_of(Op op) {
  const auto* found = std::ranges::find(kOperators, op, &Named::op);
  return found == kOperators.end() ? std::string_view() : found->function;
}

std::optional<Op> operator_of_function(std::string_view name) {
  const auto* found = std::ranges::find(kOperators, name, &Named::function);
  return found == kOperators.end() ? std::nullopt : std::optional(found->op);
}

std::uint64_t lookup_cost(std::uint64_t entries, std::uint64_t key_bytes) {
  return bounded_product(static_cast<std::uint64_t>(std::bit_width(entries)) + 1, 1 + key_bytes / kBytesPerUnit);
}

}  // namespace holdfast::policy::cel
