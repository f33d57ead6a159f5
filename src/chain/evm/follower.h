// Follows an EVM chain: the Follower port over a Node.
#pragma once

#include "chain/evm/node.h"
#include "chain/evm/own.h"
#include "chain/port.h"

#include <cstdint>
#include <vector>

namespace holdfast::chain::evm {

struct BlockEvidence;

// `node` and `view` have to outlive it.
class EvmFollower final : public Follower {
 public:
  EvmFollower(custody::ChainId chain, std::uint64_t chain_id, Node& node, const StateView& view)
      : chain_(chain), chain_id_(chain_id), node_(node), view_(view) {}

  // A state without a head starts at the node's: nothing that happened before is looked at.
  // A node that is behind the state on the same chain gives nothing new.
  // Faults: `chain_moved` (the best chain changed while it was read: call again), `reorg_too_deep` (the chains part below
  // every block the state remembers: for people), `wrong_chain` (the node serves another chain), and those of the node.
  Result<std::vector<custody::Command>> follow(std::size_t limit) override;

 private:
  struct Known;  // What is copied out of the state for one round.

  Known look() const;
  Result<void> check_chain_id();
  // Disconnects down to the newest block that the node has too, and gives it.
  Result<custody::BlockRef> unwind(const Known& known, std::uint64_t node_height, std::vector<custody::Command>& out);
  Result<custody::BlockRef> connect(const Known& known, custody::BlockRef parent, const Header& head, std::size_t limit,
                                    std::vector<custody::Command>& out);
  Result<custody::BlockRef> connect_block(const Known& known, const Header& header, std::vector<custody::Command>& out);
  AddressSet deposits_among(const AddressSet& candidates) const;
  Result<std::vector<custody::BalanceFact>> balances(const Known& known, const Hash32& block);
  Result<void> finalize(const Known& known, const custody::BlockRef& newest, std::vector<custody::Command>& out);

  custody::ChainId chain_;
  std::uint64_t chain_id_;
  Node& node_;
  const StateView& view_;
  bool chain_checked_ = false;
};

}  // namespace holdfast::chain::evm
