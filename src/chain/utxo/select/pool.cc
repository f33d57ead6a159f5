#include "chain/utxo/select/pool.h"

#include <algorithm>
#include <tuple>

namespace holdfast::chain::utxo {

namespace {

void sort_units(std::vector<Unit>& units) {
  std::ranges::sort(units, [](const Unit& a, const Unit& b) {
    return std::tuple(-a.sum.effective, a.sum.waste, a.first) < std::tuple(-b.sum.effective, b.sum.waste, b.first);
  });
}

}  // namespace

UnitPool make_pool(std::span<const Candidate> coins, std::span<const std::uint32_t> positions, const Terms& terms) {
  UnitPool pool{{}, {positions.begin(), positions.end()}};
  pool.units.reserve(positions.size());
  for (std::size_t i = 0; i < positions.size(); ++i) pool.units.push_back({terms.of(coins[positions[i]]), i, 1});
  sort_units(pool.units);
  return pool;
}

UnitPool make_pool_of_scripts(std::span<const Candidate> coins, std::span<const std::uint32_t> positions, const Terms& terms,
                          std::size_t max_together) {
  UnitPool pool{{}, {positions.begin(), positions.end()}};
  std::ranges::stable_sort(pool.members, {}, [&](std::uint32_t at) { return coins[at].script; });
  for (std::size_t i = 0; i < pool.members.size(); ++i) {
    const Candidate& coin = coins[pool.members[i]];
    const bool joins = i > 0 && coin.script != 0 && coin.script == coins[pool.members[i - 1]].script &&
                       pool.units.back().count < max_together;
    if (!joins) pool.units.push_back({{}, i, 0});
    pool.units.back().sum += terms.of(coin);
    ++pool.units.back().count;
  }
  sort_units(pool.units);
  return pool;
}

CoinSum sum_of(const UnitPool& pool, const Pick& pick) {
  CoinSum sum;
  for (const std::uint32_t at : pick) sum += pool.units[at].sum;
  return sum;
}

}  // namespace holdfast::chain::utxo
