#include "chain/utxo/select/coin_select.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace holdfast::chain::utxo {
namespace {

constexpr std::int64_t kInputWeight = 272;  // P2WPKH

Candidate coin(std::uint64_t index, std::int64_t value) { return {index, value, kInputWeight, 6, 0, false}; }

std::vector<Candidate> coins_of(std::initializer_list<std::int64_t> values) {
  std::vector<Candidate> out;
  for (const std::int64_t value : values) out.push_back(coin(out.size() + 1, value));
  return out;
}

// One P2WPKH payment: 10.5 + 31 vB. 10 sat/vB, as in the long run.
CoinRequest paying(std::int64_t target) {
  CoinRequest out;
  out.target = target;
  out.base_weight = 42 + 124;
  out.feerate = out.long_term_feerate = 10'000;
  out.change_weight = 124;
  out.change_spend_weight = kInputWeight;
  out.dust_limit = 294;
  return out;
}

using Indices = std::vector<std::uint64_t>;

struct Case {
  const char* what;
  std::vector<Candidate> coins;
  CoinRequest request;
  Indices chosen;
  std::int64_t change;
  std::int64_t fee;
};

CoinRequest with(CoinRequest request, auto... changes) {
  (changes(request), ...);
  return request;
}

std::vector<Candidate> required(std::vector<Candidate> coins, std::uint64_t index) {
  coins[index - 1].required = true;
  return coins;
}
std::vector<Candidate> unconfirmed(std::vector<Candidate> coins, std::uint64_t index) {
  coins[index - 1].confirmations = 0;
  return coins;
}
std::vector<Candidate> of_script(std::vector<Candidate> coins, std::initializer_list<std::uint64_t> indices) {
  for (const std::uint64_t index : indices) coins[index - 1].script = 7;
  return coins;
}

// 1 input without change: ceil(438 / 4) = 110 vB; with change: ceil(562 / 4) = 141 vB. 2 inputs: 178 and 209 vB.
std::vector<Case> cases() {
  return {
      {"exactly enough", coins_of({101'100}), paying(100'000), {1}, 0, 1'100},
      {"a little more, too little for change", coins_of({101'500}), paying(100'000), {1}, 0, 1'500},
      {"change", coins_of({1'000'000}), paying(100'000), {1}, 898'590, 1'410},
      {"two that match rather than one that leaves change", coins_of({500'000, 61'780, 40'000}), paying(100'000), {2, 3}, 0,
       1'780},
      {"the smallest that is enough alone", coins_of({9'000'000, 300'000, 5'000'000}), paying(100'000), {2}, 198'590, 1'410},
      {"change under the dust limit goes to the fee", coins_of({110'000}),
       with(paying(100'000), [](CoinRequest& r) { r.dust_limit = 20'000; }), {1}, 0, 10'000},
      {"what costs more than it is worth stays", coins_of({101'500, 680}), paying(100'000), {1}, 0, 1'500},
      {"... unless required", required(coins_of({200'000, 100}), 2), paying(100'000), {1, 2}, 98'010, 2'090},
      {"a required coin that is enough comes alone", required(coins_of({101'100, 500'000}), 2), paying(100'000), {2}, 398'590,
       1'410},
      {"unconfirmed only when needed", unconfirmed(coins_of({101'100, 600'000}), 1), paying(100'000), {2}, 498'590, 1'410},
      {"... and then", unconfirmed(coins_of({101'100, 60'000}), 1), paying(100'000), {1}, 0, 1'100},
      {"coins of an address together, where allowed to cost", of_script(coins_of({300'000, 310'000}), {1, 2}),
       with(paying(100'000), [](CoinRequest& r) { r.together_max_sat = 1'000; }), {1, 2}, 507'910, 2'090},
      {"... and not where it costs more", of_script(coins_of({101'100, 310'000}), {1, 2}), paying(100'000), {1}, 0, 1'100},
      {"a replacement pays what it replaces, and for its own relay", required(coins_of({1'000'000}), 1),
       with(paying(100'000), [](CoinRequest& r) { r.fee_replaced = 5'000; }), {1}, 894'859, 5'141},
      {"to ourselves: all is change", required(coins_of({1'000'000}), 1),
       with(paying(0), [](CoinRequest& r) { r.base_weight = 42; }), {1}, 998'900, 1'100},
      {"nothing for free at a feerate of 0", coins_of({100'000}), with(paying(100'000), [](CoinRequest& r) { r.feerate = 0; }),
       {1}, 0, 0},
  };
}

TEST(coin_select, table) {
  for (const Case& each : cases()) {
    const auto selection = select_coins(each.coins, each.request);
    ASSERT_TRUE(selection) << each.what << ": " << selection.error().text;
    EXPECT_EQ(selection->coins, each.chosen) << each.what;
    EXPECT_EQ(selection->change, each.change) << each.what;
    EXPECT_EQ(selection->fee, each.fee) << each.what;
  }
}

struct RefusalCase {
  const char* what;
  std::vector<Candidate> coins;
  CoinRequest request;
  std::string_view code;
  std::string_view text;
};

std::vector<RefusalCase> refusals() {
  const auto base = paying(100'000);
  const auto limited = [&](std::size_t inputs) { return with(base, [=](CoinRequest& r) { r.max_inputs = inputs; }); };
  return {
      {"no coins", {}, base, "funds_insufficient", "short by 100420 sat"},
      {"one short", coins_of({101'099}), base, "funds_insufficient", "short by 1 sat"},
      {"only what is not worth it", coins_of({680, 680}), base, "funds_insufficient",
       "short by 100420 sat; 2 coins cost more to spend than they are worth"},
      {"too many inputs", coins_of({60'000, 60'000}), limited(1), "coins_too_many",
       "the payments need more than 1 coins, or more weight than 400000"},
      {"too much weight", coins_of({60'000, 60'000}), with(base, [](CoinRequest& r) { r.max_weight = 500; }), "coins_too_many",
       "the payments need more than 500 coins, or more weight than 500"},
      {"too many required", required(required(coins_of({60'000, 60'000}), 1), 2), limited(1), "coins_too_many",
       "2 coins are required, weight 710"},
      {"an index twice", {coin(3, 5'000), coin(3, 6'000)}, base, "selection_invalid", "index 3 twice"},
      {"a negative value", coins_of({-1}), base, "selection_invalid", "a coin's value out of range"},
      {"more than all money", coins_of({kSelectMaxMoney, 1}), base, "selection_invalid",
       "coins worth more than all money there is"},
      {"a coin without weight", {{1, 5'000, 0, 6, 0, false}}, base, "selection_invalid", "a coin's weight out of range"},
      {"a negative target", {}, paying(-1), "selection_invalid", "an amount out of range"},
      {"a feerate from another world", {}, with(base, [](CoinRequest& r) { r.feerate = kSelectMaxFeerate + 1; }),
       "selection_invalid", "a feerate out of range"},
      {"no weight", {}, with(base, [](CoinRequest& r) { r.base_weight = 0; }), "selection_invalid", "a weight out of range"},
      {"no inputs", {}, limited(0), "selection_invalid", "max_inputs out of range"},
  };
}

TEST(coin_select, refuses_with_the_reason) {
  for (const RefusalCase& each : refusals()) {
    const auto selection = select_coins(each.coins, each.request);
    ASSERT_FALSE(selection) << each.what;
    EXPECT_EQ(selection.error().kind, ErrorKind::refusal) << each.what;
    EXPECT_EQ(selection.error().code, each.code) << each.what;
    EXPECT_EQ(selection.error().text, each.text) << each.what;
  }
}

TEST(coin_select, an_algorithm_alone_may_find_nothing) {
  const auto found = select_coins_by(CoinAlgorithm::branch_and_bound, coins_of({1'000'000}), paying(100'000));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, "selection_not_found");
}

TEST(coin_select, an_input_count_over_252_takes_two_bytes_more) {
  std::vector<Candidate> coins;
  for (std::uint64_t i = 0; i < 253; ++i) coins.push_back({i, 10'000, kInputWeight, 6, 0, true});
  const auto selection = select_coins(coins, paying(100'000));
  ASSERT_TRUE(selection);
  EXPECT_EQ(selection->weight, 42 + 124 + 124 + 253 * kInputWeight + 8);
}

// A wallet of small coins and one large one, fees at a fifth of the usual.
TEST(coin_select, consolidates_while_fees_are_low) {
  std::vector<Candidate> coins = coins_of({5'000'000});
  for (std::uint64_t i = 2; i < 40; ++i) coins.push_back(coin(i, 20'000 + static_cast<std::int64_t>(i)));
  CoinRequest request = paying(1'000'000);
  request.feerate = 2'000;
  request.consolidate_max_inputs = 10;
  request.consolidate_below_sat = 100'000;
  const auto more = select_coins(coins, request);
  ASSERT_TRUE(more);
  EXPECT_EQ(more->consolidated, 10U);
  request.consolidate_max_inputs = 0;
  const auto plain = select_coins(coins, request);
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->consolidated, 0U);
  EXPECT_LT(more->waste, plain->waste);
  request.consolidate_max_inputs = 10;
  request.feerate = request.long_term_feerate;
  EXPECT_EQ(select_coins(coins, request)->consolidated, 0U);
}

TEST(coin_select, a_search_without_end_ends) {
  // No subset of even numbers hits an odd target at a feerate of 0, where a window of one satoshi is all there is.
  std::vector<Candidate> coins;
  for (std::uint64_t i = 0; i < 2'000; ++i) coins.push_back(coin(i, 1'000'000 + 2 * static_cast<std::int64_t>(i * i)));
  CoinRequest request = paying(777'777'777);
  request.feerate = request.long_term_feerate = 0;
  request.max_inputs = 2'000;
  const auto selection = select_coins(coins, request);
  ASSERT_TRUE(selection);
  EXPECT_EQ(selection->value, request.target + selection->change);
}

}  // namespace
}  // namespace holdfast::chain::utxo
