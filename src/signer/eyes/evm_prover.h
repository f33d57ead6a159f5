// Deposits on an EVM chain, proven from the signer's own node.
//
// The same pure reading of a block as holdfastd's follower (chain/evm/deposits.h), over what this node says: what arrived by
// balance, claimed by transactions, logs and internal transfers in the order of the block. A claim has to be one of the facts
// so found, in every field. A payment by another contract is found only with a trace.
//
// The node has to know the balances around the block: one that is no archive keeps some 128 blocks of them. Ask soon.
#pragma once

#include "chain/evm/node.h"
#include "signer/eyes/eyes.h"
#include "signer/eyes/eyes_config.h"
#include "signer/policy.h"

namespace holdfast::signer {

class EvmProver final : public DepositProver {
 public:
  // All of them have to outlive it; the policy's chain gives Safes, modules and the factory.
  EvmProver(chain::evm::Node& node, const ChainRule& rule, const NodeSettings& settings)
      : node_(node), rule_(rule), settings_(settings) {}

  Result<std::vector<Verdict>> prove(std::span<const DepositClaim> claims, Instant now) override;

 private:
  chain::evm::Node& node_;
  const ChainRule& rule_;
  const NodeSettings& settings_;
};

}  // namespace holdfast::signer
