// What is proven of single policies when they are read: rules that never hold, always hold, or add nothing.
#include "policy/analysis/linear.h"
#include "policy/policy.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace holdfast::policy {
namespace {

constexpr const char* kFrame = R"toml(
[[windows]]
name = "day"
keys = ["customer"]
length = "24h"
distinct = "destination"

[[windows]]
name = "to"
keys = ["destination"]
length = "ever"

[lists]
partners = ["a", "b"]
nobody = []
)toml";

std::string rule(std::string_view name, std::string_view when, std::string_view then = "deny") {
  return fmt::format("[[rules]]\nname = '{}'\nwhen = '''{}'''\nthen = '{}'\nreason = 'r'\nseverity = 'low'\n", name, when, then);
}

// Empty: it is accepted.
std::string problem(std::string_view when) {
  const auto policy = Policy::read(kFrame + rule("r", when), "p.toml");
  return policy ? "" : policy.error().text.substr(0, policy.error().text.find('\n'));
}

bool is_never(std::string_view when) { return problem(when).find("can never hold while everything is known") != std::string::npos; }

// But for those that speak of tests.
std::vector<std::string> warnings(const std::string& rules) {
  const auto policy = Policy::read(kFrame + rules, "p.toml");
  if (!policy) return {policy.error().text};
  std::vector<std::string> out = policy->warnings();
  std::erase_if(out, [](const std::string& each) { return each.starts_with("no test says"); });
  return out;
}

TEST(never, is_refused_with_the_place_and_the_reason) {
  EXPECT_EQ(problem(R"(value > usd("10") && value < usd("5"))"),
            "p.toml:18:36: rule r: can never hold while everything is known: "
            R"(value > usd("10") and value < usd("5") exclude each other)");
  EXPECT_EQ(problem("day.count < 0"), "p.toml:18:19: rule r: can never hold while everything is known: day.count < 0 is never so");
  EXPECT_EQ(problem("to.known && !to.known"), "p.toml:18:12: rule r: can never hold while everything is known: "
                                              "to.known and !(to.known) exclude each other");
}

TEST(never, is_found_in_numbers_of_every_kind) {
  EXPECT_TRUE(is_never("day.count > 5 && day.count < 6"));
  EXPECT_TRUE(is_never("day.count == 3 && day.count == 4"));
  EXPECT_TRUE(is_never("day.count in [1, 2] && day.count > 2"));
  EXPECT_TRUE(is_never("day.count > day.distinct && day.distinct > day.count"));
  EXPECT_TRUE(is_never("day.sum < usd('0')"));
  EXPECT_TRUE(is_never("day.sum + value < usd('5') && value > usd('5')"));
  EXPECT_TRUE(is_never("value * 4 > wallet_balance && value * 2 < wallet_balance && wallet_balance > value * 5"));
  EXPECT_TRUE(is_never("to.age < duration('0s')"));
  EXPECT_TRUE(is_never("to.age > duration('2h') && to.age < duration('1h') + duration('1h')"));
  EXPECT_TRUE(is_never("time > timestamp('2026-01-01T00:00:00Z') && time < timestamp('2025-01-01T00:00:00Z')"));
  EXPECT_TRUE(is_never("time - timestamp('2026-01-01T00:00:00Z') > duration('1h') && time == timestamp('2026-01-01T01:00:00Z')"));
}

TEST(never, is_found_in_texts_and_logic) {
  EXPECT_TRUE(is_never("asset == 'BTC' && asset == 'ETH'"));
  EXPECT_TRUE(is_never("asset in ['BTC', 'ETH'] && asset in ['XRP']"));
  EXPECT_TRUE(is_never("asset in ['BTC'] && asset != 'BTC'"));
  EXPECT_TRUE(is_never("destination in partners && !(destination in partners)"));
  EXPECT_TRUE(is_never("'a' in labels && labels.all(l, l != 'a')"));
  EXPECT_TRUE(is_never("(day.count > 5 ? value < usd('5') : value > usd('9')) && value == usd('7')"));
  EXPECT_TRUE(is_never("(day.count > 5 || asset == 'BTC') && !(asset == 'BTC') && day.count < 2"));
  EXPECT_TRUE(is_never("(customer < asset) && !(customer < asset) && asset == 'BTC' && size(labels) == 1") == false) << "opaque";
  EXPECT_TRUE(is_never("to.known && false"));
}

