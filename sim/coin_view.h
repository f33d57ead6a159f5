// One node's view of the chain of coins: up to date, behind, down, forgetful, or lying (it shows a branch that only it
// knows).
#pragma once

#include "sim/coin_chain.h"
#include "sim/node_view.h"

#include <functional>
#include <optional>
#include <set>

namespace holdfast::sim {

struct CoinViewFaults {
  std::uint64_t fail_one_in = 0;     // Calls that fail: the node is down.
  std::uint64_t swallow_one_in = 0;  // Transactions that it takes and forgets.
  std::uint64_t blind_one_in = 0;    // Pool transactions that it never shows.
  std::uint64_t pruned_one_in = 0;   // Blocks that it has deleted already; another node stands in later.
};

class CoinView final : public utxo::Node {
 public:
  CoinView(Prng& prng, CoinChain& chain, NodeView::BroadcastWatcher watcher)
      : prng_(prng), chain_(chain), watcher_(std::move(watcher)) {}

  CoinViewFaults faults;
  std::uint64_t behind = 0;           // Blocks.
  std::optional<Hash32> forged_head;  // Shows the branch that ends here in place of the truth.

  Hash32 shown_head() const;
  void restart() { returned_.clear(); }

  Result<utxo::NodeInfo> info() override;
  Result<utxo::Header> best() override;
  Result<std::optional<utxo::Header>> header_at(std::uint64_t height) override;
  Result<std::optional<utxo::Header>> header(const Hash32& hash) override;
  Result<std::optional<Bytes>> block(const Hash32& hash) override;
  Result<utxo::Pool> pool() override;
  Result<std::vector<utxo::RawTransaction>> new_pending() override;
  bool wait_for_news(int) override { return false; }
  Result<std::optional<utxo::PoolEntry>> pool_entry(const utxo::Txid& txid) override;
  Result<utxo::FeeEstimate> fee_estimate(unsigned target_blocks) override;
  Result<utxo::Acceptance> test_accept(ByteView raw) override;
  Result<utxo::Txid> send(ByteView raw) override;
  Result<std::optional<utxo::UnspentOutput>> unspent(const utxo::OutPoint& outpoint, bool with_pool) override;
  Result<std::optional<utxo::MinedTransaction>> transaction(const utxo::Txid& txid,
                                                            const std::optional<Hash32>& in_block) override;
  Result<utxo::ScanResult> scan(const std::vector<utxo::ScanTarget>& targets) override;

 private:
  bool fails() { return prng_.one_in(faults.fail_one_in); }
  const CoinBlock* shown(const Hash32& hash) const;  // Null when it is not on the shown branch.

  Prng& prng_;
  CoinChain& chain_;
  NodeView::BroadcastWatcher watcher_;
  std::set<utxo::Txid> returned_;
};

}  // namespace holdfast::sim
