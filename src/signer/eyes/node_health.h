// Whether the signer's node can be asked at all: it answers, it serves the right chain, and it is not behind.
#pragma once

#include "base/instant.h"
#include "base/result.h"
#include "chain/evm/node.h"
#include "chain/utxo/node/node.h"
#include "chain/utxo/wallet/network.h"

#include <cstdint>

namespace holdfast::signer {

// The node's newest block. Faults: `node_down` (with its own code and words), `wrong_chain`, `node_behind` (the block is more
// than so many milliseconds older than `now`, or the node still catches up).
Result<chain::evm::Header> healthy_head(chain::evm::Node& node, std::uint64_t chain_id, std::int64_t max_behind_ms, Instant now);
Result<chain::utxo::Header> healthy_head(chain::utxo::Node& node, const chain::utxo::Network& network, std::int64_t max_behind_ms,
                                         Instant now);

// Any error of a node as `node_down`, its own code in front of its words.
Failure node_down(const Error& error);
// The same for a watcher, whose own codes stay as they are: those of healthy_head() and `chain_moved`.
Failure watch_failure(const Error& error);

}  // namespace holdfast::signer
