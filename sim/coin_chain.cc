#include "sim/coin_chain.h"

#include "base/amount.h"
#include "base/check.h"
#include "chain/utxo/codec/block.h"
#include "chain/utxo/codec/compact.h"
#include "chain/utxo/codec/hash.h"
#include "chain/utxo/codec/script.h"

#include <algorithm>
#include <functional>

namespace holdfast::sim {

using namespace chain::utxo;

namespace {

constexpr std::uint64_t kFirstHeight = 100;
constexpr std::uint64_t kMaturity = 100;
constexpr std::int64_t kRelayRate = 1'000;
constexpr std::int64_t kSubsidy = 5'000'000'000;
constexpr std::size_t kMaxEvicted = 100;

bool is_outside(const OutPoint& at) { return at.txid.bytes[0] == 0xff && at.txid.bytes[1] == 0xff && at.txid.bytes[2] == 0xff; }

Hash32 merkle_root(std::vector<Hash32> level) {
  while (level.size() > 1) {
    if (level.size() % 2 == 1) level.push_back(level.back());
    for (std::size_t i = 0; i < level.size() / 2; ++i) {
      level[i] = sha256d({level[2 * i].view(), level[2 * i + 1].view()});
    }
    level.resize(level.size() / 2);
  }
  return level.front();
}

Bytes raw_header(const Hash32& previous, const Hash32& root, Instant time, std::uint32_t nonce) {
  Bytes out;
  put_u32(out, 0x20000000);
  put_bytes(out, previous.view());
  put_bytes(out, root.view());
  put_u32(out, static_cast<std::uint32_t>(time.unix_ms / kMsPerSecond));
  put_u32(out, 0x207fffff);
  put_u32(out, nonce);
  return out;
}

bool signals(const Transaction& transaction) {
  return std::ranges::any_of(transaction.inputs, [](const TxIn& in) { return in.sequence < 0xfffffffe; });
}

}  // namespace

CoinChain::CoinChain(Prng& prng, SimClock& clock, std::set<Bytes> own_scripts, std::uint64_t finality_depth)
    : prng_(prng), clock_(clock), own_scripts_(std::move(own_scripts)), finality_depth_(finality_depth) {
  CoinBlock first;
  first.header.height = kFirstHeight;
  first.header.hash = prng_.bytes<32>();
  first.header.time = first.header.median_time = clock_.now();
  first.after = std::make_shared<const CoinSet>();
  tip_ = first.header.hash;
  final_height_ = kFirstHeight;
  blocks_[tip_] = std::move(first);
}

const CoinBlock* CoinChain::find(const Hash32& hash) const {
  const auto found = blocks_.find(hash);
  return found == blocks_.end() ? nullptr : &found->second;
}

const CoinBlock* CoinChain::ancestor(const Hash32& from, std::uint64_t height) const {
  const CoinBlock* at = find(from);
  if (at == nullptr || height > at->header.height) return nullptr;
  while (at != nullptr && at->header.height > height) at = find(at->header.previous);
  return at;
}

bool CoinChain::is_ancestor(const Hash32& ancestor_hash, const Hash32& of) const {
  const CoinBlock* older = find(ancestor_hash);
  return older != nullptr && ancestor(of, older->header.height) == older;
}

const CoinBlock* CoinChain::containing(const Txid& txid, const Hash32& from) const {
  const auto places = blocks_of_.find(txid);
  if (places == blocks_of_.end()) return nullptr;
  const auto place = std::ranges::find_if(places->second, [&](const Hash32& hash) { return is_ancestor(hash, from); });
  return place == places->second.end() ? nullptr : find(*place);
}

OutPoint CoinChain::outside_coin(std::int64_t value) {
  OutPoint out{prng_.bytes<32>(), 0};
  out.txid.bytes[0] = out.txid.bytes[1] = out.txid.bytes[2] = 0xff;
  outputs_[out] = {value, to_bytes(p2wpkh_script(prng_.bytes<20>()))};
  return out;
}

const TxOut* CoinChain::output(const OutPoint& at) const {
  const auto found = outputs_.find(at);
  return found == outputs_.end() ? nullptr : &found->second;
}

// --- Blocks ---------------------------------------------------------------------------------------------------------

Transaction CoinChain::coinbase(std::uint64_t height) {
  Transaction out;
  TxIn in;
  in.previous.vout = 0xffffffff;
  put_u32(in.script_sig, static_cast<std::uint32_t>(height));
  put_bytes(in.script_sig, prng_.bytes<8>().view());
  out.inputs.push_back(std::move(in));
  const bool somebody = !miner_.empty();
  out.outputs.push_back({kSubsidy, somebody ? miner_ : p2wpkh_script(prng_.bytes<20>())});
  miner_.clear();
  return out;
}

bool CoinChain::fits(const CoinSet& set, const Transaction& transaction, std::uint64_t height) const {
  std::vector<TxOut> spent;
  Int128 left = 0;
  for (const TxIn& in : transaction.inputs) {
    if (is_outside(in.previous)) {
      const TxOut* there = output(in.previous);
      if (there == nullptr || set.outside_spent.contains(in.previous)) return false;
      spent.push_back(*there);
    } else if (const auto payee = set.payees.find(in.previous); payee != set.payees.end()) {
      spent.push_back(payee->second);
    } else {
      const auto there = set.coins.find(in.previous);
      if (there == set.coins.end()) return false;
      if (there->second.coinbase && height < there->second.height + kMaturity) return false;
      spent.push_back(there->second.output);
    }
    left += spent.back().value;
  }
  for (const TxOut& out : transaction.outputs) left -= out.value;
  const bool final_already = transaction.locktime < height ||
                             std::ranges::all_of(transaction.inputs, [](const TxIn& in) { return in.sequence == kSequenceFinal; });
  if (left < 0 || !final_already) return false;
  for (std::size_t i = 0; i < spent.size(); ++i) {
    if (own_scripts_.contains(spent[i].script) && !witness_holds(transaction, i, spent)) return false;
  }
  return true;
}

void CoinChain::apply(CoinSet& set, const Transaction& transaction, const Txid& txid, std::uint64_t height) const {
  bool ours = false;
  for (const TxIn& in : transaction.inputs) {
    if (is_outside(in.previous)) set.outside_spent.insert(in.previous);
    ours = set.coins.erase(in.previous) > 0 || ours;
    set.payees.erase(in.previous);
  }
  for (std::size_t i = 0; i < transaction.outputs.size(); ++i) {
    const OutPoint at{txid, static_cast<std::uint32_t>(i)};
    const bool own = own_scripts_.contains(transaction.outputs[i].script);
    if (own) set.coins[at] = {transaction.outputs[i], height, transaction.is_coinbase()};
    if (!own && ours) set.payees[at] = transaction.outputs[i];  // nobody here will ever spend the others
  }
}

const CoinBlock& CoinChain::extend(const Hash32& parent, const std::vector<Transaction>& wanted, bool forged) {
  const CoinBlock& below = block(parent);
  CoinBlock next;
  next.forged = forged;
  next.header.height = below.header.height + 1;
  next.header.previous = parent;
  next.header.time = next.header.median_time = clock_.now();
  CoinSet set = *below.after;
  const auto take = [&](const Transaction& transaction) {
    const Txid txid = txid_of(transaction);
    apply(set, transaction, txid, next.header.height);
    for (std::size_t i = 0; i < transaction.outputs.size(); ++i) {
      outputs_[{txid, static_cast<std::uint32_t>(i)}] = transaction.outputs[i];
    }
    next.transactions.push_back(transaction);
    next.txids.push_back(txid);
  };
  take(coinbase(next.header.height));
  for (const Transaction& transaction : wanted) {
    if (next.transactions.size() > block_capacity) break;
    if (fits(set, transaction, next.header.height)) take(transaction);
  }
  next.after = std::make_shared<const CoinSet>(std::move(set));
  next.raw = raw_header(parent, merkle_root(next.txids), clock_.now(), static_cast<std::uint32_t>(prng_.below(1u << 31)));
  next.header.hash = block_hash(next.raw);
  put_compact(next.raw, next.transactions.size());
  for (const Transaction& transaction : next.transactions) put_bytes(next.raw, encode(transaction));
  for (const Txid& txid : next.txids) blocks_of_[txid].push_back(next.header.hash);
  const Hash32 hash = next.header.hash;
  return blocks_[hash] = std::move(next);
}

// What has to be mined for it, and itself behind.
std::vector<const PooledCoins*> CoinChain::package_of(const PooledCoins& last) const {
  std::vector<const PooledCoins*> out;
  for (const TxIn& in : last.transaction.inputs) {
    const PooledCoins* parent = pooled(in.previous.txid);
    if (parent == nullptr || std::ranges::find(out, parent) != out.end()) continue;
    for (const PooledCoins* above : package_of(*parent)) {
      if (std::ranges::find(out, above) == out.end()) out.push_back(above);
    }
  }
  out.push_back(&last);
  return out;
}

// The pool in the order in which a miner takes it: by what each pays together with all that has to be mined for it.
std::vector<Transaction> CoinChain::candidates() {
  std::vector<Transaction> out = std::exchange(straight_, {});
  for (const Transaction& old : ever_) {
    if (prng_.one_in(faults.revive_one_in)) out.push_back(old);
  }
  struct Package {
    std::vector<const PooledCoins*> all;
    std::int64_t rate = 0;
  };
  std::vector<Package> packages;
  for (const PooledCoins& last : pool_) {
    Package package{package_of(last)};
    std::int64_t fee = 0;
    std::int64_t vsize = 0;
    for (const PooledCoins* one : package.all) fee += one->fee, vsize += static_cast<std::int64_t>(one->vsize);
    package.rate = fee * 1000 / vsize;
    if (package.rate >= market && !prng_.one_in(faults.skip_one_in)) packages.push_back(std::move(package));
  }
  std::ranges::stable_sort(packages, std::greater<>(), &Package::rate);
  for (const Package& package : packages) {
    for (const PooledCoins* one : package.all) out.push_back(one->transaction);  // what is there twice does not fit twice
  }
  return out;
}

void CoinChain::mine() {
  tip_ = extend(tip_, candidates(), false).header.hash;
  clean_pool();
  advance_finality();
}

void CoinChain::mine_for(const Bytes& script) {
  miner_ = script;
  mine();
}

void CoinChain::reorg(std::uint64_t depth) {
  const std::uint64_t low = std::max(height() - std::min(depth, height()), final_height_);
  if (low == height()) return;
  ++reorgs_;
  const std::uint64_t target = height() + 1;
  std::vector<Transaction> back;
  while (height() > low) {
    const CoinBlock& gone = block(tip_);
    for (std::size_t i = gone.transactions.size(); i > 1; --i) back.push_back(gone.transactions[i - 1]);
    tip_ = gone.header.previous;
  }
  std::vector<PooledCoins> waiting = std::exchange(pool_, {});
  for (auto transaction = back.rbegin(); transaction != back.rend(); ++transaction) {
    if (prng_.one_in(4)) continue;
    static_cast<void>(submit(encode(*transaction)));
  }
  for (const PooledCoins& one : waiting) static_cast<void>(submit(one.raw));
  while (height() < target) {
    tip_ = extend(tip_, candidates(), false).header.hash;
    clean_pool();
  }
  advance_finality();
}

Hash32 CoinChain::forge(const Hash32& parent, const std::vector<Transaction>& transactions) {
  return extend(parent, transactions, true).header.hash;
}

void CoinChain::advance_finality() {
  if (height() > finality_depth_) final_height_ = std::max(final_height_, height() - finality_depth_);
}

// --- The pool -------------------------------------------------------------------------------------------------------

const PooledCoins* CoinChain::pooled(const Txid& txid) const {
  const auto found = std::ranges::find(pool_, txid, &PooledCoins::txid);
  return found == pool_.end() ? nullptr : &*found;
}

Result<PooledCoins> CoinChain::judge(ByteView raw) const {
  auto transaction = decode_transaction(raw, {kMaxMoneyBitcoin, false});
  if (!transaction) return fault("refused", transaction.error().text);
  PooledCoins out{txid_of(*transaction), *transaction, to_bytes(raw), 0, vsize_of(*transaction)};
  CoinSet with_pool = *block(tip_).after;
  for (const TxIn& in : transaction->inputs) {
    if (const PooledCoins* parent = pooled(in.previous.txid)) apply(with_pool, parent->transaction, parent->txid, height());
  }
  for (const TxIn& in : transaction->inputs) {
    const bool outside = is_outside(in.previous);
    const bool left = with_pool.coins.contains(in.previous) || with_pool.payees.contains(in.previous);
    const bool there = outside ? !with_pool.outside_spent.contains(in.previous) : left;
    const TxOut* spent = output(in.previous);
    if (!spent) {
      const PooledCoins* parent = pooled(in.previous.txid);
      const bool has = parent != nullptr && in.previous.vout < parent->transaction.outputs.size();
      if (has) spent = &parent->transaction.outputs[in.previous.vout];
    }
    if (!there || spent == nullptr) return fault("inputs_missing", "bad-txns-inputs-missingorspent");
    out.fee += spent->value;
  }
  for (const TxOut& output_of : transaction->outputs) out.fee -= output_of.value;
  if (!fits(with_pool, *transaction, height() + 1)) return fault("refused", "mandatory-script-verify-flag-failed");
  if (out.rate() < kRelayRate) return fault("fee_too_low", "min relay fee not met");
  return out;
}

CoinChain::Conflicts CoinChain::conflicts_of(const Transaction& transaction) const {
  Conflicts out;
  for (std::size_t i = 0; i < pool_.size(); ++i) {
    const bool shares = std::ranges::any_of(pool_[i].transaction.inputs, [&](const TxIn& in) {
      return std::ranges::find(transaction.inputs, in.previous, &TxIn::previous) != transaction.inputs.end();
    });
    if (shares) out.direct.push_back(i), out.evicted.insert(pool_[i].txid);
  }
  for (bool grown = true; grown;) {
    grown = false;
    for (const PooledCoins& one : pool_) {
      const auto evicted = [&](const TxIn& in) { return out.evicted.contains(in.previous.txid); };
      const bool hangs = std::ranges::any_of(one.transaction.inputs, evicted);
      if (hangs) grown = out.evicted.insert(one.txid).second || grown;
    }
  }
  for (const PooledCoins& one : pool_) {
    if (out.evicted.contains(one.txid)) out.fees += one.fee;
  }
  return out;
}

// BIP 125, rules 1 to 5, and that the rate rises.
Result<void> CoinChain::judge_replacement(const PooledCoins& newer, const Conflicts& conflicts) const {
  for (const std::size_t i : conflicts.direct) {
    const PooledCoins& older = pool_[i];
    if (!signals(older.transaction)) return fault("conflict", "txn-mempool-conflict");
    if (newer.rate() <= older.rate()) return fault("underpriced", "insufficient fee, rejecting replacement");
  }
  if (conflicts.evicted.size() > kMaxEvicted) return fault("conflict", "too many potential replacements");
  for (const TxIn& in : newer.transaction.inputs) {
    if (conflicts.evicted.contains(in.previous.txid)) return fault("conflict", "bad-txns-spends-conflicting-tx");
    const bool known = std::ranges::any_of(conflicts.direct, [&](std::size_t i) {
      const auto& inputs = pool_[i].transaction.inputs;
      return std::ranges::find(inputs, in.previous, &TxIn::previous) != inputs.end();
    });
    if (!known && pooled(in.previous.txid) != nullptr) return fault("conflict", "replacement-adds-unconfirmed");
  }
  const std::int64_t own_size = kRelayRate * static_cast<std::int64_t>(newer.vsize) / 1000;
  if (newer.fee < conflicts.fees + own_size) return fault("underpriced", "insufficient fee, rejecting replacement");
  return {};
}

Result<Txid> CoinChain::submit(ByteView raw) {
  const auto transaction = decode_transaction(raw, {kMaxMoneyBitcoin, false});
  if (!transaction) return fault("refused", transaction.error().text);
  const Txid txid = txid_of(*transaction);
  if (pooled(txid) != nullptr || containing(txid, tip_) != nullptr) return txid;
  auto judged = judge(raw);
  if (!judged) return Failure(judged.error());
  if (std::ranges::find(ever_, *transaction) == ever_.end()) ever_.push_back(*transaction);
  const Conflicts conflicts = conflicts_of(*transaction);
  if (!conflicts.direct.empty()) {
    if (auto allowed = judge_replacement(*judged, conflicts); !allowed) return Failure(allowed.error());
    std::erase_if(pool_, [&](const PooledCoins& one) { return conflicts.evicted.contains(one.txid); });
  }
  pool_.push_back(std::move(*judged));
  return txid;
}

// What is mined, or spends what is gone, leaves; and what hangs on it.
void CoinChain::clean_pool() {
  const CoinSet& set = *block(tip_).after;
  const std::vector<PooledCoins> before = std::exchange(pool_, {});
  const auto there = [&](const TxIn& in) {
    if (is_outside(in.previous)) return !set.outside_spent.contains(in.previous);
    return set.coins.contains(in.previous) || set.payees.contains(in.previous) || pooled(in.previous.txid) != nullptr;
  };
  for (const PooledCoins& one : before) {
    const bool mined = containing(one.txid, tip_) != nullptr;
    if (!mined && std::ranges::all_of(one.transaction.inputs, there)) pool_.push_back(one);
  }
}

}  // namespace holdfast::sim
