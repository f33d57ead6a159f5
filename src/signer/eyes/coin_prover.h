// Deposits on a chain of coins, proven from the signer's own node: a claim is an output of a transaction in the best chain's
// block of that height, with this script and this amount. The block is read from its own bytes, whose merkle root is checked.
//
// holdfastd dates what its wallets held before its first block to that block: such a coin is looked for in older blocks, too,
// as far as the node can tell (it is unspent, or the node has an index of transactions).
#pragma once

#include "chain/utxo/node/node.h"
#include "signer/eyes/eyes.h"
#include "signer/eyes/eyes_config.h"
#include "signer/policy.h"

namespace holdfast::signer {

class CoinProver final : public DepositProver {
 public:
  // All of them have to outlive it.
  CoinProver(chain::utxo::Node& node, const CoinChainRule& rule, const NodeSettings& settings)
      : node_(node), rule_(rule), settings_(settings) {}

  Result<std::vector<Verdict>> prove(std::span<const DepositClaim> claims, Instant now) override;

 private:
  chain::utxo::Node& node_;
  const CoinChainRule& rule_;
  const NodeSettings& settings_;
};

}  // namespace holdfast::signer
