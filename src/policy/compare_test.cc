// What is told of two versions of a policy. That "does not loosen" is true is held by analysis/proof_property_test.cc.
#include "policy/compare.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace holdfast::policy {
namespace {

constexpr const char* kPolicy = R"toml(
[[windows]]
name = "day"
keys = ["customer"]
length = "24h"

[[windows]]
name = "to"
keys = ["destination"]
length = "ever"

[lists]
partners = ["a", "b"]
bad = ["x", "y"]

[[rules]]
name = "large"
when = 'value > usd("10") && !(destination in partners)'
then = "review 1 risk, delay 2h"
reason = "Large."
severity = "high"

[[rules]]
name = "listed"
when = 'destination in bad || labels.exists(l, l in bad)'
then = "deny"
reason = "Listed."
severity = "critical"

[[limits]]
name = "day_sum"
window = "day"
sum = "100"
then = "step up"
reason = "Much."
severity = "low"

[[detectors]]
name = "burst"
when = 'day.count >= 5'
scope = "customer"
steps = ["delay 1h", "review 1 risk", "freeze"]
decay = "4h"
reason = "Many."
severity = "high"
)toml";

std::string with(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

Policy policy_of(std::string_view text) {
  auto policy = Policy::read(text, "p.toml");
  if (!policy) ADD_FAILURE() << policy.error().text;
  return std::move(*policy);
}

// "tightens", "equal", or why it loosens.
std::string verdict(std::string_view from, std::string_view to) {
  const Policy old = policy_of(from);
  const Policy now = policy_of(to);
  const Comparison compared = compare(old, now);
  if (!compared.loosens.empty()) return compared.loosens.front();
  return compared.tightens ? "tightens" : "equal";
}

// Of the policy with one thing changed.
std::string change(std::string_view from, std::string_view to) { return verdict(kPolicy, with(kPolicy, from, to)); }
std::string change_back(std::string_view from, std::string_view to) { return verdict(with(kPolicy, from, to), kPolicy); }

TEST(compare, finds_a_policy_equal_to_itself) { EXPECT_EQ(verdict(kPolicy, kPolicy), "equal"); }

TEST(compare, knows_what_tightens_and_that_the_contrary_loosens) {
  const auto tightens = [](std::string_view from, std::string_view to) {
    EXPECT_EQ(change(from, to), "tightens") << to;
    EXPECT_NE(change_back(from, to).find("is not proven"), std::string::npos) << to;
  };
  tightens("value > usd(\"10\")", "value > usd(\"9.99\")");
  tightens("value > usd(\"10\")", "usd(\"10\") <= value");
  tightens(" && !(destination in partners)", "");
  tightens("destination in bad ||", "destination in bad || destination == \"z\" ||");
  tightens("partners = [\"a\", \"b\"]", "partners = [\"a\"]");
  tightens("bad = [\"x\", \"y\"]", "bad = [\"x\", \"y\", \"z\"]");
  tightens("then = \"review 1 risk, delay 2h\"", "then = \"review 2 risk, delay 3h\"");
  tightens("then = \"review 1 risk, delay 2h\"", "then = \"deny\"");
  tightens("sum = \"100\"", "sum = \"99\"");
  tightens("day.count >= 5", "day.count > 3");
}

TEST(compare, knows_what_changes_nothing) {
  EXPECT_EQ(change("value > usd(\"10\") && !(destination in partners)", "!(destination in [\"b\", \"a\"] || value <= usd(\"10.00\"))"), "equal");
  EXPECT_EQ(change("reason = \"Large.\"\nseverity = \"high\"", "reason = \"Big.\"\nseverity = \"low\""), "equal");
  EXPECT_EQ(change("name = \"large\"", "name = \"big\""), "equal");
  EXPECT_EQ(change("destination in bad || labels.exists(l, l in bad)",
                   "\"x\" in labels || labels.exists(each, \"y\" == each) || destination == \"y\" || destination == \"x\""),
            "equal");
}

// What a window is called is nothing, what it counts is all.
TEST(compare, looks_at_what_windows_mean) {
  const std::string renamed = with(with(with(kPolicy, "name = \"day\"", "name = \"d\""), "window = \"day\"", "window = \"d\""), "day.count", "d.count");
  EXPECT_EQ(verdict(kPolicy, renamed), "equal");
  EXPECT_EQ(change("length = \"24h\"", "length = \"23h\""), "rule day_sum is not proven to ask for step up whenever it did; window day is another");
  EXPECT_EQ(change("keys = [\"customer\"]", "keys = [\"asset\"]"),
            "rule day_sum is not proven to ask for step up whenever it did; window day is another");
  EXPECT_NE(change("length = \"24h\"", "length = \"24h\"\nof = \"deposits\""), "equal");
  EXPECT_NE(change("length = \"24h\"", "length = \"24h\"\nfrom = \"5\""), "equal");
  EXPECT_EQ(change("length = \"24h\"", "length = \"24h\"\nextremes = true"), "equal");
}

TEST(compare, puts_rules_together) {
  const std::string split = with(kPolicy, "[[limits]]", R"toml(
[[rules]]
name = "listed_too"
when = 'labels.exists(l, l in bad)'
then = "deny"
reason = "Listed."
severity = "critical"

[[limits]])toml");
  EXPECT_EQ(verdict(kPolicy, with(split, "destination in bad || labels.exists(l, l in bad)", "destination in bad")), "equal");
  const std::string delayed = with(with(split, "then = \"review 1 risk, delay 2h\"", "then = \"review 1 risk\""),
                                   "when = 'labels.exists(l, l in bad)'\nthen = \"deny\"", "when = 'value > usd(\"9\")'\nthen = \"delay 2h\"");
  EXPECT_EQ(verdict(kPolicy, delayed), "tightens") << "one rule asks for the review, the other for the delay";
}

TEST(compare, says_why_it_loosens) {
  EXPECT_EQ(change("value > usd(\"10\")", "value > usd(\"11\")"),
            "rule large is not proven to ask for review 1 risk, delay 2h whenever it did; its condition is another");
  EXPECT_EQ(change("then = \"review 1 risk, delay 2h\"", "then = \"review 1 risk\""),
            "rule large is not proven to ask for delay 2h whenever it did; it asks for something else");
  EXPECT_EQ(change("bad = [\"x\", \"y\"]", "bad = [\"x\"]"), "rule listed is not proven to ask for deny whenever it did; list bad is another");
  EXPECT_EQ(change("name = \"large\"\nwhen = 'value >", "name = \"small\"\nwhen = 'value * 2 <"),
            "rule large is gone, and nothing is proven to ask for review 1 risk, delay 2h whenever it did");
}

TEST(compare, takes_a_detector_as_it_lasts) {
  EXPECT_EQ(change("decay = \"4h\"", "decay = \"5h\""), "tightens");
  EXPECT_EQ(change("decay = \"4h\"", "decay = \"3h\""), "detector burst decays faster");
  EXPECT_EQ(change("scope = \"customer\"", "scope = \"platform\""), "detector burst has another scope");
  EXPECT_EQ(change("\"review 1 risk\", \"freeze\"", "\"review 2 risk\", \"freeze\""), "tightens");
  EXPECT_EQ(change("\"review 1 risk\", \"freeze\"", "\"review 1 risk\", \"deny\""), "detector burst has fewer or milder steps");
  EXPECT_EQ(change("\"review 1 risk\", \"freeze\"", "\"freeze\""), "detector burst has fewer or milder steps");
  EXPECT_EQ(change("day.count >= 5", "day.count >= 6"), "detector burst is not proven to fire whenever it did");
  EXPECT_EQ(change("name = \"burst\"", "name = \"bursts\""), "detector burst is gone") << "grades are kept by its name";
  // Without a value for `to` it fires now, and does not climb; with one it may.
  EXPECT_EQ(change("day.count >= 5", "day.count >= 5 && (to.known || !to.known)"), "detector burst is not proven to fire whenever it did");
}

TEST(compare, lists_what_is_different) {
  std::string text = with(kPolicy, "'value > usd(\"10\") && !(destination in partners)'", "'''value > usd(\"9\")\n    && !(destination in partners)'''");
  text = with(text, "partners = [\"a\", \"b\"]", "partners = [\"b\", \"c\", \"d\"]");
  text = with(text, "length = \"24h\"", "length = \"1h\"");
  text = with(text, "name = \"to\"", "name = \"payee\"");
  text = with(text, "decay = \"4h\"", "decay = \"5h\"");
  text = with(text, "reason = \"Listed.\"\nseverity = \"critical\"", "reason = \"On a list.\"\nseverity = \"low\"");
  text = with(text, "name = \"day_sum\"", "name = \"sum_of_day\"");
  const Policy old = policy_of(kPolicy);
  const Policy now = policy_of(text);
  const char* effects[] = {"neither", "tightens", "loosens"};
  std::string told;
  for (const Difference& each : compare(old, now).differences) {
    told += fmt::format("{} {} [{}] {}\n", each.what, each.name, each.change, effects[static_cast<std::size_t>(each.effect)]);
  }
  EXPECT_EQ(told,
            "rule large [when: value > usd(\"10\") && !(destination in partners) -> value > usd(\"9\") && !(destination in partners)] loosens\n"
            "rule listed [severity: critical -> low] neither\n"
            "rule listed [reason: Listed. -> On a list.] neither\n"
            "rule day_sum [removed] loosens\n"
            "rule sum_of_day [added] tightens\n"
            "detector burst [decay: 4h -> 5h] loosens\n"
            "window day [customer, 24h -> customer, 1h] loosens\n"
            "window to [removed] neither\n"
            "window payee [added] neither\n"
            "list partners [2 added, 1 removed] loosens\n");
}

std::string file_text(const std::string& name) {
  std::ifstream file(name);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(compare, finds_each_number_of_the_default_policy) {
  std::string text = file_text("policies/default.toml");
  text.resize(text.find("[[tests]]"));
  const Policy before = policy_of(text);
  std::size_t changes = 0;
  for (std::size_t at = text.find("usd(\""); at != std::string::npos; at = text.find("usd(\"", at + 1)) {
    std::string more = text;
    more.insert(at + 5, "9");
    const auto after = Policy::read(more, "more.toml");
    if (!after) continue;  // With so much the rule can never hold.
    ++changes;
    const bool is_milder = !loosens(before, *after).empty();
    const bool is_stricter = !loosens(*after, before).empty();
    EXPECT_TRUE(is_milder || is_stricter) << text.substr(at, 20);
  }
  EXPECT_GT(changes, 10U);
}

}  // namespace
}  // namespace holdfast::policy
