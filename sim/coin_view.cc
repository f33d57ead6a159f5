#include "sim/coin_view.h"

#include "sim/coin_installation.h"

#include <algorithm>

namespace holdfast::sim {

using namespace chain::utxo;
using HeaderAnswer = std::optional<Header>;

namespace {

Failure down() { return fault("node_unavailable", "the simulated node does not answer"); }

}  // namespace

Hash32 CoinView::shown_head() const {
  if (forged_head) return *forged_head;
  const std::uint64_t height = chain_.height();
  const CoinBlock* at = chain_.ancestor(chain_.tip(), height - std::min(height, behind));
  return at ? at->header.hash : chain_.tip();
}

const CoinBlock* CoinView::shown(const Hash32& hash) const {
  return chain_.is_ancestor(hash, shown_head()) ? chain_.find(hash) : nullptr;
}

Result<NodeInfo> CoinView::info() {
  if (fails()) return down();
  NodeInfo out;
  out.chain = "regtest";
  out.genesis = *id_from_display(coin_network().genesis);
  out.height = out.headers = chain_.block(shown_head()).header.height;
  return out;
}

Result<Header> CoinView::best() {
  if (fails()) return down();
  return chain_.block(shown_head()).header;
}

Result<HeaderAnswer> CoinView::header_at(std::uint64_t height) {
  if (fails()) return down();
  const CoinBlock* at = chain_.ancestor(shown_head(), height);
  return at ? HeaderAnswer(at->header) : HeaderAnswer();
}

Result<HeaderAnswer> CoinView::header(const Hash32& hash) {
  if (fails()) return down();
  const CoinBlock* at = shown(hash);
  return at ? HeaderAnswer(at->header) : HeaderAnswer();
}

Result<std::optional<Bytes>> CoinView::block(const Hash32& hash) {
  if (fails()) return down();
  if (prng_.one_in(faults.pruned_one_in)) return fault("block_pruned", "Block not available (pruned data)");
  const CoinBlock* at = shown(hash);
  return at ? std::optional(at->raw) : std::nullopt;
}

Result<Pool> CoinView::pool() {
  if (fails()) return down();
  Pool out;
  for (const PooledCoins& one : chain_.pool()) out.txids.push_back(one.txid);
  return out;
}

Result<std::vector<RawTransaction>> CoinView::new_pending() {
  if (fails()) return down();
  std::vector<RawTransaction> out;
  for (const PooledCoins& one : chain_.pool()) {
    if (!returned_.insert(one.txid).second || prng_.one_in(faults.blind_one_in)) continue;
    out.push_back({one.txid, one.raw});
  }
  return out;
}

Result<std::optional<PoolEntry>> CoinView::pool_entry(const Txid& txid) {
  if (fails()) return down();
  const auto& pool = chain_.pool();
  const auto found = std::ranges::find(pool, txid, &PooledCoins::txid);
  if (found == pool.end()) return std::optional<PoolEntry>();
  PoolEntry out;
  out.vsize = out.descendant_vsize = found->vsize;
  out.fee = out.descendant_fee = found->fee;
  out.descendant_count = 1;
  for (const PooledCoins& one : pool) {
    const bool hangs = std::ranges::any_of(one.transaction.inputs, [&](const TxIn& in) { return in.previous.txid == txid; });
    if (!hangs) continue;
    ++out.descendant_count;
    out.descendant_vsize += one.vsize;
    out.descendant_fee += one.fee;
    out.spent_by.push_back(one.txid);
  }
  return std::optional(std::move(out));
}

Result<FeeEstimate> CoinView::fee_estimate(unsigned) {
  if (fails()) return down();
  FeeEstimate out;
  if (!prng_.one_in(10)) out.rate_per_kvb = chain_.market;
  out.floor_per_kvb = out.increment_per_kvb = 1'000;
  return out;
}

Result<Acceptance> CoinView::test_accept(ByteView) { return down(); }

Result<Txid> CoinView::send(ByteView raw) {
  watcher_(raw);
  if (fails()) return down();
  if (prng_.one_in(faults.swallow_one_in)) return txid_of(*decode_transaction(raw));
  return chain_.submit(raw);
}

Result<std::optional<UnspentOutput>> CoinView::unspent(const OutPoint&, bool) { return down(); }

Result<std::optional<utxo::MinedTransaction>> CoinView::transaction(const Txid& txid, const std::optional<Hash32>& in_block) {
  if (fails()) return down();
  const CoinBlock* at = in_block ? shown(*in_block) : nullptr;
  const auto found = at ? std::ranges::find(at->txids, txid) : std::vector<Txid>::const_iterator();
  if (at == nullptr || found == at->txids.end()) return std::optional<utxo::MinedTransaction>();
  const Transaction& transaction = at->transactions[static_cast<std::size_t>(found - at->txids.begin())];
  return std::optional(utxo::MinedTransaction{{txid, encode(transaction)}, at->header.hash});
}

// All that is ours: no other script's coins are kept.
Result<ScanResult> CoinView::scan(const std::vector<ScanTarget>&) {
  if (fails()) return down();
  const CoinBlock& head = chain_.block(shown_head());
  ScanResult out;
  out.height = head.header.height;
  out.best_block = head.header.hash;
  for (const auto& [at, entry] : head.after->coins) {
    out.total += entry.output.value;
    out.coins.push_back({at, entry.output, entry.height});
  }
  return out;
}

}  // namespace holdfast::sim
