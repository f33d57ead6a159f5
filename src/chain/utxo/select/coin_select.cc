#include "chain/utxo/select/coin_select.h"

#include "chain/utxo/select/search.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <tuple>

namespace holdfast::chain::utxo {

namespace {

constexpr std::uint64_t kDrawSeed = 0x6a09e667f3bcc908;  // So that knapsack and draw do not follow the same chance.

bool within(std::int64_t value, std::int64_t least, std::int64_t most) { return value >= least && value <= most; }

Result<void> check_request(const CoinRequest& r) {
  for (const std::int64_t money : {r.target, r.fee_replaced, r.dust_limit, r.change_wanted, r.together_max_sat,
                                   r.consolidate_below_sat}) {
    if (!within(money, 0, kSelectMaxMoney)) return refuse("selection_invalid", "an amount out of range");
  }
  for (const std::int64_t feerate : {r.feerate, r.long_term_feerate, r.relay_feerate}) {
    if (!within(feerate, 0, kSelectMaxFeerate)) return refuse("selection_invalid", "a feerate out of range");
  }
  for (const std::int64_t weight : {r.base_weight, r.change_weight, r.change_spend_weight, r.max_weight}) {
    if (!within(weight, 1, kSelectMaxWeight)) return refuse("selection_invalid", "a weight out of range");
  }
  if (r.max_inputs == 0 || r.max_inputs > kSelectMaxCandidates) return refuse("selection_invalid", "max_inputs out of range");
  return {};
}

// The positions of the coins by their indices, so that the order in which they come does not matter.
Result<Pick> check_coins(std::span<const Candidate> coins) {
  if (coins.size() > kSelectMaxCandidates) return refuse("selection_invalid", "more coins than can be looked at");
  std::int64_t total = 0;
  for (const Candidate& coin : coins) {
    if (!within(coin.value, 0, kSelectMaxMoney)) return refuse("selection_invalid", "a coin's value out of range");
    if (!within(coin.weight, 1, kSelectMaxWeight)) return refuse("selection_invalid", "a coin's weight out of range");
    total += coin.value;
    if (total > kSelectMaxMoney) return refuse("selection_invalid", "coins worth more than all money there is");
  }
  Pick order(coins.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, {}, [&](std::uint32_t at) { return coins[at].index; });
  const auto twice = std::ranges::adjacent_find(order, {}, [&](std::uint32_t at) { return coins[at].index; });
  if (twice != order.end()) return refuse("selection_invalid", "index " + std::to_string(coins[*twice].index) + " twice");
  return order;
}

// A set of coins that works, and what comes of it.
struct Outcome {
  CoinAlgorithm algorithm = CoinAlgorithm::required_only;
  Pick positions;  // Without the required coins.
  CoinSum sum;     // With them.
  Settlement settled;
};

bool is_better(const Outcome& a, const std::optional<Outcome>& b) {
  if (!b || a.settled.waste != b->settled.waste) return !b || a.settled.waste < b->settled.waste;
  return a.sum.inputs > b->sum.inputs;
}

class Selector {
 public:
  Selector(std::span<const Candidate> coins, const CoinRequest& request, const Pick& order)
      : coins_(coins), request_(request), terms_(request) {
    for (const std::uint32_t at : order) {
      const CoinSum coin = terms_.of(coins[at]);
      if (coins[at].required) {
        required_.push_back(at);
        required_sum_ += coin;
      } else if (coin.effective > 0) {
        worthy_.push_back(at);
        worthy_sum_ += coin;
      } else {
        ++worthless_;
      }
    }
  }

  Result<Selection> select() const {
    auto outcome = find();
    if (!outcome) return Failure(outcome.error());
    const std::size_t before = outcome->positions.size();
    consolidate(*outcome);
    return selection_of(*outcome, outcome->positions.size() - before);
  }

