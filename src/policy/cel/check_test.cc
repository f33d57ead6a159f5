#include "policy/cel/check/check.h"

#include "policy/cel/expression.h"
#include "policy/cel/testing/money.h"
#include "policy/cel/testing/sample_world.h"

#include <gtest/gtest.h>

namespace holdfast::policy::cel {
namespace {

std::string type_of(const Environment& environment, std::string_view source, bool allows_dyn = false) {
  auto ast = parse(source);
  if (!ast) return explain(source, ast.error());
  const auto checked = check(resolve(std::move(*ast), environment), environment, {.allows_dyn = allows_dyn});
  return checked ? checked->types.name(checked->type()) : std::string(checked.error().code);
}

TEST(check, infers_types) {
  const SampleWorld world;
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"i + 1", "int"},
      {"u * 2u", "uint"},
      {"i < d", "bool"},
      {"s + 'x'", "string"},
      {"xs", "list(int)"},
      {"[]", "list(dyn)"},
      {"{}", "map(dyn, dyn)"},
      {"[] + xs", "list(int)"},
      {"[[], [1]]", "list(list(int))"},
      {"{'a': [i]}", "map(string, list(int))"},
      {"xs.map(x, x > 1, string(x))", "list(string)"},
      {"m.map(k, k)", "list(string)"},
      {"m.filter(k, k == 'a')", "list(string)"},
      {"[].map(x, x + 'a')", "list(string)"},
      {"b ? [] : ws", "list(string)"},
      {"m.btc + m['eth']", "int"},
      {"t - t", "duration"},
      {"t + p", "timestamp"},
      {"type(t) == google.protobuf.Timestamp", "bool"},
      {"type(i)", "type"},
      {"t.getHours('UTC')", "int"},
      {"a.b", "int"},
      {"held('btc') + 1", "int"},
      {"held(r'btc')", "int"},
      {"[1].all(a, a == 1) && a.b == 1", "bool"},
  };
  for (const auto& [source, type] : cases) EXPECT_EQ(type_of(world.environment, source), type) << source;
}

TEST(check, refuses_types_that_do_not_fit) {
  const SampleWorld world;
  for (const std::string_view source :
       {"i + u", "i + 1.0", "i == 1u", "1 == 1.0", "i && b", "!i", "-u", "d % 2.0", "s < i", "xs + ws", "[1, 'a']", "[1, null]", "{1: 2, 'a': 3}",
        "{1: 2, 3: 'a'}", "{1.5: 1}", "{null: 1}", "{[1]: 1}", "[].map(x, {[x]: 1})", "i.f", "s.size", "xs.all(x, x)", "i.all(x, true)",
        "b ? 1 : 'a'", "i ? 1 : 2", "s.contains(1)", "size(i)", "t + t", "t < p", "null < null", "xs['a']", "m[1]", "i in ws", "xs in i",
        "dyn(i)", "type(i) < type(i)", "[1, 2].map(x, x.y)", "s.matches(1)", "int(true)", "i.getHours()", "[].all(x, x == [x])", "i.b.c(1)"}) {
    EXPECT_EQ(type_of(world.environment, source), "cel_type") << source;
  }
  for (const std::string_view source :
       {"x", "a", "a.c", "f(1)", "held('eth')", "held(s)", "held('btc', 'btc')", "held('b' + 'tc')", "s.held('btc')", "s.f()", ".a.x",
        "[1].all(x, true) && x == 1", "dyn"}) {
    EXPECT_EQ(type_of(world.environment, source), "cel_unknown_name") << source;
  }
  EXPECT_EQ(type_of(world.environment, "T{a: 1}"), "cel_unsupported");
}

