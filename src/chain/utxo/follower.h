// Follows a chain of the Bitcoin family: the Follower port over a Node.
#pragma once

#include "chain/port.h"
#include "chain/utxo/block_facts.h"
#include "chain/utxo/node/node.h"
#include "chain/utxo/own_scripts.h"

#include <cstdint>
#include <vector>

namespace holdfast::chain::utxo {

// `network`, `node` and `view` have to outlive it.
class UtxoFollower final : public Follower {
 public:
  // `gap`: so many scripts behind the last one that was handed out are looked for.
  UtxoFollower(custody::ChainId chain, const Network& network, Node& node, const StateView& view,
               std::uint32_t gap = OwnScripts::kGap)
      : chain_(chain), network_(network), node_(node), view_(view), own_(chain, network, gap) {}

  // A state without a head starts at the node's: the coins that own scripts hold there already come with the first block,
  // from a scan of the node's unspent outputs. What happened to them before is not looked at.
  // A node that is behind the state on the same chain gives nothing new, nor does one that still catches up.
  // Faults: `chain_moved` (the best chain changed while it was read: call again), `reorg_too_deep` (the chains part below
  // every block the state remembers: for people), `node_other_network`, `block_not_there`, and those of the node.
  Result<std::vector<custody::Command>> follow(std::size_t limit) override;

 private:
  struct Known;  // What is copied out of the state for one round.

  Known look() const;
  Result<void> check_once();
  Result<custody::BlockRef> start(std::vector<custody::Command>& out);
  // Disconnects down to the newest block that the node has too, and gives it.
  Result<custody::BlockRef> unwind(const Known& known, std::uint64_t node_height, std::vector<custody::Command>& out);
  Result<custody::BlockRef> connect(custody::BlockRef parent, const Header& best, std::size_t limit,
                                    std::vector<custody::Command>& out);
  Result<custody::BlockFacts> facts_of(const Header& header, PendingCoins& pending);
  Result<std::vector<custody::CoinFact>> coins_before();
  Result<bool> look_further(const std::vector<custody::CoinFact>& found);
  void finalize(const Known& known, const custody::BlockRef& newest, std::vector<custody::Command>& out) const;

  custody::ChainId chain_;
  const Network& network_;
  Node& node_;
  const StateView& view_;
  OwnScripts own_;
  bool checked_ = false;
};

}  // namespace holdfast::chain::utxo
