// Laws that hold for any coins and any request, and an exhaustive search as the judge of branch and bound.
#include "chain/utxo/select/coin_select.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace holdfast::chain::utxo {
namespace {

// Counted anew here, not by what is being tested.
std::int64_t fee_of(std::int64_t feerate, std::int64_t weight) { return (feerate * ((weight + 3) / 4) + 999) / 1000; }
std::int64_t exact_fee_of_part(std::int64_t feerate, std::int64_t weight) { return (feerate * weight + 3999) / 4000; }

// From the whole range in every case; by itself a range starts small and widens.
std::int64_t between(std::int64_t least, std::int64_t most) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(least, most + 1));
}

std::vector<Candidate> any_coins(std::size_t most, std::int64_t most_value) {
  std::vector<Candidate> coins;
  const std::int64_t count = between(0, static_cast<std::int64_t>(most));
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t value = between(0, 3) == 0 ? between(0, 3'000) : between(0, most_value);
    coins.push_back({static_cast<std::uint64_t>(i * 7 % (count * 7 + 1)), value, between(0, 1) == 0 ? 272 : between(230, 1'200),
                     static_cast<std::uint32_t>(between(0, 3)), static_cast<std::uint64_t>(between(0, 12)), between(0, 15) == 0});
  }
  return coins;
}

CoinRequest any_request(std::int64_t most) {
  CoinRequest out;
  out.target = between(0, 9) == 0 ? 0 : between(1, most);
  out.base_weight = between(42, 2'000);
  out.feerate = between(0, 2) == 0 ? between(0, 3'000) : between(0, 200'000);
  out.long_term_feerate = between(0, 30'000);
  out.fee_replaced = between(0, 3) == 0 ? between(0, 20'000) : 0;
  out.change_weight = between(124, 172);
  out.change_spend_weight = between(230, 300);
  out.dust_limit = between(0, 1'000);
  out.change_wanted = between(0, 100'000);
  out.max_inputs = static_cast<std::size_t>(between(1, 80));
  out.max_weight = between(0, 3) == 0 ? between(2'000, 20'000) : 400'000;
  out.confirmations_wanted = static_cast<std::uint32_t>(between(0, 2));
  out.together_max_sat = between(0, 5'000);
  out.consolidate_max_inputs = static_cast<std::size_t>(between(0, 20));
  out.consolidate_below_sat = between(0, 1'000'000);
  out.seed = static_cast<std::uint64_t>(between(0, 1'000'000));
  return out;
}

struct Totals {
  std::int64_t value = 0;
  std::int64_t weight = 0;
  std::int64_t waste = 0;
};

Totals totals_of(const std::vector<Candidate>& coins, const CoinRequest& request, const std::vector<std::uint64_t>& chosen) {
  std::map<std::uint64_t, Candidate> by_index;
  for (const Candidate& each : coins) by_index[each.index] = each;
  Totals out;
  for (const std::uint64_t index : chosen) {
    const Candidate& coin = by_index.at(index);
    out.value += coin.value;
    out.weight += coin.weight;
    out.waste += exact_fee_of_part(request.feerate, coin.weight) - exact_fee_of_part(request.long_term_feerate, coin.weight);
  }
  return out;
}

void check_laws(const std::vector<Candidate>& coins, const CoinRequest& request, const Selection& got) {
  const Totals totals = totals_of(coins, request, got.coins);
  RC_ASSERT(std::ranges::is_sorted(got.coins));
  RC_ASSERT(std::ranges::adjacent_find(got.coins) == got.coins.end());
  RC_ASSERT(got.value == totals.value);
  RC_ASSERT(got.value == request.target + got.change + got.fee);
  RC_ASSERT(got.weight == request.base_weight + totals.weight + (got.change > 0 ? request.change_weight : 0));
  RC_ASSERT(got.fee >= fee_of(request.feerate, got.weight));
  if (request.fee_replaced > 0) RC_ASSERT(got.fee >= request.fee_replaced + fee_of(request.relay_feerate, got.weight));
  if (got.change > 0) {
    RC_ASSERT(got.change >= request.dust_limit);
    RC_ASSERT(got.change > exact_fee_of_part(request.long_term_feerate, request.change_spend_weight));
    RC_ASSERT(got.fee == std::max(fee_of(request.feerate, got.weight),
                                  request.fee_replaced > 0 ? request.fee_replaced + fee_of(request.relay_feerate, got.weight) : 0));
  }
  RC_ASSERT(request.target > 0 || got.change > 0);
  RC_ASSERT(got.coins.size() <= request.max_inputs);
  RC_ASSERT(got.weight <= request.max_weight);
  RC_ASSERT(got.consolidated <= request.consolidate_max_inputs);
  const std::set<std::uint64_t> chosen(got.coins.begin(), got.coins.end());
  for (const Candidate& each : coins) {
    if (each.required) RC_ASSERT(chosen.contains(each.index));
    const bool worth_it = each.value > exact_fee_of_part(request.feerate, each.weight);
    if (!worth_it && !each.required) RC_ASSERT(!chosen.contains(each.index));
  }
  const std::int64_t change_costs = exact_fee_of_part(request.feerate, request.change_weight) +
                                    exact_fee_of_part(request.long_term_feerate, request.change_spend_weight);
  if (request.fee_replaced == 0 && got.change == 0) {
    RC_ASSERT(got.waste == totals.waste + got.fee - fee_of(request.feerate, got.weight));
  }
  if (got.change > 0) RC_ASSERT(got.waste == totals.waste + change_costs);
}

TEST(coin_select_laws, every_answer_keeps_them) {
  EXPECT_TRUE(rc::check([] {
    for (int i = 0; i < 10; ++i) {
      const auto more_coins = any_coins(60, 1'000'000);
      const auto more = any_request(5'000'000);
      if (const auto got = select_coins(more_coins, more)) check_laws(more_coins, more, *got);
    }
    const auto coins = any_coins(60, 1'000'000);
    const auto request = any_request(5'000'000);
    const auto got = select_coins(coins, request);
    RC_CLASSIFY(got.has_value(), "found");
    if (!got) RC_CLASSIFY(true, std::string(got.error().code));
    if (got) check_laws(coins, request, *got);
  }));
}

TEST(coin_select_laws, each_algorithm_keeps_them_and_the_best_is_taken) {
  EXPECT_TRUE(rc::check([] {
    auto coins = any_coins(40, 1'000'000);
    for (Candidate& each : coins) each.required = false, each.confirmations = 6, each.script = 0;
    auto request = any_request(5'000'000);
    request.consolidate_max_inputs = 0;
    const auto got = select_coins(coins, request);
    for (const auto algorithm : {CoinAlgorithm::branch_and_bound, CoinAlgorithm::knapsack, CoinAlgorithm::single_random_draw}) {
      const auto alone = select_coins_by(algorithm, coins, request);
      if (!alone) continue;
      RC_TAG(static_cast<int>(algorithm));
      check_laws(coins, request, *alone);
      RC_ASSERT(got);
      RC_ASSERT(got->waste <= alone->waste);
    }
  }));
}

TEST(coin_select_laws, the_same_whatever_the_order_of_the_coins) {
  EXPECT_TRUE(rc::check([] {
    auto coins = any_coins(60, 1'000'000);
    const auto request = any_request(5'000'000);
    const auto first = select_coins(coins, request);
    std::ranges::reverse(coins);
    if (!coins.empty()) std::ranges::rotate(coins, coins.begin() + between(0, static_cast<std::int64_t>(coins.size()) - 1));
    const auto second = select_coins(coins, request);
    RC_ASSERT(first.has_value() == second.has_value());
    if (first) RC_ASSERT(*first == *second);
  }));
}

// Without limits it is refused only when all coins worth spending are not enough.
TEST(coin_select_laws, refused_for_lack_of_funds_only_when_they_lack) {
  EXPECT_TRUE(rc::check([] {
    const auto coins = any_coins(30, 300'000);
    auto request = any_request(5'000'000);
    request.max_inputs = 100;
    request.max_weight = 400'000;
    std::vector<std::uint64_t> all;
    for (const Candidate& each : coins) {
      if (each.required || each.value > exact_fee_of_part(request.feerate, each.weight)) all.push_back(each.index);
    }
    const Totals totals = totals_of(coins, request, all);
    const bool to_self = request.target == 0;
    const std::int64_t weight = request.base_weight + totals.weight + (to_self ? request.change_weight : 0);
    std::int64_t needs = fee_of(request.feerate, weight);
    if (request.fee_replaced > 0) needs = std::max(needs, request.fee_replaced + fee_of(request.relay_feerate, weight));
    needs += request.target;
    if (to_self) {
      needs += std::max(request.dust_limit,
                        exact_fee_of_part(request.long_term_feerate, request.change_spend_weight) + 1);
    }
    const auto got = select_coins(coins, request);
    if (got) return;
    RC_ASSERT(got.error().code == "funds_insufficient");
    RC_ASSERT(totals.value < needs || all.empty());
  }));
}

// Every subset that covers the payments only with its least coin, and is too little over for change to pay.
std::optional<std::int64_t> least_changeless_waste(const std::vector<Candidate>& coins, const CoinRequest& request, std::int64_t slack) {
  const std::int64_t window = exact_fee_of_part(request.feerate, request.change_weight) +
                              exact_fee_of_part(request.long_term_feerate, request.change_spend_weight);
  std::optional<std::int64_t> best;
  for (std::uint32_t set = 1; set < (1U << coins.size()); ++set) {
    std::vector<std::uint64_t> chosen;
    std::int64_t least = kSelectMaxMoney;
    bool worth_it = true;
    for (std::size_t i = 0; i < coins.size(); ++i) {
      if ((set >> i & 1) == 0) continue;
      chosen.push_back(coins[i].index);
      const std::int64_t effective = coins[i].value - exact_fee_of_part(request.feerate, coins[i].weight);
      worth_it = worth_it && effective > 0;
      least = std::min(least, effective);
    }
    const Totals totals = totals_of(coins, request, chosen);
    const std::int64_t excess =
        totals.value - request.target - fee_of(request.feerate, request.base_weight + totals.weight);
    if (!worth_it || excess < slack || excess > window - slack || excess >= least - slack) continue;
    const std::int64_t waste = totals.waste + excess;
    if (!best || waste < *best) best = waste;
  }
  return best;
}

TEST(coin_select_laws, branch_and_bound_finds_the_least_waste_there_is) {
  int found = 0;
  EXPECT_TRUE(rc::check([&found] {
    std::vector<Candidate> coins;
    const std::int64_t count = between(1, 9);
    for (std::int64_t i = 0; i < count; ++i) {
      coins.push_back({static_cast<std::uint64_t>(i), between(1'000, 60'000), between(0, 1) == 0 ? 272 : 400, 6, 0, false});
    }
    CoinRequest request = any_request(150'000);
    request.feerate = between(0, 40'000);
    request.fee_replaced = 0;
    request.max_inputs = 10;
    request.max_weight = 400'000;
    // What one of the subsets can pay without change, or nearly so: else most targets have no answer.
    const std::int64_t some = between(1, (1 << count) - 1);
    Totals payable;
    for (std::int64_t i = 0; i < count; ++i) {
      if ((some >> i & 1) == 0) continue;
      payable.value += coins[static_cast<std::size_t>(i)].value;
      payable.weight += coins[static_cast<std::size_t>(i)].weight;
    }
    const std::int64_t fee = fee_of(request.feerate, request.base_weight + payable.weight);
    request.target = std::max<std::int64_t>(1, payable.value - fee - between(0, 3'000));
    // Search and judge may differ by the rounding of each fee, never by more.
    const std::int64_t slack = count + 2 + request.feerate / 1000;
    const auto judge = least_changeless_waste(coins, request, slack);
    const auto got = select_coins_by(CoinAlgorithm::branch_and_bound, coins, request);
    if (!judge) return;
    ++found;
    RC_ASSERT(got);
    RC_ASSERT(got->change == 0);
    RC_ASSERT(got->waste <= *judge);
  }));
  EXPECT_GT(found, 10);
}

}  // namespace
}  // namespace holdfast::chain::utxo
