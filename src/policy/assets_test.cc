// Amounts in the units of their own asset.
#include "policy/compare.h"
#include "policy/judge.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace holdfast::policy {
namespace {

std::string with_rule(const std::string& when, const std::string& more = "") {
  return fmt::format("[[rules]]\nname = 'one'\nwhen = '''{}'''\nthen = 'review 1 risk'\nreason = 'r'\nseverity = 'low'\n{}", when, more);
}

// On one line, where columns can be counted.
std::string quoted(const std::string& when) {
  return fmt::format("[[rules]]\nname = 'one'\nwhen = \"{}\"\nthen = 'review 1 risk'\nreason = 'r'\nseverity = 'low'\n", when);
}

std::string problem_of(const std::string& text) {
  const auto read = Policy::read(text, "p.toml");
  return read ? "accepted" : read.error().text;
}

Policy policy_of(const std::string& text) {
  auto read = Policy::read(text, "p.toml");
  EXPECT_TRUE(read) << read.error().text;
  return std::move(*read);
}

TEST(assets, amounts_of_one_asset_do_what_money_does) {
  for (const char* when : {
           "sent('ETH') > amount('3.2', 'ETH')",
           "sent(\"ETH\") + amount('0.000000000000000001', 'ETH') >= sent('ETH') * 2 - amount('1', 'ETH')",
           "sent('ETH') == amount('1', 'ETH') || sent('BTC') != amount('1', 'BTC')",
           "sent('USDC.e') in [amount('1', 'USDC.e'), sent('USDC.e') * 2]",
           "(asset == 'ETH' ? sent('ETH') : amount('1', 'ETH')) < amount('2', 'ETH')",
           "sent('ETH') > amount('1', 'ETH') && sent('BTC') < amount('2', 'BTC') && value > usd('1')",
       }) {
    EXPECT_EQ(problem_of(with_rule(when)), "accepted") << when;
  }
}

TEST(assets, two_of_them_do_not_mix) {
  for (const char* when : {
           "sent('ETH') > amount('3.2', 'BTC')",
           "sent('ETH') + sent('BTC') > amount('1', 'ETH')",
           "sent('ETH') - amount('1', 'BTC') > amount('1', 'ETH')",
           "sent('ETH') == sent('BTC')",
           "sent('ETH') > value",
           "sent('ETH') > usd('1')",
           "value + amount('1', 'ETH') > usd('1')",
           "sent('ETH') > 3",
           "sent('ETH') * 1.5 > sent('ETH')",
           "sent('ETH') * sent('ETH') > sent('ETH')",
           "size([sent('ETH'), sent('BTC')]) > 1",
           "(asset == 'ETH' ? sent('ETH') : sent('BTC')) > amount('1', 'ETH')",
       }) {
    EXPECT_NE(problem_of(with_rule(when)), "accepted") << when;
  }
  const std::string told = problem_of(quoted("value > usd('1') && sent('ETH') + sent('BTC') > amount('1', 'ETH')"));
  EXPECT_TRUE(told.starts_with("p.toml:3:41: rule one: _+_ cannot be applied to (amount(\"ETH\"), amount(\"BTC\")); it takes (int, int) or ("))
      << told;
}

TEST(assets, have_to_be_written_down) {
  const std::pair<const char*, const char*> cases[] = {
      {"value > usd('1') && sent(asset) > amount('1', 'ETH')", "p.toml:3:29: rule one: the asset has to be written down"},
      {"sent('ETH') > amount('1', asset)", "the asset has to be written down"},
      {"sent('E T') > amount('1', 'ETH')", "the asset has to be written down"},
      {"sent('') > amount('1', 'ETH')", "the asset has to be written down"},
      {"sent('ETH') > amount(asset, 'ETH')", "the amount has to be written down"},
      {"sent('ETH') > amount('1' + '2', 'ETH')", "the amount has to be written down"},
      {"sent('ETH') > amount('1.0000000000000000001', 'ETH')", "at most 18 decimals"},
      {"sent('ETH') > amount('-1', 'ETH')", "the amount has to be written down"},
      {"sent('ETH') > amount('1e3', 'ETH')", "the amount has to be written down"},
      {"sent('ETH') > amount('40564819207304', 'ETH')", "up to 40,000,000,000,000"},
      {"sent('ETH') > amount('1')", "an amount is written with its asset"},
      {"sent() > amount('1', 'ETH')", "what is sent is asked with the asset"},
      {"asset.sent('ETH')", "there is no function 'sent'"},
  };
  for (const auto& [when, problem] : cases) {
    const std::string came = problem_of(quoted(when));
    EXPECT_TRUE(came != "accepted" && came.find(problem) != std::string::npos) << when << '\n' << came;
  }
  EXPECT_EQ(problem_of(with_rule("sent('ETH') > amount('40000000000000', 'ETH')")), "accepted");
}

TEST(assets, leave_their_words_to_nobody_else) {
  EXPECT_NE(problem_of("[lists]\nsent = ['a']\n" + with_rule("asset == 'a'")).find("sent is no name for a list"), std::string::npos);
  EXPECT_NE(problem_of("[[windows]]\nname = 'sent'\nkeys = ['customer']\nlength = '1h'\n" + with_rule("asset == 'a'")).find("means something"),
            std::string::npos);
  EXPECT_EQ(problem_of("[lists]\neth = ['a']\n" + with_rule("sent('eth') > amount('1', 'eth') && asset in eth")), "accepted");
}

TEST(assets, are_64_at_most) {
  const auto rules = [](int count) {
    std::string out;
    for (int i = 0; i < count; ++i) {
      out += fmt::format("[[rules]]\nname = 'r{0}'\nwhen = '''sent('A{0}') > amount('1', 'A{0}')'''\n", i);
      out += "then = 'deny'\nreason = 'r'\nseverity = 'low'\n";
    }
    return out;
  };
  EXPECT_EQ(problem_of(rules(64)), "accepted");
  EXPECT_NE(problem_of(rules(65)).find("more than 64 assets"), std::string::npos);
}

constexpr const char* kTests = R"toml(
[[tests]]
name = "more"
given = { sent = { ETH = "3.200000000000000001" } }
expect = "review 1 risk"
[[tests]]
name = "as much"
given = { sent = { ETH = "3.2" } }
expect = "allow"
[[tests]]
name = "another of which conditions speak"
given = { sent = { "USDC.e" = "50" } }
expect = "allow"
[[tests]]
name = "another"
given = { asset = "BTC" }
expect = "allow"
[[tests]]
name = "how much is not known"
given = { asset = "ETH" }
expect = "review 1 risk"
)toml";
constexpr const char* kWhen = R"(sent("ETH") > amount("3.2", "ETH") || sent("USDC.e") > amount("50", "USDC.e"))";

