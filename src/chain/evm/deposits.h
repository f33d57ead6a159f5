// What customers were paid in a block: claims by transactions and logs, believed only as far as the balance bears out.
//
//   arrived = balance after the block - balance before it + what left in the block
//
// Claims are credited in the order of the block until that is used up. A surplus that nobody claims is one more fact.
#pragma once

#include "chain/evm/block_evidence.h"
#include "custody/facts.h"

#include <map>
#include <utility>
#include <vector>

namespace holdfast::chain::evm {

inline constexpr std::uint32_t kInternalPosition = 0x40000000;   // Plus the place among the block's internal transfers.
inline constexpr std::uint32_t kUnclaimedPosition = 0xffffffff;

// A deposit address and an asset whose balance the block may have changed.
using Touched = std::pair<Address20, custody::AssetId>;

struct BalanceChange {
  Amount before;
  Amount after;
};

// What to ask the balances of.
std::vector<Touched> touched_deposits(const BlockEvidence& evidence, const Own& own);

// `changes` holds all of touched_deposits().
std::vector<custody::DepositFact> judge_deposits(const BlockEvidence& evidence, const Own& own,
                                                 const std::map<Touched, BalanceChange>& changes);

}  // namespace holdfast::chain::evm
