// Watches the mempool of a chain of the Bitcoin family: the PoolWatch port over a Node.
//
// Every pool transaction that spends an own coin has to be an attempt of an open spend. One that is not is told once for each
// coin, with what it pays for itself and for all that hangs on it: whoever wants to replace it has to pay more than that. So is
// a reserve that somebody has sent before its wallet was in danger.
#pragma once

#include "chain/port.h"
#include "chain/utxo/node/node.h"
#include "chain/utxo/wallet/network.h"

namespace holdfast::chain::utxo {

// `network`, `node` and `view` have to outlive it.
class UtxoPoolWatch final : public PoolWatch {
 public:
  UtxoPoolWatch(custody::ChainId chain, const Network& network, Node& node, const StateView& view)
      : chain_(chain), network_(network), node_(node), view_(view) {}

  Result<std::vector<custody::Command>> watch() override;

 private:
  std::vector<custody::ReportForeignSpend> judge(const RawTransaction& pending) const;
  void add_fees(const Txid& txid, std::vector<custody::ReportForeignSpend>& reports);

  custody::ChainId chain_;
  const Network& network_;
  Node& node_;
  const StateView& view_;
};

}  // namespace holdfast::chain::utxo