TEST(assets, are_told_in_tests) {
  EXPECT_EQ(problem_of(with_rule(kWhen, kTests)), "accepted");
  const auto with_given = [](const char* given) {
    return problem_of(with_rule(kWhen, fmt::format("[[tests]]\nname = 't'\ngiven = {}\nexpect = 'allow'\n", given)));
  };
  EXPECT_NE(with_given("{ sent = { BTC = '1' } }").find("no condition speaks of sent.BTC"), std::string::npos);
  EXPECT_NE(with_given("{ sent = { ETH = 1 } }").find("sent(\"ETH\") is of type amount(\"ETH\")"), std::string::npos);
  EXPECT_NE(with_given("{ sent = { ETH = '1.0000000000000000001' } }").find("is of type"), std::string::npos);
  EXPECT_NE(with_given("{ sent = '1' }").find("there is no variable sent"), std::string::npos);
}

class Sending : public testing::Test {
 protected:
  std::string demand() { return write_demand(judge_.judge(inputs_).demand); }
  void send(const char* symbol, std::int64_t units, unsigned decimals) {
    inputs_.sent(symbol, Amount::of(units), decimals, [&](const std::string& each) { return each != missing_; });
  }

  const Policy policy_ = policy_of(with_rule(kWhen));
  Judge judge_{policy_};
  Inputs inputs_{policy_};
  std::string missing_;
};

TEST_F(Sending, is_exact_whatever_the_asset_has_of_decimals) {
  EXPECT_EQ(demand(), "review 1 risk");  // Nothing is known.
  send("ETH", 3'200'000'000'000'000'000, 18);
  EXPECT_EQ(demand(), "allow");
  send("ETH", 3'200'000'000'000'000'001, 18);
  EXPECT_EQ(demand(), "review 1 risk");
  send("USDC.e", 50'000'000, 6);
  EXPECT_EQ(demand(), "allow");
  send("USDC.e", 50'000'001, 6);
  EXPECT_EQ(demand(), "review 1 risk");
  send("ETH", 3, 0);
  EXPECT_EQ(demand(), "allow");
  send("ETH", 4, 0);
  EXPECT_EQ(demand(), "review 1 risk");
  send("BTC", 21'000'000, 0);
  EXPECT_EQ(demand(), "allow");
}

TEST(assets, what_is_below_the_18th_decimal_is_rounded_up) {
  EXPECT_EQ(amount_of(Amount::of(1), 24)->atto, Int128{1});
  EXPECT_EQ(amount_of(Amount::of(1'000'000), 24)->atto, Int128{1});
  EXPECT_EQ(amount_of(Amount::of(1'000'001), 24)->atto, Int128{2});
  EXPECT_EQ(amount_of(Amount::of(1), 255)->atto, Int128{1});
  EXPECT_EQ(amount_of(Amount::of(0), 255)->atto, Int128{0});
  EXPECT_EQ(amount_of(Amount::max(), 18), std::nullopt);
  EXPECT_EQ(amount_of(Amount::max(), 0), std::nullopt);
}

TEST_F(Sending, what_the_exchange_does_not_have_cannot_be_told) {
  missing_ = "USDC.e";
  send("ETH", 1, 18);
  const Verdict told = judge_.judge(inputs_);
  EXPECT_EQ(write_demand(told.demand), "review 1 risk");
  EXPECT_EQ(told.fired[0].error, cel::ErrorCode::unavailable);
}

