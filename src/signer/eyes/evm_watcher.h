// Watches an EVM chain with the signer's own node: its accounts, its owner key, the Safes of its policy and what guards them.
//
//   transaction   who sends it, whom it calls, which owners signed what it carries        pool and blocks
//   event         what Safes, modules, guards and the factory say they did                blocks
//   state         owners, threshold, modules, guards, handler of each Safe; where the     newest block
//                 factory flushes to; code at the addresses of own keys
//
// Events tell what happened in between, the state what happened before this began. In the pool only direct calls are read: a
// Safe transaction carried by another contract is seen when it is mined, by the Safe's event.
#pragma once

#include "chain/evm/node.h"
#include "signer/eyes/block_cursor.h"
#include "signer/eyes/eyes.h"
#include "signer/eyes/eyes_config.h"
#include "signer/eyes/told.h"
#include "signer/policy.h"

#include <map>

namespace holdfast::signer {

class EvmWatcher final : public Watcher {
 public:
  // `owner`: of the signer's own owner key. Everything referred to has to outlive it. Without a mark it begins at the node's
  // newest block.
  EvmWatcher(chain::evm::Node& node, const ChainRule& rule, const NodeSettings& settings, const Address20& owner,
             WasSigned was_signed, std::optional<BlockMark> from);

  Result<Round> look(Instant now) override;

 private:
  chain::evm::Node& node_;
  const ChainRule& rule_;
  const NodeSettings& settings_;
  Address20 owner_;
  WasSigned was_signed_;
  BlockCursor cursor_;
  Told told_;
};

}  // namespace holdfast::signer
