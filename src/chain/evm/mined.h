// What our own addresses did in a block: which transactions, on whose order, and what they moved.
#pragma once

#include "chain/evm/block_evidence.h"
#include "custody/facts.h"

#include <cstdint>
#include <vector>

namespace holdfast::chain::evm {

// In the order of the block. A transaction in which Safes execute more than once gives a fact for each execution; the
// sender and its fee stand in the first.
std::vector<custody::MinedFact> judge_mined(std::uint64_t chain_id, const BlockEvidence& evidence, const Own& own);

}  // namespace holdfast::chain::evm
