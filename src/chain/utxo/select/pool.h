// The coins a search may choose from, as units that are taken whole or not at all: single coins, or those of one address.
#pragma once

#include "chain/utxo/select/terms.h"

#include <cstdint>
#include <span>
#include <vector>

namespace holdfast::chain::utxo {

struct Unit {
  CoinSum sum;
  std::size_t first = 0;  // Its coins: so many of UnitPool::members, from here on.
  std::size_t count = 0;
};

// `units` are sorted by effective value, the largest first; between equals the less wasteful first. All are worth spending.
struct UnitPool {
  std::vector<Unit> units;
  std::vector<std::uint32_t> members;  // Positions among the coins.
};

// Positions in UnitPool::units.
using Pick = std::vector<std::uint32_t>;

// `positions` of the coins that may be taken; one by one, or those of one script together.
UnitPool make_pool(std::span<const Candidate> coins, std::span<const std::uint32_t> positions, const Terms& terms);
UnitPool make_pool_of_scripts(std::span<const Candidate> coins, std::span<const std::uint32_t> positions, const Terms& terms,
                          std::size_t max_together);

CoinSum sum_of(const UnitPool& pool, const Pick& pick);

}  // namespace holdfast::chain::utxo
