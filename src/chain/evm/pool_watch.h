// Watches a node's pool for transactions that use our keys without us.
#pragma once

#include "chain/evm/node.h"
#include "chain/port.h"

#include <cstdint>
#include <vector>

namespace holdfast::chain::evm {

// `node` and `view` have to outlive it. See judge.h for what is reported.
class EvmPoolWatch final : public PoolWatch {
 public:
  EvmPoolWatch(custody::ChainId chain, std::uint64_t chain_id, Node& node, const StateView& view)
      : chain_(chain), chain_id_(chain_id), node_(node), view_(view) {}

  Result<std::vector<custody::Command>> watch() override;

 private:
  custody::ChainId chain_;
  std::uint64_t chain_id_;
  Node& node_;
  const StateView& view_;
};

}  // namespace holdfast::chain::evm
