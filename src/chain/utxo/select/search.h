// The ways to look for coins. Each gives the units that, with the required coins, cover the payments; or none.
#pragma once

#include "chain/utxo/select/pool.h"

#include <cstdint>
#include <optional>

namespace holdfast::chain::utxo {

// A small generator of evenly spread numbers (SplitMix64): the same on every machine.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  // Below `bound`, which is not 0. Even to within bound / 2^64.
  std::uint64_t below(std::uint64_t bound);
  bool flip();

 private:
  std::uint64_t state_;
  std::uint64_t bits_ = 0;
  unsigned bits_left_ = 0;
};

// What every search is given. Borrows all of it.
struct Search {
  const Terms& terms;
  const UnitPool& pool;
  const CoinSum& required;
};

// The least waste without change, of what kBranchAndBoundTries steps of a depth-first search find.
std::optional<Pick> branch_and_bound(const Search& search);
// Many random subsets, of which the smallest sum is kept that leaves the change wanted; or one larger coin if that is closer.
std::optional<Pick> knapsack(const Search& search, Chance chance);
// Units in random order until they leave the change wanted; the least valuable ones go again where there are too many.
std::optional<Pick> single_random_draw(const Search& search, Chance chance);
// As few coins as cover it. Finds nothing only where greed does not fit the limits.
std::optional<Pick> largest_first(const Search& search);

}  // namespace holdfast::chain::utxo
