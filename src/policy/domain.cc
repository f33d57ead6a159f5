#include "policy/domain.h"

namespace holdfast::policy {
namespace {

using cel::Context;
using cel::ErrorCode;
using cel::Value;
namespace types = cel::types;

constexpr std::uint64_t kMembershipCost = 16;  // Of hashing a text of the largest size that a variable has.

const Usd& usd(const Value& value) { return value.object<Usd>(); }

// The one number without a positive counterpart is over the bound, too.
Value make(Context& context, std::uint16_t type, Usd money) {
  if (money.micro < -kInt128Max) return Value::error(ErrorCode::overflow);
  Usd* out = context.take<Usd>(1);
  if (out == nullptr) return Value::error(context.fatal());
  *out = money;
  return Value::opaque(type, out);
}

Value of_text(Context& context, const Value* arguments, const void* state) {
  const auto money = read_usd(arguments[0].text());
  if (!money) return Value::error(ErrorCode::bad_conversion);
  return make(context, *static_cast<const std::uint16_t*>(state), *money);
}

Value sum(Context& context, const Value* arguments, const void*) {
  Usd out;
  if (__builtin_add_overflow(usd(arguments[0]).micro, usd(arguments[1]).micro, &out.micro)) return Value::error(ErrorCode::overflow);
  return make(context, arguments[0].opaque_type(), out);
}

Value difference(Context& context, const Value* arguments, const void*) {
  Usd out;
  if (__builtin_sub_overflow(usd(arguments[0]).micro, usd(arguments[1]).micro, &out.micro)) return Value::error(ErrorCode::overflow);
  return make(context, arguments[0].opaque_type(), out);
}

Value times(Context& context, const Value* arguments, const void*) {
  Usd out;
  if (__builtin_mul_overflow(usd(arguments[0]).micro, Int128{arguments[1].as_int()}, &out.micro)) return Value::error(ErrorCode::overflow);
  return make(context, arguments[0].opaque_type(), out);
}

Value less(Context&, const Value* a, const void*) { return Value::of(usd(a[0]) < usd(a[1])); }
Value less_equal(Context&, const Value* a, const void*) { return Value::of(usd(a[0]) <= usd(a[1])); }
Value greater(Context&, const Value* a, const void*) { return Value::of(usd(a[0]) > usd(a[1])); }
Value greater_equal(Context&, const Value* a, const void*) { return Value::of(usd(a[0]) >= usd(a[1])); }
bool equal(const Value& a, const Value& b) { return usd(a) == usd(b); }

Value member(Context&, const Value* arguments, const void*) {
  return Value::of(arguments[1].object<TextSet>().contains(arguments[0].text()));
}

}  // namespace

std::optional<Usd> read_usd(std::string_view text) {
  const ParsedAmount parsed = parse_decimal(text, kUsdDecimals);
  if (!parsed.amount) return std::nullopt;
  return Usd{parsed.amount->units()};
}

std::string write_usd(Usd money) {
  const bool negative = money.micro < 0;
  return (negative ? "-" : "") + Amount::of(negative ? -money.micro : money.micro).to_decimal(kUsdDecimals);
}

Domain::Domain() {
  usd_ = environment.declare_type("usd", equal);
  set_ = environment.declare_type("set", nullptr);
  usd_type_ = environment.types().opaque(usd_);
  set_type_ = environment.types().opaque(set_);
  declare("usd", "usd_text", {types::kString}, usd_type_, of_text);
  declare("_+_", "add_usd", {usd_type_, usd_type_}, usd_type_, sum);
  declare("_-_", "subtract_usd", {usd_type_, usd_type_}, usd_type_, difference);
  declare("_*_", "multiply_usd", {usd_type_, types::kInt}, usd_type_, times);
  declare("_<_", "less_usd", {usd_type_, usd_type_}, types::kBool, less);
  declare("_<=_", "less_equal_usd", {usd_type_, usd_type_}, types::kBool, less_equal);
  declare("_>_", "greater_usd", {usd_type_, usd_type_}, types::kBool, greater);
  declare("_>=_", "greater_equal_usd", {usd_type_, usd_type_}, types::kBool, greater_equal);
  declare("@in", "in_set", {types::kString, set_type_}, types::kBool, member);
}

void Domain::declare(std::string_view name, std::string_view id, std::vector<cel::TypeId> parameters, cel::TypeId result,
                     cel::Native native) {
  cel::Overload overload;
  overload.id = std::string(id);
  overload.parameters = std::move(parameters);
  overload.result = result;
  overload.native = native;
  overload.state = &usd_;
  overload.base_cost = name == "@in" ? kMembershipCost : 1;
  environment.declare_function(name, std::move(overload));
}

}  // namespace holdfast::policy