TEST_F(Sending, is_shown_with_its_asset) {
  send("ETH", 5, 0);
  const std::vector<std::pair<std::string, std::string>> saw = {{"sent(\"ETH\")", "5 ETH"}, {"sent(\"USDC.e\")", "0 USDC.e"}};
  EXPECT_EQ(judge_.judge(inputs_).fired[0].saw, saw);
}

// 4 ETH of 8,000 USD: with 6,400 USD, 3.2 ETH.
TEST_F(Sending, shrinks_with_the_value_where_the_amount_is_searched) {
  inputs_.usd(kValue, *read_usd("8000"));
  send("ETH", 4, 0);
  EXPECT_EQ(write_usd(judge_.allowed_up_to(inputs_).value()), "6400");
  inputs_.usd(kValue, *read_usd("7999.99"));
  EXPECT_EQ(write_usd(judge_.allowed_up_to(inputs_).value()), "6399.99");
}

TEST(assets, a_limit_that_rises_loosens_and_one_that_falls_does_not) {
  const auto from = policy_of(with_rule("sent('ETH') > amount('3.2', 'ETH') || sent('BTC') > amount('1', 'BTC')"));
  const auto tighter = policy_of(with_rule("sent('BTC') + sent('BTC') > amount('1.5', 'BTC') || amount('3.1', 'ETH') <= sent('ETH')"));
  const auto looser = policy_of(with_rule("sent('ETH') > amount('3.200000000000000001', 'ETH') || sent('BTC') > amount('1', 'BTC')"));
  const auto another = policy_of(with_rule("sent('BTC') > amount('3.2', 'BTC') || sent('ETH') > amount('1', 'ETH')"));
  EXPECT_TRUE(loosens(from, tighter).empty());
  EXPECT_TRUE(compare(from, tighter).tightens);
  EXPECT_FALSE(loosens(from, looser).empty());
  EXPECT_FALSE(loosens(from, another).empty());
  EXPECT_TRUE(loosens(from, from).empty());
}

TEST(assets, what_can_never_hold_is_found) {
  EXPECT_NE(problem_of(with_rule("sent('ETH') > amount('3', 'ETH') && sent('ETH') < amount('2', 'ETH')")).find("can never hold"),
            std::string::npos);
  EXPECT_NE(problem_of(with_rule("sent('ETH') < amount('0', 'ETH')")).find("can never hold"), std::string::npos);
  EXPECT_EQ(problem_of(with_rule("sent('ETH') > amount('3', 'ETH') && sent('BTC') < amount('2', 'BTC')")), "accepted");
}

TEST(assets, what_goes_over_is_an_error_that_counts_as_holding) {
  const Policy policy =
      policy_of(with_rule("sent('ETH') * 9223372036854775807 * 9223372036854775807 < amount('1', 'ETH') && asset == 'ETH'"));
  Judge judge(policy);
  Inputs inputs(policy);
  inputs.text(kAsset, "ETH");
  inputs.amount(policy.assets()[0].slot, {1});
  EXPECT_TRUE(judge.judge(inputs).demand.allows());
  inputs.amount(policy.assets()[0].slot, {2'000'000'000});
  const Verdict told = judge.judge(inputs);
  EXPECT_FALSE(told.demand.allows());
  EXPECT_EQ(told.fired[0].error, cel::ErrorCode::overflow);
}

// The machine against sums that are made here.
TEST(assets_property, are_exact) {
  const Policy policy = policy_of(with_rule(
      "(sent('ETH') * 7 - amount('12.000000000000000005', 'ETH') + sent('ETH') >= amount('100.25', 'ETH')) == (sent('BTC') * 3 < sent('BTC') + "
      "amount('0.5', 'BTC'))"));
  Judge judge(policy);
  EXPECT_TRUE(rc::check([&](std::uint64_t a, std::uint64_t b, bool near) {
    const Int128 btc = static_cast<Int128>(a % 1'000'000'000'000'000'000);
    const Int128 eth = near ? Int128{14'031'250'000'000'000'000} + static_cast<Int128>(b % 5) - 2 : static_cast<Int128>(b) * 4;
    Inputs inputs(policy);
    for (const AssetUse& asset : policy.assets()) inputs.amount(asset.slot, {asset.symbol == "ETH" ? eth : btc});
    const bool first = eth * 7 - Int128{12'000'000'000'000'000'005U} + eth >= Int128{1'002'500'000'000'000'000} * 100;
    const bool second = btc * 3 < btc + 500'000'000'000'000'000;
    RC_ASSERT(judge.judge(inputs).demand.allows() == (first != second));
  }));
}

TEST(assets_property, read_back_what_is_written) {
  EXPECT_TRUE(rc::check([](std::uint64_t high, std::uint64_t low) {
    const AssetAmount amount{static_cast<Int128>(high >> 24) << 64 | static_cast<Int128>(low)};
    RC_ASSERT(read_amount(write_amount(amount)) == amount);
    RC_ASSERT(write_amount({-amount.atto}) == (amount.atto == 0 ? "" : "-") + write_amount(amount));
  }));
}

}  // namespace
}  // namespace holdfast::policy
