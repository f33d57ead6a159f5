#include "policy/judge.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <vector>

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
name = "the twenty-first of a day"
given = { value = "1", wallet_balance = "1000000", destination = "0xcccc", customer_day.count = 20 }
expect = "delay 1h"
fired = ["customer_day_count"]

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
  EXPECT_EQ(policy.tests().size(), 5U);
  EXPECT_EQ(policy.rules().size(), 5U);
  EXPECT_TRUE(policy.warnings().empty());
}

TEST(policy, a_test_that_does_not_pass_says_what_came) {
  EXPECT_EQ(problem_of(with("value > usd(\"10000\")", "value > usd(\"9\")")),
            "p.toml: test \"small\": expected allow, came review 2 risk by [large_to_new]");
  EXPECT_EQ(problem_of(with("fired = [\"large_to_new\"]", "fired = []")),
            "p.toml: test \"large to somebody new\": expected review 2 risk by [], came review 2 risk by [large_to_new]");
}

TEST(policy, hash_is_of_the_text) {
  EXPECT_NE(policy_of().hash(), policy_of(std::string(kPolicy) + "# other\n").hash());
  EXPECT_EQ(policy_of().hash(), policy_of().hash());
}

TEST(policy, problems_have_line_and_column) {
  EXPECT_EQ(problem_of(with("value * 4 >", "value * 4.0 >")).substr(0, 14), "p.toml:44:15: ");
  EXPECT_EQ(problem_of(with("  && !(destination in partners)", "  && !(destination in friends)")).substr(0, 14), "p.toml:37:23: ");
  EXPECT_EQ(problem_of(with("value * 4 >", "value * 4.0 >")),
            "p.toml:44:15: rule share_of_wallet: _*_ cannot be applied to (usd, double); it takes (int, int) or (uint, uint) or "
            "(double, double) or (usd, int) or (amount(A), int)\n | value * 4.0 > wallet_balance\n |       ^");
  EXPECT_EQ(problem_of("[[rules]\n").substr(0, 9), "p.toml:1:");
}