// Near to what is found, and true of something.
TEST(never, is_not_said_without_a_proof) {
  EXPECT_FALSE(is_never("day.count > 5 && day.count < 7"));
  EXPECT_FALSE(is_never("day.sum <= usd('0')"));
  EXPECT_FALSE(is_never("to.age <= duration('0s')"));
  EXPECT_FALSE(is_never("value - day.sum < usd('0')"));
  EXPECT_FALSE(is_never("asset in ['BTC', 'ETH'] && asset in ['XRP', 'ETH']"));
  EXPECT_FALSE(is_never("'a' in labels && labels.exists(l, l != 'a')"));
  EXPECT_FALSE(is_never("'a' in labels && 'b' in labels"));
  EXPECT_FALSE(is_never("'a' in labels && labels.all(l, l == 'a' || l != 'b')"));
  EXPECT_FALSE(is_never("value > usd('10') || value < usd('5')"));
  EXPECT_FALSE(is_never("day.count > 5 ? value < usd('5') : value > usd('9')"));
  EXPECT_FALSE(is_never("size(customer) > 5 && size(customer) < 3")) << "nothing is known of size(); may be found one day";
  EXPECT_EQ(problem("destination in nobody"), "") << "tomorrow there is somebody in it";
  EXPECT_EQ(problem("destination in partners && destination == 'c'"), "");
  EXPECT_EQ(problem("destination in nobody && !(destination in partners)"), "");
}

// An overflow counts as holding.
TEST(never, counts_what_may_overflow_as_holding) {
  EXPECT_FALSE(is_never("day.count * 1000 < 0"));
  EXPECT_TRUE(is_never("day.count < 1000 && day.count * 1000 < 0"));
  EXPECT_FALSE(is_never("value * 10000000000000 < usd('0')"));
  EXPECT_TRUE(is_never("value * 1000000 < usd('0')"));
  EXPECT_FALSE(is_never("time + duration('24h') < time"));
}

TEST(always, is_warned_of) {
  const auto is_always = [](std::string_view when) { return warnings(rule("r", when)) == std::vector<std::string>{"rule r always holds"}; };
  EXPECT_TRUE(is_always("value >= usd('0')"));
  EXPECT_TRUE(is_always("value > usd('5') || value < usd('6')"));
  EXPECT_TRUE(is_always("day.count != 3 || day.distinct < 4 || day.distinct > 3"));
  EXPECT_TRUE(is_always("destination in partners || !(destination in partners)"));
  EXPECT_FALSE(is_always("value > usd('0')"));
  EXPECT_FALSE(is_always("value > usd('6') || value < usd('6')"));
  EXPECT_FALSE(is_always("day.sum - value < usd('5') || day.sum - value > usd('6')"));
}

TEST(shadowed, is_warned_of) {
  const auto is_spare = [](std::string_view a, std::string_view b) {
    const std::string expected = "rule a adds nothing: b holds whenever it does and asks for as much";
    return warnings(rule("a", a, "review 1 risk") + rule("b", b, "review 2 risk, delay 1h")) == std::vector<std::string>{expected};
  };
  EXPECT_TRUE(is_spare("value > usd('10')", "value > usd('5')"));
  EXPECT_TRUE(is_spare("value > usd('10') && to.known", "value > usd('5') || to.known"));
  EXPECT_TRUE(is_spare("day.sum + value > usd('10')", "value + day.sum >= usd('10')"));
  EXPECT_TRUE(is_spare("value * 2 > wallet_balance", "value * 4 > wallet_balance"));
  EXPECT_TRUE(is_spare("asset == 'BTC'", "asset in ['ETH', 'BTC']"));
  EXPECT_FALSE(is_spare("value > usd('5')", "value > usd('10')"));
  EXPECT_FALSE(is_spare("value > usd('10') || asset == 'BTC'", "value > usd('5')"));
  EXPECT_FALSE(is_spare("destination in nobody", "destination in partners"));
}

