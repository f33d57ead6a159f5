#include "chain/utxo/select/search.h"

#include <algorithm>
#include <limits>

namespace holdfast::chain::utxo {

namespace {

constexpr std::size_t kMaxRounds = 1000;
constexpr std::size_t kMaxSteps = 10'000'000;  // Of all rounds together: a large wallet gets fewer rounds.

// Tries random subsets of the units from `first` on, looking for the least excess of at least `wanted`.
class Subsets {
 public:
  Subsets(const Search& search, std::size_t first, std::int64_t wanted, Chance& chance)
      : search_(search), first_(first), wanted_(wanted), chance_(chance), taken_(search.pool.units.size(), 0) {}

  // Empty: none found.
  const Pick& best() {
    const std::size_t each = 2 * std::max<std::size_t>(1, taken_.size() - first_);
    const std::size_t rounds = std::clamp<std::size_t>(kMaxSteps / each, 1, kMaxRounds);
    for (std::size_t round = 0; round < rounds && best_excess_ != wanted_; ++round) try_one();
    return best_;
  }
  std::int64_t best_excess() const { return best_excess_; }

 private:
  // First each unit by the flip of a coin; where that is not enough, those left out, in order.
  void try_one() {
    std::ranges::fill(taken_, std::uint8_t{0});
    CoinSum sum = search_.required;
    bool reached = false;
    for (int pass = 0; pass < 2 && !reached; ++pass) {
      for (std::size_t at = first_; at < taken_.size(); ++at) {
        if (pass == 0 ? !chance_.flip() : taken_[at] != 0) continue;
        sum += search_.pool.units[at].sum;
        taken_[at] = 1;
        if (!search_.terms.fits(sum) || search_.terms.leaves(sum, wanted_)) {
          reached = reached || search_.terms.fits(sum);
          keep_if_better(sum);
          sum -= search_.pool.units[at].sum;  // A smaller one in its place may come closer.
          taken_[at] = 0;
        }
      }
    }
  }

  void keep_if_better(const CoinSum& sum) {
    if (!search_.terms.fits(sum)) return;
    const std::int64_t excess = search_.terms.excess(sum);
    if (excess >= best_excess_) return;
    best_excess_ = excess;
    best_.clear();
    for (std::size_t at = first_; at < taken_.size(); ++at) {
      if (taken_[at] != 0) best_.push_back(static_cast<std::uint32_t>(at));
    }
  }

  const Search& search_;
  std::size_t first_;
  std::int64_t wanted_;
  Chance& chance_;
  std::vector<std::uint8_t> taken_;
  Pick best_;
  std::int64_t best_excess_ = std::numeric_limits<std::int64_t>::max();
};

// The smallest unit that is enough all alone. The units are sorted: those that are come first.
std::optional<std::uint32_t> smallest_single(const Search& search, std::int64_t wanted) {
  std::optional<std::uint32_t> found;
  for (std::uint32_t at = 0; at < search.pool.units.size(); ++at) {
    const CoinSum sum = search.required + search.pool.units[at].sum;
    if (!search.terms.fits(sum)) continue;
    if (!search.terms.leaves(sum, wanted)) break;
    found = at;
  }
  return found;
}

}  // namespace

std::optional<Pick> knapsack(const Search& search, Chance chance) {
  const std::int64_t wanted = search.terms.excess_wanted();
  const auto single = smallest_single(search, wanted);
  Subsets subsets(search, single ? *single + 1 : 0, wanted, chance);
  const Pick& best = subsets.best();
  if (single) {
    const std::int64_t excess = search.terms.excess(search.required + search.pool.units[*single].sum);
    if (best.empty() || excess <= subsets.best_excess()) return Pick{*single};
  }
  if (best.empty()) return std::nullopt;
  return best;
}

}  // namespace holdfast::chain::utxo