TEST(check, allows_dyn_only_where_asked_to) {
  const SampleWorld world;
  EXPECT_EQ(type_of(world.environment, "[1, 'a']", true), "list(dyn)");
  EXPECT_EQ(type_of(world.environment, "dyn(1) + 1", true), "int");
  EXPECT_EQ(type_of(world.environment, "dyn(1) + dyn(1)", true), "dyn");
  auto ast = parse("dyn(i) == 1");
  const auto checked = check(resolve(std::move(*ast), world.environment), world.environment, {.allows_dyn = true});
  ASSERT_TRUE(checked);
  EXPECT_FALSE(checked->is_sound);
}

TEST(check, says_what_is_wrong) {
  const SampleWorld world;
  const auto text = [&world](std::string_view source) { return explain(source, build(source, world.environment).error()); };
  EXPECT_EQ(text("i > 1 && s > 2"),
            "1:12: _>_ cannot be applied to (string, int); it takes (int, int) or (uint, uint) or (double, double) or (bool, bool) or "
            "(string, string) or (bytes, bytes) or (timestamp, timestamp) or (duration, duration) or (int, uint) or (int, double) or "
            "(uint, int) or (uint, double) or (double, int) or (double, uint)\n | i > 1 && s > 2\n |            ^");
  EXPECT_EQ(text("i > 1 && amuont > 2"),
            "1:10: undeclared reference to 'amuont' (in container '')\n | i > 1 && amuont > 2\n |          ^");
  EXPECT_EQ(text("[1, 'a']"), "1:5: elements of a list are of one type: this one is string, those before are int\n | [1, 'a']\n |     ^");
}

TEST(check, wants_the_expected_type) {
  const SampleWorld world;
  EXPECT_TRUE(build("i > 1", world.environment, {.expected = types::kBool}));
  const auto program = build("i + 1", world.environment, {.expected = types::kBool});
  ASSERT_FALSE(program);
  EXPECT_EQ(program.error().code, "cel_type");
}

// Types of a domain: amounts of two assets do not mix.
TEST(check, keeps_domain_types_apart) {
  const MoneyWorld world;
  EXPECT_EQ(type_of(world.environment, "amount + usd('10.50')"), "money(USD)");
  EXPECT_EQ(type_of(world.environment, "amount > usd('10') && fee < btc('0.1')"), "bool");
  EXPECT_EQ(type_of(world.environment, "[amount, usd('1')].map(x, x + x)"), "list(money(USD))");
  for (const std::string_view source : {"amount > fee", "amount + btc('1')", "amount > 10", "amount * 2.0", "[amount, fee]", "amount == fee"}) {
    EXPECT_EQ(type_of(world.environment, source), "cel_type") << source;
  }
}

// That two of them are never equal would be a trap.
TEST(check, refuses_to_compare_what_has_no_equality) {
  Environment environment;
  const TypeId set = environment.types().opaque(environment.declare_type("set", nullptr, true), types::kString);
  environment.declare_variable("known", set);
  for (const std::string_view source : {"known == known", "[known] != []", "{'a': known} == {}", "known in [known]"}) {
    EXPECT_EQ(type_of(environment, source), "cel_type") << source;
  }
  EXPECT_EQ(type_of(environment, "type(known) == set && size([known]) == 1"), "bool");
}

// Without a bound on what is remembered of types, each step would double them.
TEST(check, is_quick_on_hostile_types) {
  const SampleWorld world;
  std::string nested = "true";
  for (int i = 60; i > 0; --i) {
    const std::string a = "v" + std::to_string(i);
    const std::string b = "v" + std::to_string(i + 1);
    if (i < 60) nested = a + " == {" + b + ": " + b + "} && " + nested;
    nested = "[].all(" + a + ", " + nested + ")";
  }
  EXPECT_NE(type_of(world.environment, nested), "bool");
  std::string wide = "[";
  for (int i = 0; i < 5'000; ++i) wide += "[],";
  EXPECT_EQ(type_of(world.environment, wide + "]"), "list(list(dyn))");
}

}  // namespace
}  // namespace holdfast::policy::cel