  Result<Selection> select_by(CoinAlgorithm algorithm) const {
    if (!terms_.fits_without_change(required_sum_)) return too_many();
    const auto outcome = run(algorithm, make_pool(coins_, worthy_, terms_));
    if (!outcome) return refuse("selection_not_found", "nothing found by this algorithm alone");
    return selection_of(*outcome, 0);
  }

 private:
  Result<Outcome> find() const {
    if (!terms_.fits_without_change(required_sum_)) return too_many();
    if (const auto settled = terms_.settle(required_sum_)) {
      return Outcome{CoinAlgorithm::required_only, {}, required_sum_, *settled};
    }
    Pick confirmed;
    for (const std::uint32_t at : worthy_) {
      if (coins_[at].confirmations >= request_.confirmations_wanted) confirmed.push_back(at);
    }
    if (auto found = choose(confirmed)) return *std::move(found);
    if (confirmed.size() < worthy_.size()) {
      if (auto found = choose(worthy_)) return *std::move(found);
    }
    return nothing_found();
  }

  // Coins of one address together, where that costs little more than choosing them one by one.
  std::optional<Outcome> choose(const Pick& positions) const {
    std::optional<Outcome> single = best_of(make_pool(coins_, positions, terms_));
    const std::size_t together = std::min(kMaxCoinsTogether, request_.max_inputs - required_sum_.inputs);
    if (together < 2) return single;
    const UnitPool pool = make_pool_of_scripts(coins_, positions, terms_, together);
    if (pool.units.size() == positions.size()) return single;
    std::optional<Outcome> grouped = best_of(pool);
    const bool cheap = grouped && (!single || grouped->settled.waste <= single->settled.waste + request_.together_max_sat);
    return cheap ? grouped : single;
  }

  std::optional<Outcome> best_of(const UnitPool& pool) const {
    std::optional<Outcome> best;
    for (const auto algorithm : {CoinAlgorithm::branch_and_bound, CoinAlgorithm::knapsack, CoinAlgorithm::single_random_draw}) {
      auto outcome = run(algorithm, pool);
      if (outcome && is_better(*outcome, best)) best = std::move(outcome);
    }
    return best ? best : run(CoinAlgorithm::largest_first, pool);
  }

  std::optional<Outcome> run(CoinAlgorithm algorithm, const UnitPool& pool) const {
    const auto pick = search(algorithm, {terms_, pool, required_sum_});
    if (!pick) return std::nullopt;
    Outcome out{algorithm, {}, required_sum_ + sum_of(pool, *pick), {}};
    const auto settled = terms_.settle(out.sum);
    if (!settled) return std::nullopt;
    out.settled = *settled;
    for (const std::uint32_t at : *pick) {
      const auto first = pool.members.begin() + static_cast<std::ptrdiff_t>(pool.units[at].first);
      out.positions.insert(out.positions.end(), first, first + static_cast<std::ptrdiff_t>(pool.units[at].count));
    }
    return out;
  }

  std::optional<Pick> search(CoinAlgorithm algorithm, const Search& given) const {
    switch (algorithm) {
      case CoinAlgorithm::required_only: break;
      case CoinAlgorithm::branch_and_bound: return branch_and_bound(given);
      case CoinAlgorithm::knapsack: return knapsack(given, Chance(request_.seed));
      case CoinAlgorithm::single_random_draw: return single_random_draw(given, Chance(request_.seed ^ kDrawSeed));
      case CoinAlgorithm::largest_first: return largest_first(given);
    }
    return std::nullopt;
  }

