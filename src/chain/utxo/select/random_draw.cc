#include "chain/utxo/select/search.h"

#include "base/amount.h"

#include <algorithm>
#include <numeric>

namespace holdfast::chain::utxo {

std::uint64_t Chance::next() {
  state_ += 0x9e3779b97f4a7c15;
  std::uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

std::uint64_t Chance::below(std::uint64_t bound) {
  return static_cast<std::uint64_t>((static_cast<Uint128>(next()) * bound) >> 64);
}

bool Chance::flip() {
  if (bits_left_ == 0) {
    bits_ = next();
    bits_left_ = 64;
  }
  const bool out = (bits_ & 1) != 0;
  bits_ >>= 1;
  --bits_left_;
  return out;
}

std::optional<Pick> single_random_draw(const Search& search, Chance chance) {
  const auto& units = search.pool.units;
  Pick order(units.size());
  std::iota(order.begin(), order.end(), 0U);
  // A heap of those drawn, the least valuable on top: units are sorted, so that is the highest position.
  Pick drawn;
  CoinSum sum = search.required;
  for (std::size_t left = order.size(); left > 0; --left) {
    std::swap(order[chance.below(left)], order[left - 1]);
    drawn.push_back(order[left - 1]);
    std::ranges::push_heap(drawn);
    sum += units[order[left - 1]].sum;
    while (!search.terms.fits(sum) && !drawn.empty()) {
      std::ranges::pop_heap(drawn);
      sum -= units[drawn.back()].sum;
      drawn.pop_back();
    }
    const bool may_do = sum.inputs > 0 && search.terms.fits(sum);
    if (may_do && search.terms.leaves(sum, search.terms.excess_wanted())) return drawn;
  }
  return std::nullopt;
}

std::optional<Pick> largest_first(const Search& search) {
  Pick taken;
  CoinSum sum = search.required;
  for (std::uint32_t at = 0; at < search.pool.units.size(); ++at) {
    const CoinSum with = sum + search.pool.units[at].sum;
    if (!search.terms.fits_without_change(with)) continue;
    sum = with;
    taken.push_back(at);
    if (search.terms.settle(sum)) return taken;
  }
  return std::nullopt;
}

}  // namespace holdfast::chain::utxo
