#include "sim/node_view.h"

#include <algorithm>

namespace holdfast::sim {

using namespace chain::evm;
using BlockAnswer = std::optional<chain::evm::Block>;
using HeaderAnswer = std::optional<Header>;

namespace {

Failure down() { return fault("node_down", "the simulated node does not answer"); }

}  // namespace

Hash32 NodeView::shown_head() const {
  if (forged_head) return *forged_head;
  const std::uint64_t height = chain_.height();
  const Block* shown_block = chain_.ancestor(chain_.tip(), height - std::min(height, behind));
  return shown_block ? shown_block->header.hash : chain_.tip();
}

const Block* NodeView::shown(const Hash32& hash) const {
  return chain_.is_ancestor(hash, shown_head()) ? chain_.find(hash) : nullptr;
}

Result<std::uint64_t> NodeView::chain_id() {
  if (fails()) return down();
  return chain_.contracts.chain_id;
}

Result<Header> NodeView::head() {
  if (fails()) return down();
  return chain_.block(shown_head()).header;
}

Result<HeaderAnswer> NodeView::finalized() {
  if (fails()) return down();
  const Block& head = chain_.block(shown_head());
  std::uint64_t height = std::min(chain_.final_height(), head.header.height);
  if (forged_head) height = lies_about_finality ? head.header.height : std::min(height, honest_height);
  const Block* final_block = chain_.ancestor(head.header.hash, height);
  return final_block ? HeaderAnswer(final_block->header) : HeaderAnswer();
}

Result<HeaderAnswer> NodeView::header_at(std::uint64_t height) {
  if (fails()) return down();
  const Block* at = chain_.ancestor(shown_head(), height);
  return at ? HeaderAnswer(at->header) : HeaderAnswer();
}

Result<BlockAnswer> NodeView::block(const Hash32& hash) {
  if (fails()) return down();
  const Block* at = shown(hash);
  if (at == nullptr) return BlockAnswer();
  chain::evm::Block out;
  out.header = at->header;
  for (const MinedTransaction& mined : at->transactions) out.transactions.push_back(mined.transaction.body);
  return BlockAnswer(std::move(out));
}

Result<std::vector<Log>> NodeView::logs(const Hash32& hash, const std::vector<Address20>& addresses,
                                        const Hash32& topic) {
  if (fails()) return down();
  std::vector<Log> out;
  const Block* at = shown(hash);
  if (at == nullptr) return fault("node_answer", "unknown block");
  for (const MinedTransaction& mined : at->transactions) {
    for (const Log& log : mined.result.logs) {
      const bool from =
          addresses.empty() || std::find(addresses.begin(), addresses.end(), log.address) != addresses.end();
      if (from && log.topics.front() == topic) out.push_back(log);
    }
  }
  return out;
}

Result<std::optional<Receipt>> NodeView::receipt(const Hash32& txid) {
  if (fails()) return down();
  const Block* at = chain_.containing(txid, shown_head());
  if (at == nullptr) return std::optional<Receipt>();
  const auto mined = std::find_if(at->transactions.begin(), at->transactions.end(),
                                  [&](const MinedTransaction& one) { return one.transaction.body.hash == txid; });
  const Executed& result = mined->result;
  return std::optional<Receipt>(Receipt{txid, result.success, result.gas_used, result.gas_price, at->header.hash,
                                        at->header.height, result.logs});
}

Result<std::vector<std::optional<Amount>>> NodeView::balances(const Hash32& hash,
                                                              const std::vector<BalanceQuery>& queries) {
  if (fails()) return down();
  const Block* at = shown(hash);
  if (at == nullptr) return fault("node_answer", "unknown block");
  std::vector<std::optional<Amount>> out;
  for (const BalanceQuery& query : queries) out.emplace_back(at->after->balance(query.holder, query.token));
  return out;
}

Result<std::optional<std::vector<InternalTransfer>>> NodeView::internal_transfers(const Hash32& hash) {
  if (fails()) return down();
  if (!traces_) return std::optional<std::vector<InternalTransfer>>();
  std::vector<InternalTransfer> out;
  const Block* at = shown(hash);
  if (at == nullptr) return fault("node_answer", "unknown block");
  for (const MinedTransaction& mined : at->transactions) {
    out.insert(out.end(), mined.result.internal.begin(), mined.result.internal.end());
  }
  return std::optional(std::move(out));
}

Result<std::uint64_t> NodeView::nonce(const Address20& account) {
  if (fails()) return down();
  const auto& accounts = chain_.block(shown_head()).after->accounts;
  const auto found = accounts.find(account);
  return found == accounts.end() ? 0 : found->second.nonce;
}

Result<std::vector<Transaction>> NodeView::new_pending() {
  if (fails()) return down();
  std::vector<Transaction> out;
  for (const PooledTransaction& transaction : chain_.pool()) {
    if (!returned_.insert(transaction.body.hash).second || prng_.one_in(faults.blind_one_in)) continue;
    out.push_back(transaction.body);
  }
  return out;
}

Result<Amount> NodeView::priority_fee() {
  if (fails()) return down();
  return Amount::of(1'000'000'000);
}

Result<Hash32> NodeView::send(ByteView raw) {
  watcher_(raw);
  if (fails()) return down();
  if (prng_.one_in(faults.swallow_one_in)) return read_raw(chain_.contracts.chain_id, raw)->body.hash;
  return chain_.submit(raw);
}

}  // namespace holdfast::sim
