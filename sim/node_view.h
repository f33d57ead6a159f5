// One node's view of the chain: up to date, behind, down, forgetful, or lying (it shows a branch that only it knows).
#pragma once

#include "chain/evm/node.h"
#include "sim/chain.h"

#include <functional>
#include <optional>
#include <set>

namespace holdfast::sim {

struct NodeFaults {
  std::uint64_t fail_one_in = 0;     // Calls that fail: the node is down.
  std::uint64_t swallow_one_in = 0;  // Transactions that it takes and forgets.
  std::uint64_t blind_one_in = 0;    // Pool transactions that it never shows.
};

class NodeView final : public chain::evm::Node {
 public:
  using BroadcastWatcher = std::function<void(ByteView raw)>;

  NodeView(Prng& prng, Chain& chain, bool traces, BroadcastWatcher watcher)
      : prng_(prng), chain_(chain), traces_(traces), watcher_(std::move(watcher)) {}

  NodeFaults faults;
  std::uint64_t behind = 0;           // Blocks.
  std::optional<Hash32> forged_head;  // Shows the branch that ends here in place of the truth.
  std::uint64_t honest_height = 0;    // Where that branch leaves the truth.
  bool lies_about_finality = false;   // Calls forged blocks final, too.

  Hash32 shown_head() const;

  Result<std::uint64_t> chain_id() override;
  Result<chain::evm::Header> head() override;
  Result<std::optional<chain::evm::Header>> finalized() override;
  Result<std::optional<chain::evm::Header>> header_at(std::uint64_t height) override;
  Result<std::optional<chain::evm::Block>> block(const Hash32& hash) override;
  Result<std::vector<chain::evm::Log>> logs(const Hash32& block, const std::vector<Address20>& addresses,
                                            const Hash32& topic) override;
  Result<std::optional<chain::evm::Receipt>> receipt(const Hash32& txid) override;
  Result<std::vector<std::optional<Amount>>> balances(const Hash32& block,
                                                      const std::vector<chain::evm::BalanceQuery>& queries) override;
  Result<std::optional<std::vector<chain::evm::InternalTransfer>>> internal_transfers(const Hash32& block) override;
  Result<std::uint64_t> nonce(const Address20& account) override;
  Result<std::vector<chain::evm::Transaction>> new_pending() override;
  Result<Amount> priority_fee() override;
  Result<Hash32> send(ByteView raw) override;

 private:
  bool fails() { return prng_.one_in(faults.fail_one_in); }
  const Block* shown(const Hash32& hash) const;  // Null when it is not on the shown branch.

  Prng& prng_;
  Chain& chain_;
  bool traces_;
  BroadcastWatcher watcher_;
  std::set<Hash32> returned_;  // Pool transactions shown before.
};

}  // namespace holdfast::sim
