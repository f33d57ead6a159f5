// The chains that this daemon follows, by family. Today there is one family: EVM.
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
};

// Precondition: the chains are registered.
//   refusal config_conflict (a family that this build does not know)
Result<std::vector<ChainParts>> open_chains(const Config& config, const chain::StateView& view);

// For registration.h.
NonceOf nonce_source(const Config& config);

// The `number`th deposit address of a customer. Pure.
using AddressSource = std::function<Result<custody::DepositAddress>(custody::CustomerId, custody::ChainId, std::uint64_t number)>;
AddressSource address_source(const Config& config, const chain::StateView& view);

}  // namespace holdfast::daemon
