// Which coins to spend: the least costly ones over time, by Bitcoin Core's waste metric.
//
// Pure: no clock, no random device, no floating point. The same request over the same coins gives the same answer on every
// machine, in whatever order the coins come: chance enters as a seed only.
//
//   waste = sum over inputs of (fee now - fee at the long-term feerate)
//         + what making change now and spending it later costs, or without change: what is paid above the fee
//
// Branch and bound looks for coins that need no change; a knapsack and a random draw look for coins that leave a change
// worth having. The least waste wins; between equals the one with more inputs, then the one earlier in this list.
// Fees are of the virtual size as the network counts it: weight / 4, rounded up, of the whole transaction.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace holdfast::chain::utxo {

inline constexpr std::int64_t kSelectMaxMoney = 84'000'000LL * 100'000'000LL;  // Of the larger network.
inline constexpr std::int64_t kSelectMaxFeerate = 100'000'000;                 // 100,000 sat/vB
inline constexpr std::int64_t kSelectMaxWeight = 4'000'000;
inline constexpr std::size_t kSelectMaxCandidates = 10'000'000;
inline constexpr std::size_t kBranchAndBoundTries = 100'000;
inline constexpr std::size_t kMaxCoinsTogether = 100;  // Of one address: what is over that may stay behind.

// A coin that may be spent. One that must not be (locked, immature, foreign and unconfirmed) is not in the list at all.
struct Candidate {
  std::uint64_t index = 0;         // The caller's name of it: opaque, no two the same.
  std::int64_t value = 0;          // sat
  std::int64_t weight = 0;         // Of the input with the largest signatures it may have; 41 * 4 and its witness.
  std::uint32_t confirmations = 0;
  std::uint64_t script = 0;        // Equal for coins of the same address; 0: shares it with nobody.
  bool required = false;           // Has to be spent: pinned, or an input of the transaction that this one replaces.
};

struct CoinRequest {
  std::int64_t target = 0;       // Sum of the payments. 0: a transaction to ourselves, whose only output is the change.
  std::int64_t base_weight = 0;  // Of the transaction without inputs and change: 4 * 10, marker and flag 2, its outputs.
                                 // (Its input count as one byte: where it takes three, they are added here.)
  std::int64_t feerate = 0;            // sat/kvB
  std::int64_t long_term_feerate = 0;  // sat/kvB: what we expect to pay when there is no hurry.
  std::int64_t fee_replaced = 0;       // Fees of all that this transaction replaces, or 0. BIP 125: the new fee is at least
  std::int64_t relay_feerate = 1000;   // that, and this for each kvB on top of it. (Rule 2: unconfirmed coins may be
                                       // offered to a replacement only if what it replaces spends them.)

  std::int64_t change_weight = 0;        // Of the change output.
  std::int64_t change_spend_weight = 0;  // Of the input that will spend it.
  std::int64_t dust_limit = 0;           // No change under this.
  std::int64_t change_wanted = 50'000;   // What the knapsack and the draw aim to leave: no hard bound.

  std::int64_t max_weight = 400'000;  // Of the whole transaction; 400,000 is what nodes relay.
  std::size_t max_inputs = 500;

  std::uint32_t confirmations_wanted = 1;  // Coins with fewer are taken only where the others do not suffice.
  std::int64_t together_max_sat = 0;       // Waste accepted for spending all coins of an address together.

  // While the feerate is below the long-term one, up to so many more coins of less than this value are spent along. Measured
  // (bench/coin_selection_bench.cc), this keeps the wallet small and the choice fast, and saves no fees over a year: branch
  // and bound spends small coins in cheap hours anyway, and with fewer coins it does less often without change. Best left
  // at 0 unless fees are far below the usual and the coins are many.
  std::size_t consolidate_max_inputs = 0;
  std::int64_t consolidate_below_sat = kSelectMaxMoney;

  std::uint64_t seed = 0;  // Of the knapsack and the draw. From a random device for privacy, from the record for replay.
};

enum class CoinAlgorithm : std::uint8_t { required_only, branch_and_bound, knapsack, single_random_draw, largest_first };

struct Selection {
  std::vector<std::uint64_t> coins;  // Their indices, ascending. Order the inputs as you like.
  std::int64_t value = 0;            // Sum of the coins: target + change + fee, exactly.
  std::int64_t change = 0;           // 0: none. Never under the dust limit, nor under what spending it will cost.
  std::int64_t fee = 0;              // At least feerate * vsize, rounded up.
  std::int64_t weight = 0;           // Of the transaction, change included.
  std::int64_t waste = 0;            // sat; below 0 where spending now saves fees later.
  CoinAlgorithm algorithm = CoinAlgorithm::required_only;
  std::size_t consolidated = 0;      // How many of the coins are there only because fees are low.
  friend bool operator==(const Selection&, const Selection&) = default;
};

// Every required coin is in the answer. No other coin is that costs as much to spend as it is worth, or more.
// Refusals:
//   funds_insufficient   all coins worth spending do not cover target and fee. The text says short by how much.
//   coins_too_many       they do, but not within max_inputs and max_weight.
//   selection_invalid    a number out of its bounds, an index twice, values over all money there is.
Result<Selection> select_coins(std::span<const Candidate> coins, const CoinRequest& request);

// The same by one algorithm alone, coin by coin (no addresses held together, no consolidation): to measure and compare. Not
// `required_only`. Also refuses `selection_not_found`: that algorithm knows no answer, another may.
Result<Selection> select_coins_by(CoinAlgorithm algorithm, std::span<const Candidate> coins, const CoinRequest& request);

// The fee of a transaction of this weight: feerate * vsize / 1000, rounded up. Precondition: both within the bounds above.
std::int64_t fee_at(std::int64_t feerate, std::int64_t weight);

}  // namespace holdfast::chain::utxo