// No withdrawal's destination would ever be equal to such an entry: addresses are compared as the API prints them.
TEST(policy, an_address_in_a_list_has_its_checksum) {
  const auto list = [](std::string_view entry) { return problem_of(with("\"0xaaaa\", ", fmt::format("\"0xaaaa\", \"{}\", ", entry))); };
  constexpr std::string_view without =
      "p.toml:24:23: is an address without its checksum, which no destination is ever equal to: 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
  EXPECT_EQ(list("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"), without);
  EXPECT_EQ(list("0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED"), without);
  EXPECT_EQ(list("0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"), "p.toml:24:23: is an address with a wrong checksum, so it is mistyped");
  for (const char* const good : {"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0x52908400098527886E0F7030069857D2E4169EE7",
                                 "0xde709f2102306220921060314715629080e2fb77", "0x0000000000000000000000000000000000000001",
                                 "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed00",
                                 "5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "0xfaaeb6053f3e94c9b9a09f33669435e7ef1beaeg"}) {
    EXPECT_EQ(list(good), "accepted") << good;
  }
}

std::string repeated(std::string_view piece, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += piece;
  return out;
}

// As deep as values may be nested, each under a key as deep as a line lets it be.
std::string nested_tables() {
  std::string out;
  for (int i = 0; i < 15; ++i) out += repeated("a.", 200) + "a = [\n{";
  return out + "b = 1" + repeated("}\n]", 15);
}

TEST(policy, what_does_not_fit_is_refused) {
  const std::pair<std::string, std::string_view> cases[] = {
      {"", "has no rule"},
      {with("value > usd(\"10000\")", "value > 10000"), "rule large_to_new"},
      {with("value > usd(\"10000\")", "value > usd(\"ten\")"), "this always fails: bad conversion"},
      {with("to.age", "value"), "rule large_to_new"},
      {with("'\"sanctioned\" in labels'", "'labels'"), "rule sanctioned"},
      {with("\"deny\"", "\"allow\""), "no rule allows"},
      {with("\"deny\"", "\"review 0 risk\""), "has to be \"deny\""},
      {with("\"deny\"", "\"delay 31x\""), "has to be \"deny\""},
      {with("\"deny\"", "\"deny, step up\""), "has to be \"deny\""},
      {with("to.age", "platform_hour.age"), "rule large_to_new"},
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
      {with("given = { value = \"10\",", "given = { value = 10,"), "value is of type usd"},
      {with("given = { value = \"10\",", "given = { worth = \"10\","), "there is no variable worth"},
      {with("fired = [\"large_to_new\"]", "fired = [\"small_to_new\"]"), "there is no rule small_to_new"},
      {with("\"0xaaaa\"", "\"\""), "1 to 128 bytes"},
      {"a = \"\xff\"", "p.toml:1:"},
      {std::string(kMaxPolicyBytes + 1, '#'), "larger than 1 MiB"},
      {"[rules]\na = {,}", "p.toml:"},
      {"caf\u00e9 = 1", "p.toml:1:"},
      {repeated("a.", 150'000) + "a = 1", "p.toml:1:1: more than 200 dots"},
      {"[" + repeated("a.", 500'000) + "a]", "p.toml:1:1: more than 200 dots"},
      {"\n\n" + repeated("\",\".", 300) + "a = 1", "p.toml:3:1: more than 200 dots"},
      {nested_tables(), "p.toml:"},
      {"\"a\\u001b[2Jb\\nc\" = 1", "a?[2Jb?c means nothing here"},
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

TEST(policy, no_more_than_a_thousand_tests) {
  const std::string one = "[[tests]]\nname = \"t\"\ngiven = { value = \"1\", wallet_balance = \"9\", destination = \"0x\" }\nexpect = \"allow\"\n";
  EXPECT_EQ(problem_of(kPolicy + repeated(one, 995)), "accepted");
  EXPECT_NE(problem_of(kPolicy + repeated(one, 996)).find("one test more than the 1,000"), std::string::npos);
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
  const auto warnings = [](std::string_view from, std::string_view to) {
    std::string text = with(from, to);
    text.resize(text.find("[[tests]]"));
    return policy_of(text).warnings();
  };
  EXPECT_EQ(warnings("value * 4 > wallet_balance", "1 > 2").front(), "rule share_of_wallet names no variable: it holds always or never");
  EXPECT_EQ(warnings("value * 4 > wallet_balance", "\"sanctioned\" in labels").front(),
            "rules sanctioned and share_of_wallet have the same condition: what either asks for is asked");
  EXPECT_EQ(warnings("sanctioned", "sanctioned").back(), "no test says when rule customer_day_count fires");
}

class Judging : public testing::Test {
 protected:
  Judging() {
    inputs_.nothing_before();
    inputs_.labels({});
    inputs_.usd(kValue, *read_usd("30000"));
    inputs_.usd(kWalletBalance, *read_usd("1000000"));
    inputs_.text(kDestination, "0xcccc");
    inputs_.time({1'000});
  }
  Verdict verdict() { return judge_.judge(inputs_); }
  std::string demand() { return write_demand(verdict().demand); }

  const Policy policy_ = policy_of();
  Judge judge_{policy_};
  Inputs inputs_{policy_};
};

TEST_F(Judging, tells_what_it_saw_and_what_would_have_been_allowed) {
  const Verdict told = verdict();
  EXPECT_EQ(told.policy, policy_.hash());
  EXPECT_EQ(write_demand(told.demand), "review 2 risk");
  ASSERT_EQ(told.fired.size(), 1U);
  EXPECT_EQ(told.fired[0].error, cel::ErrorCode::none);
  const std::vector<std::pair<std::string, std::string>> saw = {
      {"value", "30000 USD"}, {"destination", "'0xcccc'"}, {"to.age", "0s"}, {"partners", "a list of the policy"}};
  EXPECT_EQ(told.fired[0].saw, saw);
  EXPECT_EQ(write_usd(judge_.allowed_up_to(inputs_).value()), "10000");
}

TEST_F(Judging, shows_labels_and_lets_no_text_forge_a_line) {
  const std::vector<std::string> labels = {"exchange", "sanctioned", "it's\n\x1b[2J"};
  inputs_.labels(labels);
  EXPECT_EQ(verdict().fired[0].saw[0].second, R"(['exchange', 'sanctioned', 'it\x27s\x0a\x1b[2J'])");
}

// The cent more is not: the amount that is told is the largest.
TEST_F(Judging, what_it_calls_allowed_is_allowed_and_a_cent_more_is_not) {
  inputs_.usd(kWalletBalance, *read_usd("20000.03"));
  const auto most = judge_.allowed_up_to(inputs_);
  ASSERT_TRUE(most);
  EXPECT_EQ(write_usd(*most), "5000");
  inputs_.usd(kValue, *most);
  EXPECT_TRUE(verdict().demand.allows());
  EXPECT_FALSE(judge_.allowed_up_to(inputs_));
  inputs_.usd(kValue, {most->micro + 10'000});
  EXPECT_EQ(demand(), "delay 2h");
}

TEST_F(Judging, no_amount_helps_where_the_amount_is_not_the_reason) {
  const std::vector<std::string> labels = {"sanctioned"};
  inputs_.labels(labels);
  EXPECT_EQ(demand(), "deny");
  EXPECT_FALSE(judge_.allowed_up_to(inputs_));
}

// A larger amount must not shed what a smaller one had to wait for.
TEST_F(Judging, all_that_rules_ask_for_is_asked) {
  inputs_.usd(kValue, *read_usd("500000"));
  EXPECT_EQ(demand(), "review 2 risk, step up, delay 2h");
}

TEST_F(Judging, what_cannot_be_told_counts_as_holding) {
  const Inputs nothing(policy_);
  const Verdict told = judge_.judge(nothing);
  EXPECT_EQ(told.fired.size(), 5U);
  for (const Fired& each : told.fired) EXPECT_EQ(each.error, cel::ErrorCode::unavailable);
  EXPECT_TRUE(told.demand.deny);  // Nobody has looked for labels.
  EXPECT_FALSE(judge_.allowed_up_to(nothing));
}

TEST_F(Judging, a_withdrawal_without_a_key_is_not_one_that_nothing_is_known_of) {
  auto windows = risk::Windows::make(policy_.groups());
  ASSERT_TRUE(windows);
  risk::Fact fact;
  fact.keys[static_cast<std::size_t>(risk::KeyKind::destination)] = 9;
  fact.keys[static_cast<std::size_t>(risk::KeyKind::platform)] = 1;
  risk::Look look;
  windows->look(fact, look);
  inputs_.usd(kValue, *read_usd("1"));
  inputs_.look(look, fact);
  EXPECT_EQ(demand(), "step up, delay 1h");  // Both limits of a customer's day.
  fact.keys[static_cast<std::size_t>(risk::KeyKind::customer)] = 7;
  windows->look(fact, look);
  inputs_.look(look, fact);
  EXPECT_EQ(demand(), "allow");
}

TEST_F(Judging, texts_that_are_too_long_or_none_cannot_be_told) {
  const auto of_labels = [&](const std::vector<std::string>& labels) {
    inputs_.labels(labels);
    return demand();
  };
  inputs_.usd(kValue, *read_usd("1"));
  EXPECT_EQ(of_labels({"exchange", "an\u00e9"}), "allow");
  EXPECT_EQ(of_labels(std::vector<std::string>(kMaxLabels, "exchange")), "allow");
  EXPECT_EQ(of_labels(std::vector<std::string>(kMaxLabels + 1, "exchange")), "deny");
  EXPECT_EQ(of_labels({std::string(kMaxText, 'x')}), "allow");
  EXPECT_EQ(of_labels({std::string(kMaxText + 1, 'x')}), "deny");
  EXPECT_EQ(of_labels({"\xff"}), "deny");
  inputs_.labels({});
  inputs_.usd(kValue, *read_usd("30000"));
  for (const std::string& text : {std::string(kMaxText + 1, 'x'), std::string("0x\xc3")}) {
    inputs_.text(kDestination, text);
    EXPECT_EQ(verdict().fired[0].error, cel::ErrorCode::unavailable);
  }
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
    inputs_.look(look, fact);
    return demand();
  };
  inputs_.usd(kValue, *read_usd("25000"));
  EXPECT_EQ(judged_at({1'000}), "review 2 risk");
  windows->add(fact);
  EXPECT_EQ(judged_at({1'000 + kMsPerDay - 1}), "review 2 risk");  // Known for a day less a millisecond; the sum is just in.
  windows->add(fact);
  EXPECT_EQ(judged_at({1'000 + kMsPerDay - 1}), "review 2 risk, step up");  // 75,000 in a day.
  EXPECT_EQ(judged_at({1'000 + kMsPerDay}), "allow");  // The first is out, the destination is known for a day.
  windows->add(fact);
  EXPECT_EQ(judged_at({1'000 + kMsPerDay}), "step up");
}

std::string default_policy() {
  std::ifstream file("policies/default.toml");
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(default_policy, is_accepted_without_a_warning) { EXPECT_TRUE(policy_of(default_policy()).warnings().empty()); }

// Where a number begins that decides something, behind each of these.
std::vector<std::size_t> numbers_of(std::string_view text) {
  std::vector<std::size_t> out;
  for (const std::string_view before : {"usd(\"", "duration(\"", "sum = \"", "count = ", ">= ", "<= ", "> ", "< ", "* "}) {
    for (auto at = text.find(before); at != std::string_view::npos; at = text.find(before, at + 1)) {
      const std::size_t number = at + before.size();
      const bool is_comment = text[text.rfind('\n', at) + 1] == '#';
      if (!is_comment && text[number] >= '0' && text[number] <= '9') out.push_back(number);
    }
  }
  return out;
}

// Every number is one more, and one less: either way a test of the policy's own has to see it.
TEST(default_policy, each_number_is_held_by_its_tests) {
  const std::string text = default_policy();
  const std::vector<std::size_t> numbers = numbers_of(text.substr(0, text.find("[[tests]]")));
  EXPECT_EQ(numbers.size(), 89U);
  for (const std::size_t at : numbers) {
    const std::size_t size = text.find_first_not_of("0123456789", at) - at;
    for (const int by : {-1, 1}) {
      std::string other = text;
      other.replace(at, size, std::to_string(std::stoll(text.substr(at, size)) + by));
      EXPECT_NE(problem_of(other).find("p.toml: test "), std::string::npos) << text.substr(at - 20, 40) << by << problem_of(other);
    }
  }
}

// As the file's comments say it: prices that nobody ever told stop what is over 100 USD, lists without a date stop all, and a chain that
// was never seen makes small amounts wait, but for nobody.
TEST(default_policy, an_age_that_is_not_known_stops_by_amount) {
  const Policy policy = policy_of(default_policy());
  Judge judge(policy);
  const auto demand = [&](Slot unknown, std::string_view usd) {
    Inputs inputs(policy);
    inputs.nothing_before();
    inputs.labels({});
    for (const Slot age : {kPriceAge, kLabelsAge, kChainLag}) {
      if (age != unknown) inputs.age(age, 0);
    }
    inputs.usd(kValue, *read_usd(usd));
    inputs.usd(kWalletBalance, *read_usd("1000000"));
    inputs.text(kDestination, "0x01");
    inputs.text(kChain, "eip155:1");
    return write_demand(judge.judge(inputs).demand);
  };
  EXPECT_EQ(demand(kPriceAge, "100"), "allow");
  EXPECT_EQ(demand(kPriceAge, "100.01"), "review 1 risk");
  EXPECT_EQ(demand(kPriceAge, "1000.01"), "review 1 risk, delay 1h");
  EXPECT_EQ(demand(kLabelsAge, "0.01"), "review 1 risk");
  EXPECT_EQ(demand(kChainLag, "1000"), "delay 1h");
  EXPECT_EQ(demand(kChainLag, "1000.01"), "review 1 risk, delay 1h");
}

TEST(default_policy, each_exception_and_each_label_is_held_by_its_tests) {
  const std::string text = default_policy();
  std::size_t changed = 0;
  for (const auto& [part, instead] : {std::pair<std::string_view, std::string_view>{"!(destination in partners)", "true"},
                                      {"customer_destination.age < duration(\"24h\")", "true"},
                                      {"customer_device.age < duration(\"24h\")", "true"},
                                      {"customer_paid.age >= duration(\"24h\")", "true"},
                                      {"device != \"\"", "true"},
                                      {"api_key != \"\"", "true"},
                                      {"chain.startsWith(\"eip155:\")", "true"},
                                      {"chain.startsWith(\"eip155:\")", "false"},
                                      {" - asset_hour.greatest", ""},
                                      {" - platform_hour.greatest", ""},
                                      {"\"sanctioned\" in labels", "false"},
                                      {"\"stolen\" in labels", "false"}}) {
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1), ++changed) {
      std::string other = text;
      other.replace(at, part.size(), instead);
      EXPECT_NE(problem_of(other).find("p.toml: test "), std::string::npos) << part << " at " << at << ": " << problem_of(other);
    }
  }
  EXPECT_EQ(changed, 43U);
}

TEST(demand, of_two_is_all_that_either_wants) {
  const auto joined = [](std::string_view a, std::string_view b) { return write_demand(both(*read_demand(a), *read_demand(b))); };
  EXPECT_EQ(joined("delay 1h", "delay 2h"), "delay 2h");
  EXPECT_EQ(joined("review 1 risk", "review 2 risk"), "review 2 risk");
  EXPECT_EQ(joined("review 3 risk", "review 1 law"), "review 1 law, review 3 risk");
  EXPECT_EQ(joined("step up", "delay 1h, review 1 risk"), "review 1 risk, step up, delay 1h");
  EXPECT_EQ(joined("deny", "review 1 risk, step up, delay 1h"), "deny");
  EXPECT_EQ(joined("allow", "step up"), "step up");
  EXPECT_EQ(joined("allow", "allow"), "allow");
}

TEST(demand, is_read_as_it_is_written) {
  for (const char* text : {"allow", "deny", "step up", "delay 90m", "delay 12h", "delay 1500ms", "delay 7s", "delay 720h", "review 9 desk",
                           "review 1 law, review 3 risk, step up, delay 2h"}) {
    const auto demand = read_demand(text);
    EXPECT_TRUE(demand && write_demand(*demand) == text) << text;
  }
  for (const char* text : {"", "delay", "delay 0s", "delay -1h", "delay 721h", "review", "review 10 risk", "review 0 risk", "review 1 ",
                           "review 1 Risk", "review 1  risk", "Deny", "deny ", "deny, step up", "allow, step up", "step up,", "step up,deny"}) {
    EXPECT_FALSE(read_demand(text)) << text;
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
