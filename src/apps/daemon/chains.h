// The chains that this daemon follows, by family: EVM (accounts), and Bitcoin's (coins).
#pragma once

#include "apps/daemon/config.h"
#include "apps/daemon/registration.h"
#include "base/result.h"
#include "chain/port.h"

#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace holdfast::daemon {

// One chain's three ports, each with a connection of its own to the node.
struct ChainParts {
  custody::ChainId id;
  std::string caip2;
  std::unique_ptr<chain::Follower> follower;
  std::unique_ptr<chain::PoolWatch> watch;
  std::unique_ptr<chain::Builder> builder;
  std::vector<std::shared_ptr<void>> connections;  // What the ports hold references to.
  std::int64_t follow_pause_ms = 0;      // Between two looks for a block.
  std::function<void()> wait_for_pool;   // Returns when the pool should be looked at again, within a tenth of a second.
};

// Precondition: the chains are registered.
//   refusal config_conflict (a family that this build does not know)
Result<std::vector<ChainParts>> open_chains(const Config& config, const chain::StateView& view);

// For registration.h.
NonceOf nonce_source(const Config& config);

// The `number`th deposit address of a customer. Of accounts it is pure. Of coins, one that was assigned stays the same, and
// the next is of the deposit wallet's next index: when another customer gets that first, ask again.
//   refusal chain_unknown, wallet_compromised (nobody is asked to pay into it), number_skips
// Precondition: everything is registered, and `view` outlives it. Safe to call from many threads.
using AddressSource = std::function<Result<custody::DepositAddress>(custody::CustomerId, custody::ChainId, std::uint64_t number)>;
AddressSource address_source(const Config& config, const chain::StateView& view);

}  // namespace holdfast::daemon
