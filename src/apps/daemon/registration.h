// Tells custody what the configuration says there is: chains, assets, signers, wallets. Telling it again changes nothing.
#pragma once

#include "apps/daemon/config.h"
#include "base/result.h"
#include "chain/port.h"
#include "engine/engine.h"

#include <cstdint>
#include <functional>

namespace holdfast::daemon {

// The account nonce of a single_key or gas wallet at the chain, asked for when such a wallet is new. Never where
// money is coins: they have no nonce.
using NonceOf = std::function<Result<std::uint64_t>(const std::string& caip2, const custody::Address& account)>;

//   refusal config_conflict (what was registered before can never change: the text names it)
//   and the faults of nonce_of
Result<void> register_all(const Config& config, engine::Submitter& submitter, const chain::StateView& view,
                          const NonceOf& nonce_of);

}  // namespace holdfast::daemon
