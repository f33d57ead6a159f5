#include "policy/judge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace holdfast::policy {
namespace {

constexpr const char* kPolicy = R"toml(
[[windows]]
name = "customer_day"
keys = ["customer"]
length = "24h"
distinct = "destination"

[[windows]]
name = "platform_hour"
keys = ["platform"]
length = "1h"

[[windows]]
name = "customer_ever"
keys = ["customer"]
length = "ever"

[[windows]]
name = "to"
keys = ["destination"]
length = "ever"

[lists]
partners = ["0xaaaa", "0xbbbb"]

[[rules]]
name = "sanctioned"
when = '"sanctioned" in labels'
then = "deny"
reason = "The destination is on a list of sanctions."
severity = "critical"

[[rules]]
name = "large_to_new"
when = '''
value > usd("10000") && to.age < duration("24h")
  && !(destination in partners)'''
then = "review 2 risk"
reason = "A large amount to an address that is not known for a day."
severity = "high"

[[rules]]
name = "share_of_wallet"
when = 'value * 4 > wallet_balance'
then = "delay 2h"
reason = "More than a quarter of what the wallets hold."
severity = "medium"

[[limits]]
name = "customer_day_sum"
window = "customer_day"
sum = "50000"
then = "step up"
reason = "More than 50,000 USD of one customer in a day."
severity = "medium"

[[limits]]
name = "customer_day_count"
window = "customer_day"
count = 20
then = "delay 1h"
reason = "More than 20 withdrawals of one customer in a day."
severity = "low"

[[tests]]
name = "small"
given = { value = "10", wallet_balance = "1000000", destination = "0xcccc" }
expect = "allow"

[[tests]]
name = "large to somebody new"
given = { value = "10000.01", wallet_balance = "1000000", destination = "0xcccc" }
expect = "review 2 risk"
fired = ["large_to_new"]

[[tests]]
name = "large to a partner, the rest of a day"
given = { value = "10000.01", wallet_balance = "1000000", destination = "0xaaaa", customer_day.sum = "39999.99" }
expect = "allow"

[[tests]]
name = "sanctions are stricter than anything else"
given = { value = "500000", wallet_balance = "1000000", destination = "0xcccc", labels = ["exchange", "sanctioned"] }
expect = "deny"
fired = ["sanctioned", "large_to_new", "share_of_wallet", "customer_day_sum"]
)toml";

