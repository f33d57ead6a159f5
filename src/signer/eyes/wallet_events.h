// What the Safes of the policy, and what guards them, said in a block.
#pragma once

#include "chain/evm/node.h"
#include "signer/eyes/eyes.h"
#include "signer/eyes/key_use.h"
#include "signer/policy.h"

#include <vector>

namespace holdfast::signer {

// Sightings by the events of one block, whoever sent the transactions: the table of eyes.h. Faults of the node.
Result<std::vector<Sighting>> read_events(chain::evm::Node& node, const ChainRule& rule, const KeyUse& keys,
                                          const chain::evm::Block& block, Effort& effort);

}  // namespace holdfast::signer
