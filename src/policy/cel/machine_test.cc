#include "policy/cel/run/machine.h"

#include "policy/cel/expression.h"
#include "policy/cel/run/compile.h"
#include "policy/cel/testing/money.h"
#include "policy/cel/testing/sample_world.h"
#include "policy/cel/testing/show.h"

#include <gtest/gtest.h>

namespace holdfast::policy::cel {
namespace {

struct Case {
  std::string_view source;
  std::string_view result;
};

std::string run(std::string_view source, bool checked = true) {
  static const SampleWorld kWorld;
  auto ast = parse(source);
  if (!ast) return explain(source, ast.error());
  Resolved resolved = resolve(std::move(*ast), kWorld.environment);
  Machine machine;
  if (!checked) return show(machine.evaluate(compile_unchecked(resolved, kWorld.environment), kWorld.inputs));
  const auto typed = check(std::move(resolved), kWorld.environment, {.allows_dyn = true});
  if (!typed) return explain(source, typed.error());
  return show(machine.evaluate(compile(*typed, kWorld.environment), kWorld.inputs));
}

void expect(std::span<const Case> cases, bool checked = true) {
  for (const auto& [source, result] : cases) EXPECT_EQ(run(source, checked), result) << source;
}

TEST(machine, computes_with_whole_numbers_or_says_why_not) {
  constexpr Case kCases[] = {
      {"i + 1", "43"},
      {"7 / -2", "-3"},
      {"-7 % 2", "-1"},
      {"j - 1", "error(overflow)"},
      {"-j", "error(overflow)"},
      {"j / -1", "error(overflow)"},
      {"j % -1", "0"},
      {"j * -1", "error(overflow)"},
      {"9223372036854775807 + i", "error(overflow)"},
      {"u - 8u", "error(overflow)"},
      {"i / 0", "error(divide by zero)"},
      {"u % 0u", "error(divide by zero)"},
      {"d / 0.0", "infd"},
      {"int('9223372036854775808')", "error(out of range)"},
      {"uint(-1)", "error(out of range)"},
      {"int(9.3e18)", "error(out of range)"},
      {"int(0.0 / 0.0)", "error(out of range)"},
      {"int(' 1')", "error(bad conversion)"},
      {"double('1e-400')", "0d"},
      {"double('NaN') == double('NaN')", "false"},
      {"string(0.1) + string(1e21)", "'0.11e+21'"},
  };
  expect(kCases);
}

TEST(machine, compares_across_numbers) {
  constexpr Case kCases[] = {
      {"i < 42.5", "true"},       {"dyn(42) == i && dyn(42u) == i && dyn(42.0) == i", "true"},
      {"-1 < 0u", "true"},        {"18446744073709551615u > 9223372036854775807", "true"},
      {"0.0 / 0.0 < 1", "false"}, {"dyn(9007199254740993) == 9007199254740992.0", "true"},
      {"dyn(1) == '1'", "false"}, {"[1] == [dyn(1.0)]", "true"},
      {"2.0 in {2: 1}", "1:5: @in cannot be applied to (double, map(int, int)); it takes (A, list(A)) or (A, map(A, B))\n | 2.0 in {2: 1}\n |     ^"},
      {"dyn(2.0) in {2: 1}", "true"},
      {"'a' < 'b' && 'Z' < 'a' && 'z' < '\u00e9'", "true"},
  };
  expect(kCases);
}

TEST(machine, does_without_an_error_where_it_can) {
  constexpr Case kCases[] = {
      {"false && i / 0 == 1", "false"},
      {"i / 0 == 1 && false", "false"},
      {"i / 0 == 1 || b", "true"},
      {"i / 0 == 1 || !b", "error(divide by zero)"},
      {"i / 0 == 1 && j - 1 == 0", "error(divide by zero)"},
      {"i / 0 == 1 ? 1 : 2", "error(divide by zero)"},
      {"b ? 1 : i / 0", "1"},
      {"[0, 1].exists(x, 1 / x == 1)", "true"},
      {"[0, 2].exists(x, 1 / x == 1)", "error(divide by zero)"},
      {"[0, 1].all(x, 1 / x == 5)", "false"},
      {"[1, 0].exists_one(x, 1 / x == 1)", "error(divide by zero)"},
      {"[1, 0].map(x, 1 / x)", "error(divide by zero)"},
      {"[1, 0].filter(x, 1 / x == 1)", "error(divide by zero)"},
      {"[1 / 0, 2].size() == 2 || true", "true"},
  };
  expect(kCases);
}

TEST(machine, goes_through_lists_and_maps) {
  constexpr Case kCases[] = {
      {"xs.filter(x, x > 2).map(x, x * x)", "[9, 16, 25]"},
      {"xs.map(x, x % 2 == 1, x + 1)", "[4, 2, 2, 6]"},
      {"xs.map(x, ws.filter(w, size(w) == x))", "[['btc', 'eth'], [], ['btcb'], [], []]"},
      {"m.map(k, m[k])", "[10, -7]"},
      {"{'z': 1, 'a': 2}.map(k, k)", "['a', 'z']"},
      {"{true: 1, 2: 2, dyn('a'): 3}.map(k, k)", "[true, 2, 'a']"},
      {"xs.exists_one(x, x == 1)", "false"},
      {"xs.exists_one(x, x == 4)", "true"},
      {"xs[5]", "error(index out of range)"},
      {"xs[-1]", "error(index out of range)"},
      {"m.nothing", "error(no such key)"},
      {"has(m.nothing) || has(m.btc)", "true"},
      {"{i: 1, 42: 2}", "error(duplicate key)"},
      {"{1: 1, dyn(1u): 2}", "error(duplicate key)"},
      {"[[1, 2], [3]] == [[1, 2]] + [[3]]", "true"},
      {"[xs, [1]].map(l, l.map(x, x)) == [xs, [1]]", "true"},
  };
  expect(kCases);
}

TEST(machine, knows_text) {
  constexpr Case kCases[] = {
      {"size(s)", "9"},
      {"size(bytes(s))", "10"},
      {"s.contains('llo') && !s.contains('LLO') && s.contains('')", "true"},
      {"s.matches('^h.llo') && matches(s, r'\\bbtc$')", "true"},
      {"s.matches('(')", "error(bad pattern)"},
      {"s.matches(ws[1])", "true"},
      {"string(y)", "error(not UTF-8)"},
      {"('a' + 'b').startsWith('ab') && b'a' + b'b' == b'ab'", "true"},
  };
  expect(kCases);
}

TEST(machine, knows_time) {
  constexpr Case kCases[] = {
      {"string(t)", "'2009-02-13T23:31:30.0000005Z'"},
      {"t + p", "2009-02-13T23:33:00.0000005Z"},
      {"t - timestamp('2009-02-13T23:31:30Z')", "0.0000005s"},
      {"timestamp('2009-02-14T01:31:30+02:00') == timestamp(1234567890)", "true"},
      {"duration('1h30m') == duration('90m') && duration('-1.5s') == duration('-1500ms')", "true"},
      {"duration('1d')", "error(bad conversion)"},
      {"duration('300000h') - duration('-3000000h')", "error(out of range)"},
      {"timestamp('2023-02-29T00:00:00Z')", "error(bad conversion)"},
      {"timestamp('9999-12-31T23:59:59Z') + duration('1s')", "error(overflow)"},
      {"t.getDayOfWeek() == 5 && t.getDayOfYear() == 43 && t.getMilliseconds() == 0", "true"},
      {"t.getHours('Asia/Kathmandu')", "5"},
      {"t.getHours('-08:00')", "15"},
      {"t.getHours('Mars/Olympus')", "error(unknown time zone)"},
      {"timestamp(0).getHours('Europe/Berlin')", "error(unknown time zone)"},
      {"p.getSeconds() == 90 && p.getMinutes() == 1 && p.getHours() == 0", "true"},
  };
  expect(kCases);
}

TEST(machine, finds_functions_by_kind_without_types) {
  constexpr Case kCases[] = {
      {"nowhere || true", "true"},
      {"nowhere", "error(unknown name)"},
      {"f(1) || false", "error(unknown name)"},
      {"1 + 1u", "error(no such overload)"},
      {"'a' && false", "false"},
      {"1 ? 2 : 3", "error(no such overload)"},
      {"[1, 'a'].filter(x, x == 'a')", "['a']"},
      {"[1, 2].filter(x, x)", "error(no such overload)"},
      {"size('ab') + 'abc'.size()", "5"},
      {"T{a: 1} == 1 || true", "true"},
      {"{1.5: 1}", "error(unsupported key type)"},
      {"i.all(x, true)", "error(no such overload)"},
  };
  expect(kCases, false);
}

TEST(machine, uses_functions_of_the_domain) {
  const MoneyWorld world;
  const Money amount{1'050};
  const Money fee{1};
  const Value inputs[] = {Value::opaque(world.money, &amount), Value::opaque(world.money, &fee)};
  Machine machine;
  const auto program = build("amount + usd('0.50') > usd('10.99') && amount == usd('10.50')", world.environment);
  ASSERT_TRUE(program) << program.error().text;
  EXPECT_EQ(show(machine.evaluate(*program, inputs)), "true");
  const auto broken = build("amount > usd('ten')", world.environment);
  ASSERT_TRUE(broken);
  ASSERT_EQ(broken->warnings.size(), 1U) << "found while compiling";
  EXPECT_EQ(broken->warnings[0].at, 9U);
  EXPECT_EQ(show(machine.evaluate(*broken, inputs)), "error(bad conversion)");
}

TEST(machine, says_where_an_error_arose) {
  const SampleWorld world;
  const auto program = build("i > 1 &&\n  xs[i] == 1", world.environment);
  ASSERT_TRUE(program);
  Machine machine;
  const Value error = machine.evaluate(*program, world.inputs);
  EXPECT_EQ(position_of(program->source, program->place_of(error)).line, 2U);
  EXPECT_EQ(position_of(program->source, program->place_of(error)).column, 5U);
}

TEST(machine, takes_what_the_host_does_not_have_as_an_error) {
  const SampleWorld world;
  auto inputs = world.inputs;
  inputs[1] = Value::error(ErrorCode::unavailable);
  Machine machine;
  EXPECT_EQ(show(machine.evaluate(*build("i > 1 || b", world.environment), inputs)), "true");
  EXPECT_EQ(show(machine.evaluate(*build("i > 1 && b", world.environment), inputs)), "error(unavailable)");
  EXPECT_EQ(show(machine.evaluate(*build("[i, 1].size() == 2", world.environment), inputs)), "error(unavailable)");
  inputs[1] = Value::string("not an int");
  EXPECT_EQ(show(machine.evaluate(*build("i + 1 > 1", world.environment), inputs)), "error(no such overload)");
  EXPECT_EQ(show(machine.evaluate(*build("b", world.environment), {})), "error(unknown name)");
}

// Each step makes the value twice as large, without taking much text or memory.
std::string doubling(int steps) {
  std::string out = "[xs]";
  for (int i = 0; i < steps; ++i) out += ".map(v, [v, v])";
  return out;
}

TEST(machine, stops_at_its_limits) {
  const SampleWorld world;
  const std::string source = doubling(30) + " == " + doubling(30);
  const auto program = build(source, world.environment);
  ASSERT_TRUE(program) << program.error().text;
  EXPECT_GT(program->cost_bound, kDefaultBudget) << "known beforehand";
  Machine machine;
  EXPECT_EQ(show(machine.evaluate(*program, world.inputs)), "error(out of budget)");
  EXPECT_EQ(machine.spent(), kDefaultBudget);
  EXPECT_EQ(show(machine.evaluate(*build("true || " + source, world.environment), world.inputs)), "true");
  EXPECT_EQ(show(machine.evaluate(*build(source + " || true", world.environment), world.inputs)), "error(out of budget)")
      << "nothing may hide it";
  Machine small(1'000);
  const auto text = build("xs.map(x, xs.map(y, s + s + s + s)).size() == 5", world.environment);
  EXPECT_EQ(show(small.evaluate(*text, world.inputs)), "error(out of memory)");
  EXPECT_EQ(show(machine.evaluate(*text, world.inputs)), "true");
}

TEST(machine, computes_constants_beforehand) {
  const SampleWorld world;
  const auto program = build("t > timestamp('2009-01-01T00:00:00Z') + duration('1h') * 1 || i in [1, 2 + 3]", world.environment);
  EXPECT_FALSE(program) << "a duration cannot be multiplied";
  const auto folded = build("t > timestamp('2009-01-01T00:00:00Z') + duration('1h') || i in [1, 2 + 3]", world.environment);
  ASSERT_TRUE(folded);
  EXPECT_EQ(folded->code.size(), 5U);
  EXPECT_EQ(build("1 / 0 == 1 || b", world.environment)->warnings.size(), 1U);
}

TEST(machine, is_quick_on_hostile_expressions) {
  const SampleWorld world;
  std::string signs = "[";
  for (int i = 0; i < 9'000; ++i) signs += "-(1),";
  std::string sets = "i in [";
  for (int i = 0; i < 9'000; ++i) sets += std::to_string(i) + ",";
  Machine machine;
  EXPECT_EQ(show(machine.evaluate(*build(sets + "]", world.environment), world.inputs)), "true");
  EXPECT_TRUE(build(signs + "]", world.environment));
}

}  // namespace
}  // namespace holdfast::policy::cel