// The policy with one thing changed.
std::string with(std::string_view from, std::string_view to) {
  std::string text = kPolicy;
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

Policy policy_of(std::string_view text = kPolicy) {
  auto policy = Policy::read(text, "p.toml");
  if (!policy) ADD_FAILURE() << policy.error().text;
  return std::move(*policy);
}

std::string problem_of(std::string_view text) {
  const auto policy = Policy::read(text, "p.toml");
  return policy ? "accepted" : policy.error().text;
}

TEST(policy, passes_its_own_tests) {
  const Policy policy = policy_of();
  const auto passed = run_tests(policy);
  EXPECT_TRUE(passed) << passed.error().text;
  EXPECT_EQ(policy.rules().size(), 5U);
  EXPECT_TRUE(policy.warnings().empty());
}

TEST(policy, a_test_that_does_not_pass_says_what_came) {
  const Policy policy = policy_of(with("value > usd(\"10000\")", "value > usd(\"9\")"));
  const auto passed = run_tests(policy);
  ASSERT_FALSE(passed);
  EXPECT_EQ(passed.error().text, "test \"small\": expected allow, came review 2 risk by [large_to_new]");
}

TEST(policy, hash_is_of_the_text) {
  EXPECT_NE(policy_of().hash(), policy_of(std::string(kPolicy) + "# other\n").hash());
  EXPECT_EQ(policy_of().hash(), policy_of().hash());
}

TEST(policy, problems_have_line_and_column) {
  EXPECT_EQ(problem_of(with("value * 4 >", "value * 4.0 >")).substr(0, 14), "p.toml:44:15: ");
  EXPECT_EQ(problem_of(with("  && !(destination in partners)", "  && !(destination in friends)")).substr(0, 14), "p.toml:37:23: ");
  EXPECT_EQ(problem_of(with("value * 4 >", "value * 4.0 >")),
            "p.toml:44:15: rule share_of_wallet: _*_ cannot be applied to (usd_money, double); it takes (int, int) or (uint, uint) or "
            "(double, double) or (usd_money, int)\n | value * 4.0 > wallet_balance\n |       ^");
  EXPECT_EQ(problem_of("[[rules]\n").substr(0, 9), "p.toml:1:");
}

TEST(policy, what_does_not_fit_is_refused) {
  const std::pair<std::string, std::string_view> cases[] = {
      {"", "has no rule"},
      {with("value > usd(\"10000\")", "value > 10000"), "rule large_to_new"},
      {with("value > usd(\"10000\")", "value > usd(\"ten\")"), "this always fails: bad conversion"},
      {with("to.age", "value"), "rule large_to_new"},
      {with("'\"sanctioned\" in labels'", "'labels'"), "rule sanctioned"},
      {with("\"deny\"", "\"allow\""), "has to be \"deny\""},
      {with("\"deny\"", "\"review 0 risk\""), "has to be \"deny\""},
      {with("\"deny\"", "\"delay 31x\""), "has to be \"deny\""},
      {with("\"critical\"", "\"urgent\""), "low, medium, high or critical"},
      {with("reason = \"More than a quarter", "because = \"More than a quarter"), "because means nothing here"},
      {with("name = \"share_of_wallet\"", "name = \"sanctioned\""), "there is a sanctioned already"},
      {with("name = \"to\"", "name = \"value\""), "value means something already"},
      {with("keys = [\"destination\"]", "keys = [\"colour\"]"), "is no kind of key"},
      {with("length = \"1h\"", "length = \"31d\""), "length has to be"},
      {with("length = \"1h\"", "length = \"721h\""), "windows: "},
      {with("window = \"customer_day\"\nsum", "window = \"customer_week\"\nsum"), "there is no window customer_week"},
      {with("sum = \"50000\"", "sum = \"-1\""), "sum has to be US dollars"},
      {with("sum = \"50000\"", "sum = \"50000\"\ncount = 1"), "either sum or count"},
      {with("given = { value = \"10\",", "given = { value = 10,"), "value is of type usd_money"},
      {with("given = { value = \"10\",", "given = { worth = \"10\","), "there is no variable worth"},
      {with("fired = [\"large_to_new\"]", "fired = [\"small_to_new\"]"), "there is no rule small_to_new"},
      {with("\"0xaaaa\"", "\"\""), "1 to 128 bytes"},
      {"a = \"\xff\"", "p.toml:1:"},
      {std::string(kMaxPolicyBytes + 1, '#'), "larger than 1 MiB"},
      {"[rules]\na = {,}", "p.toml:"},
      {"a = " + std::string(100'000, '['), "p.toml:1:"},
  };
  for (const auto& [text, problem] : cases) EXPECT_NE(problem_of(text).find(problem), std::string::npos) << problem << "\n" << problem_of(text);
}

TEST(policy, no_more_than_a_thousand_rules) {
  std::string text;
  for (int i = 0; i < 1'001; ++i) {
    text += "[[rules]]\nname = \"r" + std::to_string(i) + "\"\nwhen = 'value > usd(\"" + std::to_string(i) +
            "\")'\nthen = \"deny\"\nreason = \"x\"\nseverity = \"low\"\n";
  }
  EXPECT_NE(problem_of(text).find("one rule more than the 1,000"), std::string::npos) << problem_of(text);
}

TEST(policy, a_rule_that_costs_too_much_is_refused) {
  const std::string all = "labels.all(a, labels.all(b, labels.all(c, labels.all(d, labels.all(e, a + b + c + d + e != \"\")))))";
  EXPECT_NE(problem_of(with("\"sanctioned\" in labels", all)).find("100,000 are allowed"), std::string::npos);
}

TEST(policy, rules_that_cost_too_much_together_are_refused) {
  const std::string most = "labels.all(a, labels.all(b, a != b))";
  std::string text;
  for (int i = 0; i < 900; ++i) {
    text += "[[rules]]\nname = \"r" + std::to_string(i) + "\"\nwhen = '" + most + " || value > usd(\"" + std::to_string(i) +
            "\")'\nthen = \"deny\"\nreason = \"x\"\nseverity = \"low\"\n";
  }
  EXPECT_NE(problem_of(text).find("may cost over 1,000,000 units"), std::string::npos) << problem_of(text);
}

TEST(policy, warns_of_conditions_without_sense) {
  const Policy policy = policy_of(with("value * 4 > wallet_balance", "1 > 2"));
  ASSERT_EQ(policy.warnings().size(), 1U);
  EXPECT_EQ(policy.warnings()[0], "rule share_of_wallet names no variable: it holds always or never");
  EXPECT_EQ(policy_of(with("value * 4 > wallet_balance", "\"sanctioned\" in labels")).warnings().size(), 1U);
}

class Judging : public testing::Test {
 protected:
  Judging() {
    inputs_.usd(kValue, *read_usd("30000"));
    inputs_.usd(kWalletBalance, *read_usd("1000000"));
    inputs_.text(kDestination, "0xcccc");
    inputs_.time({1'000});
  }
  Verdict verdict() { return judge_.judge(inputs_); }

  const Policy policy_ = policy_of();
  Judge judge_{policy_};
  Inputs inputs_{policy_};
};

TEST_F(Judging, tells_what_it_saw_and_what_would_have_been_allowed) {
  const Verdict told = verdict();
  EXPECT_EQ(told.policy, policy_.hash());
  EXPECT_EQ(write_action(told.action), "review 2 risk");
  ASSERT_EQ(told.fired.size(), 1U);
  EXPECT_EQ(told.fired[0].error, cel::ErrorCode::none);
  const std::vector<std::pair<std::string, std::string>> saw = {
      {"value", "30000 USD"}, {"destination", "'0xcccc'"}, {"to.age", "0s"}, {"partners", "a list of the policy"}};
  EXPECT_EQ(told.fired[0].saw, saw);
  ASSERT_TRUE(told.allowed_up_to);
  EXPECT_EQ(write_usd(*told.allowed_up_to), "10000");
}

// The cent more is refused: the amount that is told is the largest.
TEST_F(Judging, what_it_calls_allowed_is_allowed_and_a_cent_more_is_not) {
  inputs_.usd(kWalletBalance, *read_usd("20000.03"));
  const auto most = verdict().allowed_up_to;
  ASSERT_TRUE(most);
  EXPECT_EQ(write_usd(*most), "5000");
  inputs_.usd(kValue, *most);
  EXPECT_EQ(verdict().action.outcome, Outcome::allow);
  inputs_.usd(kValue, {most->micro + 10'000});
  EXPECT_EQ(verdict().action.outcome, Outcome::delay);
}

TEST_F(Judging, no_amount_helps_where_the_amount_is_not_the_reason) {
  const std::vector<std::string> labels = {"sanctioned"};
  inputs_.labels(labels);
  EXPECT_EQ(verdict().action.outcome, Outcome::deny);
  EXPECT_FALSE(verdict().allowed_up_to);
}

TEST_F(Judging, what_cannot_be_told_counts_as_holding) {
  Inputs unpriced(policy_);
  unpriced.text(kDestination, "0xaaaa");
  const Verdict told = judge_.judge(unpriced);
  EXPECT_EQ(write_action(told.action), "step up");  // The limit of a day; that of a wallet's share, milder, fires too.
  ASSERT_EQ(told.fired.size(), 2U);
  for (const Fired& each : told.fired) EXPECT_EQ(each.error, cel::ErrorCode::unavailable);
  EXPECT_FALSE(told.allowed_up_to);
}

TEST_F(Judging, too_many_labels_or_too_long_a_text_cannot_be_told) {
  const std::vector<std::string> labels(kMaxLabels + 1, "exchange");
  inputs_.labels(labels);
  EXPECT_EQ(verdict().action.outcome, Outcome::deny);
  inputs_.labels({});
  inputs_.text(kDestination, std::string(kMaxText + 1, 'x'));
  EXPECT_EQ(verdict().fired[0].error, cel::ErrorCode::unavailable);
}

TEST_F(Judging, reads_the_windows) {
  auto windows = risk::Windows::make(policy_.groups());
  ASSERT_TRUE(windows);
  risk::Fact fact;
  fact.keys[static_cast<std::size_t>(risk::KeyKind::customer)] = 7;
  fact.keys[static_cast<std::size_t>(risk::KeyKind::destination)] = 9;
  fact.keys[static_cast<std::size_t>(risk::KeyKind::platform)] = 1;
  fact.value = 25'000'000'000;  // 25,000 USD
  risk::Look look;
  const auto judged_at = [&](Instant at) {
    fact.at = at;
    windows->look(fact, look);
    inputs_.look(look, at);
    return write_action(verdict().action);
  };
  inputs_.usd(kValue, *read_usd("25000"));
  EXPECT_EQ(judged_at({1'000}), "review 2 risk");
  windows->add(fact);
  EXPECT_EQ(judged_at({1'000 + kMsPerDay - 1}), "review 2 risk");  // Known for a day less a millisecond; the sum is just in.
  windows->add(fact);
  EXPECT_EQ(judged_at({1'000 + kMsPerDay - 1}), "review 2 risk");
  EXPECT_EQ(verdict().fired.size(), 2U);  // 75,000 in a day.
  EXPECT_EQ(judged_at({1'000 + kMsPerDay}), "allow");  // The first is out, the destination is known for a day.
  windows->add(fact);
  EXPECT_EQ(judged_at({1'000 + kMsPerDay}), "step up");
}

TEST(default_policy, is_accepted_and_passes_its_tests) {
  std::ifstream file("policies/default.toml");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const Policy policy = policy_of(text);
  const auto passed = run_tests(policy);
  EXPECT_TRUE(passed) << passed.error().text;
  EXPECT_TRUE(policy.warnings().empty());
  for (const Rule& rule : policy.rules()) {
    const bool is_tested = std::ranges::any_of(policy.tests(), [&](const PolicyTest& test) {
      return std::ranges::find(test.fired, rule.name) != test.fired.end();
    });
    EXPECT_TRUE(is_tested || rule.name == "customer_day_count") << rule.name;
  }
}

TEST(action, strictness) {
  const char* in_order[] = {"delay 1h", "delay 2h", "step up", "review 1 risk", "review 2 risk", "deny"};
  for (std::size_t i = 0; i + 1 < std::size(in_order); ++i) {
    EXPECT_TRUE(is_stricter(*read_action(in_order[i + 1]), *read_action(in_order[i]))) << in_order[i];
    EXPECT_FALSE(is_stricter(*read_action(in_order[i]), *read_action(in_order[i + 1]))) << in_order[i];
  }
  for (const char* text : {"delay 90m", "delay 12h", "delay 1500ms", "delay 7s", "review 3 desk", "step up", "deny"}) {
    EXPECT_EQ(write_action(*read_action(text)), text);
  }
  for (const char* text : {"", "allow", "delay", "delay 0s", "delay -1h", "delay 721h", "review", "review 10 risk", "review 1 ", "review 1 Risk",
                           "review 1  risk", "Deny", "deny "}) {
    EXPECT_FALSE(read_action(text)) << text;
  }
}

TEST(usd, is_exact_and_never_wraps) {
  EXPECT_EQ(write_usd(*read_usd("0.000001")), "0.000001");
  for (const char* text : {"", "-1", "1e3", "0.0000001", "1,000", " 1", "nan"}) EXPECT_FALSE(read_usd(text)) << text;
  const Domain domain;
  cel::Machine machine;
  const auto shown = [&](std::string_view source) {
    const auto program = cel::build(source, domain.environment);
    return program ? show(domain, machine.evaluate(*program, {})) : program.error().text;
  };
  EXPECT_EQ(shown("usd('0.1') + usd('0.2')"), "0.3 USD");
  EXPECT_EQ(shown("usd('1') - usd('3')"), "-2 USD");
  EXPECT_EQ(shown("usd('0.1') * 3 == usd('0.3')"), "true");
  const std::string most = write_usd({kInt128Max});
  EXPECT_EQ(shown("usd('" + most + "') + usd('0.000001')"), "overflow");
  EXPECT_EQ(shown("usd('" + most + "') * 2"), "overflow");
  EXPECT_EQ(shown("usd('0') - usd('" + most + "') - usd('0.000001')"), "overflow");
}

}  // namespace
}  // namespace holdfast::policy
