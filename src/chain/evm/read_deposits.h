// What customers were paid in a block: its evidence judged (deposits.h) with the balances before and after it.
#pragma once

#include "chain/evm/deposits.h"
#include "chain/evm/node.h"

#include <vector>

namespace holdfast::chain::evm {

struct DepositReading {
  std::vector<custody::DepositFact> facts;
  std::vector<Touched> unread;  // The token could not tell before or after: taken as if nothing had come.
};

// Faults: `node_answer_malformed` and those of the node.
Result<DepositReading> read_deposits(Node& node, const BlockEvidence& evidence, const Own& own);

}  // namespace holdfast::chain::evm
