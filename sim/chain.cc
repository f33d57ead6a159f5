#include "sim/chain.h"

#include "base/check.h"

#include <algorithm>

namespace holdfast::sim {
namespace {

// Nodes ask for a tenth more, of both fees.
bool replaces(const PooledTransaction& newer, const PooledTransaction& older) {
  const auto raised = [](Amount after, Amount before) { return after.units() * 10 >= before.units() * 11; };
  return raised(newer.body.max_fee, older.body.max_fee) && raised(newer.body.priority_fee, older.body.priority_fee);
}

}  // namespace

Chain::Chain(Prng& prng, SimClock& clock, Contracts standing, EvmState genesis, std::uint64_t finality_depth)
    : contracts(std::move(standing)), prng_(prng), clock_(clock), finality_depth_(finality_depth) {
  base_fee_ = Amount::of(3'000'000'000);
  Block first;
  first.header.height = 100;
  first.header.hash = prng_.bytes<32>();
  first.header.parent = prng_.bytes<32>();
  first.header.time = clock_.now();
  first.header.base_fee = base_fee_;
  first.after = std::make_shared<const EvmState>(std::move(genesis));
  tip_ = first.header.hash;
  final_height_ = first.header.height;
  blocks_[tip_] = std::move(first);
}

const Block* Chain::find(const Hash32& hash) const {
  const auto found = blocks_.find(hash);
  return found == blocks_.end() ? nullptr : &found->second;
}

const Block* Chain::ancestor(const Hash32& from, std::uint64_t height) const {
  const Block* at = find(from);
  if (at == nullptr || height > at->header.height) return nullptr;
  while (at != nullptr && at->header.height > height) at = find(at->header.parent);
  return at;
}

bool Chain::is_ancestor(const Hash32& ancestor_hash, const Hash32& of) const {
  const Block* older = find(ancestor_hash);
  return older != nullptr && ancestor(of, older->header.height) == older;
}

const Block* Chain::containing(const Hash32& txid, const Hash32& from) const {
  const auto places = blocks_of_.find(txid);
  if (places == blocks_of_.end()) return nullptr;
  const auto on_branch = [&](const Hash32& hash) { return is_ancestor(hash, from); };
  const auto place = std::find_if(places->second.begin(), places->second.end(), on_branch);
  return place == places->second.end() ? nullptr : find(*place);
}

const Block& Chain::extend(const Hash32& parent, const std::vector<PooledTransaction>& wanted, bool forged) {
  const Block& below = block(parent);
  Block next;
  next.header.height = below.header.height + 1;
  next.header.hash = prng_.bytes<32>();
  next.header.parent = parent;
  next.header.time = clock_.now();
  next.header.base_fee = base_fee_;
  next.forged = forged;
  EvmState state = *below.after;
  std::uint32_t logs = 0;
  for (const PooledTransaction& transaction : wanted) {
    if (next.transactions.size() >= block_capacity) break;
    if (!includable(state, transaction, base_fee_)) continue;
    const bool out_of_gas = !transaction.raw.empty() && prng_.one_in(faults.out_of_gas_one_in);
    Executed result = execute(state, contracts, transaction, base_fee_, next.header.time, out_of_gas);
    for (auto& log : result.logs) log.index = logs++;
    blocks_of_[transaction.body.hash].push_back(next.header.hash);
    next.transactions.push_back({transaction, std::move(result)});
  }
  next.after = std::make_shared<const EvmState>(std::move(state));
  const Hash32 hash = next.header.hash;
  return blocks_[hash] = std::move(next);
}

// The pool in the order in which a miner takes it: by tip, each sender's in the order of nonces.
std::vector<PooledTransaction> Chain::candidates() {
  std::vector<PooledTransaction> out;
  for (const PooledTransaction& transaction : pool_) {
    if (!prng_.one_in(faults.skip_one_in)) out.push_back(transaction);
  }
  for (const PooledTransaction& old : ever_) {
    if (prng_.one_in(faults.revive_one_in)) out.push_back(old);
  }
  std::stable_sort(out.begin(), out.end(), [](const PooledTransaction& a, const PooledTransaction& b) {
    return a.body.nonce != b.body.nonce ? a.body.nonce < b.body.nonce : a.body.priority_fee > b.body.priority_fee;
  });
  return out;
}

void Chain::mine() {
  tip_ = extend(tip_, candidates(), false).header.hash;
  clean_pool();
  advance_finality();
}

void Chain::reorg(std::uint64_t depth) {
  const std::uint64_t low = std::max(height() - std::min(depth, height()), final_height_);
  if (low == height()) return;
  ++reorgs_;
  const std::uint64_t target = height() + 1;
  Hash32 at = tip_;
  while (block(at).header.height > low) {
    for (const MinedTransaction& mined : block(at).transactions) {
      if (!prng_.one_in(3)) enter_pool(mined.transaction);
    }
    at = block(at).header.parent;
  }
  while (block(at).header.height < target) {
    at = extend(at, candidates(), false).header.hash;
    tip_ = at;
    clean_pool();
  }
  advance_finality();
}

Hash32 Chain::forge(const Hash32& parent, std::vector<PooledTransaction> transactions) {
  return extend(parent, transactions, true).header.hash;
}

void Chain::advance_finality() {
  if (height() > finality_depth_) final_height_ = std::max(final_height_, height() - finality_depth_);
}

void Chain::clean_pool() {
  const EvmState& state = *block(tip_).after;
  std::erase_if(pool_, [&](const PooledTransaction& transaction) {
    const auto account = state.accounts.find(transaction.body.from);
    return account != state.accounts.end() && account->second.nonce > transaction.body.nonce;
  });
}

// One transaction per sender and nonce: the one that was there stays, unless the new one pays clearly more.
void Chain::enter_pool(PooledTransaction transaction) {
  const auto rival = std::find_if(pool_.begin(), pool_.end(), [&](const PooledTransaction& other) {
    return other.body.from == transaction.body.from && other.body.nonce == transaction.body.nonce;
  });
  if (rival == pool_.end()) {
    pool_.push_back(std::move(transaction));
  } else if (replaces(transaction, *rival)) {
    *rival = std::move(transaction);
  }
}

Result<Hash32> Chain::submit(ByteView raw) {
  auto transaction = read_raw(contracts.chain_id, raw);
  if (!transaction) return fault("refused", "no valid transaction");
  const auto& body = transaction->body;
  const EvmState& state = *block(tip_).after;
  const auto account = state.accounts.find(body.from);
  const std::uint64_t next = account == state.accounts.end() ? 0 : account->second.nonce;
  if (body.nonce < next) {
    if (containing(body.hash, tip_) != nullptr) return body.hash;
    return fault("nonce_used", "nonce too low");
  }
  if (account == state.accounts.end() || account->second.balance < body.value)
    return fault("refused", "insufficient funds");
  const auto seen = [&](const PooledTransaction& other) { return other.body.hash == body.hash; };
  if (std::none_of(ever_.begin(), ever_.end(), seen)) ever_.push_back(*transaction);
  const auto rival = std::find_if(pool_.begin(), pool_.end(), [&](const PooledTransaction& other) {
    return other.body.from == body.from && other.body.nonce == body.nonce;
  });
  if (rival != pool_.end()) {
    if (rival->body.hash == body.hash) return body.hash;
    if (!replaces(*transaction, *rival)) return fault("underpriced", "replacement transaction underpriced");
    *rival = *transaction;
    return body.hash;
  }
  pool_.push_back(*transaction);
  return body.hash;
}

void Chain::submit(PooledTransaction outsiders) { enter_pool(std::move(outsiders)); }

void Chain::drop(std::size_t index) { pool_.erase(pool_.begin() + static_cast<std::ptrdiff_t>(index)); }

}  // namespace holdfast::sim
