// A domain's own types for tests: money of an asset. The asset is the type's parameter, so that two of them cannot be mixed.
#pragma once

#include "policy/cel/check/environment.h"

#include <charconv>
#include <cstdint>

namespace holdfast::policy::cel {

struct Money {
  std::int64_t cents = 0;
};

inline Value money_of_text(Context& context, const Value* arguments, const void* state) {
  double amount = 0;
  const std::string_view text = arguments[0].text();
  if (std::from_chars(text.data(), text.data() + text.size(), amount).ptr != text.data() + text.size()) {
    return Value::error(ErrorCode::bad_conversion);
  }
  auto* out = context.take<Money>(1);
  if (out == nullptr) return Value::error(context.fatal());
  out->cents = static_cast<std::int64_t>(amount * 100);
  return Value::opaque(*static_cast<const std::uint16_t*>(state), out);
}

inline Value money_sum(Context& context, const Value* arguments, const void* /*state*/) {
  auto* out = context.take<Money>(1);
  if (out == nullptr) return Value::error(context.fatal());
  if (__builtin_add_overflow(arguments[0].object<Money>().cents, arguments[1].object<Money>().cents, &out->cents)) {
    return Value::error(ErrorCode::overflow);
  }
  return Value::opaque(arguments[0].opaque_type(), out);
}

inline Value money_greater(Context& /*context*/, const Value* arguments, const void* /*state*/) {
  return Value::of(arguments[0].object<Money>().cents > arguments[1].object<Money>().cents);
}

inline Value money_less(Context& /*context*/, const Value* arguments, const void* /*state*/) {
  return Value::of(arguments[0].object<Money>().cents < arguments[1].object<Money>().cents);
}

inline bool money_equal(const Value& a, const Value& b) { return a.object<Money>().cents == b.object<Money>().cents; }

class MoneyWorld {
 public:
  MoneyWorld() {
    money = environment.declare_type("money", money_equal, true);
    TypeTable& table = environment.types();
    const TypeId usd = table.opaque(money, table.opaque(environment.declare_type("USD", nullptr)));
    const TypeId btc = table.opaque(money, table.opaque(environment.declare_type("BTC", nullptr)));
    const TypeId any = table.opaque(money, table.parameter(0));
    environment.declare_variable("amount", usd);
    environment.declare_variable("fee", btc);
    declare("usd", {types::kString}, usd, money_of_text);
    declare("btc", {types::kString}, btc, money_of_text);
    declare("_+_", {any, any}, any, money_sum);
    declare("_>_", {any, any}, types::kBool, money_greater);
    declare("_<_", {any, any}, types::kBool, money_less);
  }
  MoneyWorld(const MoneyWorld&) = delete;
  MoneyWorld& operator=(const MoneyWorld&) = delete;

  Environment environment;
  std::uint16_t money = 0;

 private:
  void declare(std::string_view name, std::vector<TypeId> parameters, TypeId result, Native native) {
    Overload overload;
    overload.id = std::string(name) + "_money";
    overload.parameters = std::move(parameters);
    overload.result = result;
    overload.native = native;
    overload.state = &money;
    environment.declare_function(name, std::move(overload));
  }
};

}  // namespace holdfast::policy::cel