  // Confirmed small coins, those of addresses that this transaction shows anyway first.
  Pick small_coins(const Outcome& outcome) const {
    Pick taken = outcome.positions;
    std::vector<std::uint64_t> scripts;
    for (const Pick* part : {&outcome.positions, &required_}) {
      for (const std::uint32_t at : *part) scripts.push_back(coins_[at].script);
    }
    std::ranges::sort(taken);
    std::ranges::sort(scripts);
    const std::uint32_t confirmations = std::max(1U, request_.confirmations_wanted);
    std::vector<std::tuple<bool, std::int64_t, std::uint64_t, std::uint32_t>> ranked;
    for (const std::uint32_t at : worthy_) {
      const Candidate& coin = coins_[at];
      if (coin.confirmations < confirmations || coin.value >= request_.consolidate_below_sat) continue;
      if (std::ranges::binary_search(taken, at)) continue;
      const bool known = coin.script != 0 && std::ranges::binary_search(scripts, coin.script);
      ranked.emplace_back(!known, coin.value, coin.index, at);
    }
    const auto count = static_cast<std::ptrdiff_t>(std::min(request_.consolidate_max_inputs, ranked.size()));
    std::ranges::partial_sort(ranked, ranked.begin() + count);
    Pick out;
    for (auto it = ranked.begin(); it != ranked.begin() + count; ++it) out.push_back(std::get<3>(*it));
    return out;
  }

  void consolidate(Outcome& outcome) const {
    if (request_.consolidate_max_inputs == 0 || request_.feerate >= request_.long_term_feerate) return;
    Outcome more = outcome;
    for (const std::uint32_t at : small_coins(outcome)) {
      const CoinSum with = more.sum + terms_.of(coins_[at]);
      if (!terms_.fits(with)) continue;
      more.sum = with;
      more.positions.push_back(at);
    }
    const auto settled = terms_.settle(more.sum);
    if (!settled || settled->waste >= outcome.settled.waste) return;
    more.settled = *settled;
    outcome = std::move(more);
  }

  Selection selection_of(const Outcome& outcome, std::size_t consolidated) const {
    Selection out;
    for (const Pick* part : {&outcome.positions, &required_}) {
      for (const std::uint32_t at : *part) out.coins.push_back(coins_[at].index);
    }
    std::ranges::sort(out.coins);
    out.value = outcome.sum.value;
    out.change = outcome.settled.change;
    out.fee = outcome.settled.fee;
    out.weight = outcome.settled.weight;
    out.waste = outcome.settled.waste;
    out.algorithm = outcome.algorithm;
    out.consolidated = consolidated;
    return out;
  }

  Failure too_many() const {
    return refuse("coins_too_many", std::to_string(required_sum_.inputs) + " coins are required, weight " +
                                        std::to_string(terms_.weight(required_sum_)));
  }

  Failure nothing_found() const {
    const std::int64_t missing = terms_.missing(required_sum_ + worthy_sum_);
    if (missing <= 0) {
      return refuse("coins_too_many", "the payments need more than " + std::to_string(request_.max_inputs) +
                                          " coins, or more weight than " + std::to_string(request_.max_weight));
    }
    std::string text = "short by " + std::to_string(missing) + " sat";
    if (worthless_ > 0) text += "; " + std::to_string(worthless_) + " coins cost more to spend than they are worth";
    return refuse("funds_insufficient", std::move(text));
  }

  std::span<const Candidate> coins_;
  const CoinRequest& request_;
  Terms terms_;
  Pick required_;
  CoinSum required_sum_;
  Pick worthy_;  // Not required, and worth more than spending them costs. By index.
  CoinSum worthy_sum_;
  std::size_t worthless_ = 0;
};

}  // namespace

Result<Selection> select_coins(std::span<const Candidate> coins, const CoinRequest& request) {
  if (const auto checked = check_request(request); !checked) return Failure(checked.error());
  const auto order = check_coins(coins);
  if (!order) return Failure(order.error());
  return Selector(coins, request, *order).select();
}

Result<Selection> select_coins_by(CoinAlgorithm algorithm, std::span<const Candidate> coins, const CoinRequest& request) {
  if (const auto checked = check_request(request); !checked) return Failure(checked.error());
  const auto order = check_coins(coins);
  if (!order) return Failure(order.error());
  return Selector(coins, request, *order).select_by(algorithm);
}

}  // namespace holdfast::chain::utxo
