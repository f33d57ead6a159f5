// size() and the functions on text: contains(), startsWith(), endsWith(), matches().
#include "policy/cel/functions/pattern.h"

#include "policy/cel/check/environment.h"
#include "policy/cel/functions/standard.h"
#include "policy/cel/syntax/utf8.h"

#include <cstring>

namespace holdfast::policy::cel {

namespace {

using namespace types;

Value size(Context& /*context*/, const Value* arguments, const void* /*state*/) {
  const Value& of = arguments[0];
  return Value::of(static_cast<std::int64_t>(of.is(ValueKind::string) ? count_code_points(of.text()) : of.size()));
}

// memmem takes time in proportion to both lengths; string_view::find may take their product.
Value contains(Context& /*context*/, const Value* arguments, const void* /*state*/) {
  const std::string_view text = arguments[0].text();
  const std::string_view part = arguments[1].text();
  if (part.empty() || part.size() > text.size()) return Value::of(part.empty());
  return Value::of(memmem(text.data(), text.size(), part.data(), part.size()) != nullptr);
}

Value starts_with(Context& /*context*/, const Value* arguments, const void* /*state*/) {
  return Value::of(arguments[0].text().starts_with(arguments[1].text()));
}

Value ends_with(Context& /*context*/, const Value* arguments, const void* /*state*/) {
  return Value::of(arguments[0].text().ends_with(arguments[1].text()));
}

Value matches(Context& /*context*/, const Value* arguments, const void* /*state*/) {
  const auto pattern = Pattern::compile(arguments[1].text());
  return pattern ? Value::of(pattern->is_in(arguments[0].text())) : Value::error(ErrorCode::bad_pattern);
}

void declare(Environment& environment, std::string_view name, std::string id, bool is_member, std::vector<TypeId> parameters,
             TypeId result, Native native, Work work, std::uint64_t base_cost = 0) {
  Overload overload;
  overload.id = std::move(id);
  overload.is_member = is_member;
  overload.parameters = std::move(parameters);
  overload.result = result;
  overload.native = native;
  overload.work = work;
  overload.base_cost = base_cost;
  environment.declare_function(name, std::move(overload));
}

}  // namespace

void declare_text(Environment& environment) {
  TypeTable& table = environment.types();
  const TypeId list = table.list(table.parameter(0));
  const TypeId map = table.map(table.parameter(0), table.parameter(1));
  for (const bool is_member : {false, true}) {
    const std::string of = is_member ? "_size" : "size_";
    const auto id = [&](std::string type) { return is_member ? type + of : of + type; };
    declare(environment, "size", id("string"), is_member, {kString}, kInt, size, Work::linear);
    declare(environment, "size", id("bytes"), is_member, {kBytes}, kInt, size, Work::fixed);
    declare(environment, "size", id("list"), is_member, {list}, kInt, size, Work::fixed);
    declare(environment, "size", id("map"), is_member, {map}, kInt, size, Work::fixed);
    declare(environment, "matches", is_member ? "matches_string" : "matches", is_member, {kString, kString}, kBool, matches,
            Work::product, kPatternCost);
  }
  declare(environment, "contains", "contains_string", true, {kString, kString}, kBool, contains, Work::linear);
  declare(environment, "startsWith", "starts_with_string", true, {kString, kString}, kBool, starts_with, Work::linear);
  declare(environment, "endsWith", "ends_with_string", true, {kString, kString}, kBool, ends_with, Work::linear);
}

}  // namespace holdfast::policy::cel
