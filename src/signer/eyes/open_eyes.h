// Makes the eyes of one chain, with a connection of its own to the signer's node. Nothing is asked of the node yet.
#pragma once

#include "signer/eyes/coin_scripts.h"
#include "signer/eyes/eyes.h"
#include "signer/eyes/eyes_config.h"
#include "signer/policy.h"

#include <memory>
#include <optional>

namespace holdfast::signer {

// A prover and a watcher over one node: for one thread.
class Eyes {
 public:
  virtual ~Eyes() = default;
  virtual DepositProver& prover() = 0;
  virtual Watcher& watcher() = 0;
};

// The rule and the settings are copied. `owner`: the address of the signer's owner key. `from`: the last Round's `seen` that
// was kept, if there is one.
std::unique_ptr<Eyes> open_eyes(const ChainRule& rule, const NodeSettings& settings, const Address20& owner, WasSigned was_signed,
                                std::optional<BlockMark> from);
std::unique_ptr<Eyes> open_eyes(const CoinChainRule& rule, const NodeSettings& settings, WasSigned was_signed, CoinReach reach,
                                std::optional<BlockMark> from);

}  // namespace holdfast::signer