// A rule fires when a variable that it names is not known, and one that does not name it says no.
TEST(shadowed, is_not_said_of_a_rule_that_may_fire_for_want_of_a_value) {
  const auto is_spare = [](std::string_view a, std::string_view b) { return warnings(rule("a", a) + rule("b", b)).size() == 1; };
  EXPECT_TRUE(is_spare("value > usd('10') && wallet_balance < usd('5')", "value > usd('5')"));
  EXPECT_TRUE(is_spare("value > usd('10') && day.count in [3]", "value > usd('5') && day.count > 2"));
  EXPECT_TRUE(is_spare("value > usd('9') && value < usd('10')", "wallet_balance > usd('5') || value > usd('8')"));
  EXPECT_FALSE(is_spare("value + wallet_balance > usd('10')", "value >= usd('0') && wallet_balance > usd('7')"));
  EXPECT_TRUE(is_spare("value > usd('30') || value * 2 > wallet_balance && value > usd('25')", "value > usd('20')"));
  // Without a balance a is an error, and b is false by the value.
  EXPECT_FALSE(is_spare("wallet_balance + value < usd('5') && value < usd('6')", "value <= usd('4') && to.known || value < usd('5')"));
  // Without a value a is an error, and b is false by the balance.
  EXPECT_FALSE(is_spare("value - wallet_balance > usd('0') || value < usd('0')", "value > usd('0') && wallet_balance > usd('3')"));
}

TEST(shadowed, needs_as_much_to_be_asked_for) {
  const std::string small = "value > usd('10')";
  const std::string large = "value > usd('5')";
  EXPECT_EQ(warnings(rule("a", small, "review 2 risk") + rule("b", large, "review 1 risk")).size(), 0U);
  EXPECT_EQ(warnings(rule("a", small, "review 2 risk") + rule("b", large, "review 2 desk")).size(), 0U);
  EXPECT_EQ(warnings(rule("a", small, "delay 2h") + rule("b", large, "deny")).size(), 1U);
  EXPECT_EQ(warnings(rule("a", "value > usd('10')") + rule("b", "usd('10') < value")),
            std::vector<std::string>{"rule b adds nothing: a holds whenever it does and asks for as much"});
}

// A thousand limits that are all alike are read in a moment: the effort is bounded.
TEST(shadowed, does_not_take_for_ever) {
  std::string rules;
  std::string hard = "value > usd('1')";
  for (int i = 0; i < 60; ++i) hard += fmt::format(" && (day.count * {} > day.distinct || value * {} < day.sum)", i + 2, i + 3);
  for (int i = 0; i < 200; ++i) rules += rule(fmt::format("r{}", i), fmt::format("{} && value < usd('{}')", hard, i + 2));
  EXPECT_EQ(warnings(rules), std::vector<std::string>());
}

TEST(linear, is_impossible_only_with_a_proof) {
  Effort effort(1'000);
  const Linear x = Linear::of_term(0);
  const Linear y = Linear::of_term(1);
  const auto row = [](const Linear& a, Int128 by_a, const Linear& b, Int128 by_b, Int128 constant) {
    Linear out = *combined(a, by_a, b, by_b);
    out.constant += constant;
    return out;
  };
  EXPECT_TRUE(is_impossible({row(x, 1, y, -1, 1), row(y, 1, x, -1, 0)}, effort)) << "x < y <= x";
  EXPECT_FALSE(is_impossible({row(x, 1, y, -1, 0), row(y, 1, x, -1, 0)}, effort)) << "x <= y <= x";
  EXPECT_TRUE(is_impossible({row(x, 2, y, 0, -3), row(x, -2, y, 0, 3)}, effort)) << "2x is no 3";
  EXPECT_FALSE(is_impossible({row(x, 2, y, 0, -4), row(x, -2, y, 0, 4)}, effort));
  EXPECT_FALSE(is_impossible({row(x, kInt128Max, y, 1, 0), row(x, -kInt128Max + 1, y, -7, kInt128Max)}, effort)) << "over 128 bits";
  Effort none(0);
  EXPECT_FALSE(is_impossible({row(x, 1, y, -1, 1), row(y, 1, x, -1, 0)}, none));
  EXPECT_FALSE(combined(Linear::of(kInt128Max), 2, {}, 0));
}

}  // namespace
}  // namespace holdfast::policy
