#include "policy/domain.h"

#include <algorithm>

namespace holdfast::policy {
namespace {

using cel::Context;
using cel::ErrorCode;
using cel::Value;
namespace types = cel::types;

constexpr std::size_t kLongestSymbol = 32;
constexpr std::uint64_t kMembershipCost = 16;  // Of hashing a text of the largest size that a variable has.

// The number inside.
Int128& of(Usd& money) { return money.micro; }
Int128& of(AssetAmount& amount) { return amount.atto; }
template <class Money>
Int128 of(const Value& value) {
  Money copy = value.object<Money>();
  return of(copy);
}

// The one number without a positive counterpart is over the bound, too.
template <class Money>
Value make(Context& context, std::uint16_t type, bool is_over, Int128 number) {
  if (is_over || number < -kInt128Max) return Value::error(ErrorCode::overflow);
  Money* out = context.take<Money>(1);
  if (out == nullptr) return Value::error(context.fatal());
  *out = {};
  of(*out) = number;
  return Value::opaque(type, out);
}

template <class Money, std::optional<Money> (*kRead)(std::string_view)>
Value of_text(Context& context, const Value* arguments, const void* state) {
  auto money = kRead(arguments[0].text());
  if (!money) return Value::error(ErrorCode::bad_conversion);
  return make<Money>(context, *static_cast<const std::uint16_t*>(state), false, of(*money));
}

template <class Money>
Value sum(Context& context, const Value* a, const void*) {
  Int128 out = 0;
  const bool is_over = __builtin_add_overflow(of<Money>(a[0]), of<Money>(a[1]), &out);
  return make<Money>(context, a[0].opaque_type(), is_over, out);
}

template <class Money>
Value difference(Context& context, const Value* a, const void*) {
  Int128 out = 0;
  const bool is_over = __builtin_sub_overflow(of<Money>(a[0]), of<Money>(a[1]), &out);
  return make<Money>(context, a[0].opaque_type(), is_over, out);
}

template <class Money>
Value times(Context& context, const Value* a, const void*) {
  Int128 out = 0;
  const bool is_over = __builtin_mul_overflow(of<Money>(a[0]), Int128{a[1].as_int()}, &out);
  return make<Money>(context, a[0].opaque_type(), is_over, out);
}

template <class Money>
Value less(Context&, const Value* a, const void*) { return Value::of(of<Money>(a[0]) < of<Money>(a[1])); }
template <class Money>
Value less_equal(Context&, const Value* a, const void*) { return Value::of(of<Money>(a[0]) <= of<Money>(a[1])); }
template <class Money>
Value greater(Context&, const Value* a, const void*) { return Value::of(of<Money>(a[0]) > of<Money>(a[1])); }
template <class Money>
Value greater_equal(Context&, const Value* a, const void*) { return Value::of(of<Money>(a[0]) >= of<Money>(a[1])); }
template <class Money>
bool equal(const Value& a, const Value& b) { return of<Money>(a) == of<Money>(b); }

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

std::optional<AssetAmount> read_amount(std::string_view text) {
  const ParsedAmount parsed = parse_decimal(text, kAmountDecimals);
  if (!parsed.amount || parsed.amount->units() > kMostAmount) return std::nullopt;
  return AssetAmount{parsed.amount->units()};
}

std::string write_amount(AssetAmount amount) {
  const bool negative = amount.atto < 0;
  return (negative ? "-" : "") + Amount::of(negative ? -amount.atto : amount.atto).to_decimal(kAmountDecimals);
}

std::optional<AssetAmount> amount_of(Amount units, unsigned decimals) {
  Int128 out = units.units();
  for (unsigned i = decimals; i < kAmountDecimals; ++i) {
    if (__builtin_mul_overflow(out, Int128{10}, &out)) return std::nullopt;
  }
  bool has_more = false;
  for (unsigned i = kAmountDecimals; i < decimals; ++i) {
    has_more = has_more || out % 10 != 0;
    out /= 10;
  }
  out += has_more ? 1 : 0;
  return out <= kMostAmount ? std::optional(AssetAmount{out}) : std::nullopt;
}

bool is_symbol(std::string_view text) {
  const auto fits = [](char c) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_letter || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' || c == '+' || c == '$';
  };
  return !text.empty() && text.size() <= kLongestSymbol && std::ranges::all_of(text, fits);
}

Domain::Domain() {
  usd_ = environment.declare_type("usd", equal<Usd>);
  amount_ = environment.declare_type("amount", equal<AssetAmount>, true);
  set_ = environment.declare_type("set", nullptr);
  cel::TypeTable& table = environment.types();
  usd_type_ = table.opaque(usd_);
  set_type_ = table.opaque(set_);
  declare("usd", "usd_text", {types::kString}, usd_type_, of_text<Usd, read_usd>, &usd_);
  declare_arithmetic<Usd>("usd", usd_type_);
  declare_arithmetic<AssetAmount>("amount", table.opaque(amount_, table.parameter(0)));
  declare("@in", "in_set", {types::kString, set_type_}, types::kBool, member);
}

template <class Money>
void Domain::declare_arithmetic(const std::string& name, cel::TypeId type) {
  declare("_+_", "add_" + name, {type, type}, type, sum<Money>);
  declare("_-_", "subtract_" + name, {type, type}, type, difference<Money>);
  declare("_*_", "multiply_" + name, {type, types::kInt}, type, times<Money>);
  declare("_<_", "less_" + name, {type, type}, types::kBool, less<Money>);
  declare("_<=_", "less_equal_" + name, {type, type}, types::kBool, less_equal<Money>);
  declare("_>_", "greater_" + name, {type, type}, types::kBool, greater<Money>);
  declare("_>=_", "greater_equal_" + name, {type, type}, types::kBool, greater_equal<Money>);
}

// The asset's own type has a name that no expression can write.
std::uint32_t Domain::declare_asset(std::string_view symbol) {
  cel::TypeTable& table = environment.types();
  const std::string quoted = '"' + std::string(symbol) + '"';
  const cel::TypeId type = table.opaque(amount_, table.opaque(environment.declare_type(quoted, nullptr)));
  declare(cel::name_of_call("amount", 2, symbol), "amount_text", {types::kString, types::kString}, type, of_text<AssetAmount, read_amount>,
          &amount_);
  return environment.declare_variable(cel::name_of_call("sent", 1, symbol), type);
}

void Domain::declare(std::string_view name, const std::string& id, std::vector<cel::TypeId> parameters, cel::TypeId result,
                     cel::Native native, const void* state) {
  cel::Overload overload;
  overload.id = id;
  overload.parameters = std::move(parameters);
  overload.result = result;
  overload.native = native;
  overload.state = state;
  overload.base_cost = name == "@in" ? kMembershipCost : 1;
  environment.declare_function(name, std::move(overload));
}

}  // namespace holdfast::policy
