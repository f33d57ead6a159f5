#include "chain/utxo/select/search.h"

#include <limits>

namespace holdfast::chain::utxo {

namespace {

// Depth first over the sorted units, taking before leaving out. At each step the sum of what is still ahead is known.
class Tree {
 public:
  explicit Tree(const Search& search)
      : search_(search), sum_(search.required), needed_(search.terms.effective_needed()),
        most_(needed_ + search.terms.change_cost()) {
    const auto& units = search.pool.units;
    while (next_ < units.size() && sum_.effective + units[next_].sum.effective > most_) ++next_;  // Too large to be part of it.
    for (std::size_t at = next_; at < units.size(); ++at) {
      ahead_ += units[at].sum.effective;
      feerate_is_high_ = feerate_is_high_ || units[at].sum.waste > 0;
    }
  }

  std::optional<Pick> walk() {
    for (std::size_t tries = 0; tries < kBranchAndBoundTries; ++tries) {
      const bool go_on = !is_hopeless() && !keep_if_solution();
      if (go_on && next_ < search_.pool.units.size()) {
        step();
      } else if (!back()) {
        break;
      }
    }
    if (best_.empty()) return std::nullopt;
    return best_;
  }

 private:
  const Unit& unit(std::size_t at) const { return search_.pool.units[at]; }

  bool is_hopeless() const {
    return sum_.effective + ahead_ < needed_ || sum_.effective > most_ || !search_.terms.fits_without_change(sum_) ||
           (feerate_is_high_ && sum_.waste > best_waste_);
  }

  // True where the sum is enough: more coins would only be given away. (Rounding may still leave a little missing.)
  bool keep_if_solution() {
    if (sum_.effective < needed_) return false;
    const std::int64_t excess = search_.terms.excess(sum_);
    if (excess < 0) return false;
    if (excess <= search_.terms.change_cost() && sum_.waste + excess < best_waste_) {
      best_waste_ = sum_.waste + excess;
      best_ = taken_;
    }
    return true;
  }

  void step() {
    // Like the one before it, which was left out: taking this one instead changes nothing.
    const bool twin = next_ > 0 && (taken_.empty() || taken_.back() != next_ - 1) &&
                      unit(next_).sum.effective == unit(next_ - 1).sum.effective &&
                      unit(next_).sum.waste == unit(next_ - 1).sum.waste;
    ahead_ -= unit(next_).sum.effective;
    if (!twin) {
      sum_ += unit(next_).sum;
      taken_.push_back(static_cast<std::uint32_t>(next_));
    }
    ++next_;
  }

  // Leaves out the unit taken last and goes on behind it.
  bool back() {
    if (taken_.empty()) return false;
    const std::size_t last = taken_.back();
    taken_.pop_back();
    sum_ -= unit(last).sum;
    for (; next_ > last + 1; --next_) ahead_ += unit(next_ - 1).sum.effective;
    return true;
  }

  const Search& search_;
  CoinSum sum_;
  std::int64_t needed_;
  std::int64_t most_;
  std::int64_t ahead_ = 0;  // Effective value of the units from next_ on.
  std::size_t next_ = 0;
  bool feerate_is_high_ = false;
  Pick taken_;
  Pick best_;  // Empty: none found.
  std::int64_t best_waste_ = std::numeric_limits<std::int64_t>::max();
};

}  // namespace

std::optional<Pick> branch_and_bound(const Search& search) {
  if (search.terms.needs_change()) return std::nullopt;
  return Tree(search).walk();
}

}  // namespace holdfast::chain::utxo
