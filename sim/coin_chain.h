// The simulated chain of coins: a tree of real blocks, the best one of which is the tip, and a mempool with the rules of
// BIP 125. Own scripts' witnesses are checked; outsiders' coins need none, what they are is all that matters.
//
// Nothing is ever forgotten: old branches and forged ones stay in the tree, so that a node may show any of them
// (coin_view.h) and the auditor may ask what really stood there.
#pragma once

#include "base/result.h"
#include "chain/utxo/codec/transaction.h"
#include "chain/utxo/node/node.h"
#include "sim/clock.h"
#include "sim/prng.h"

#include <map>
#include <memory>
#include <set>
#include <vector>

namespace holdfast::sim {

namespace utxo = chain::utxo;

struct CoinEntry {
  utxo::TxOut output;
  std::uint64_t height = 0;
  bool coinbase = false;
};

// All that may be spent, outsiders' coins apart.
struct CoinSet {
  std::map<utxo::OutPoint, CoinEntry> coins;
  std::map<utxo::OutPoint, utxo::TxOut> payees;  // What own coins have paid to others.
  std::set<utxo::OutPoint> outside_spent;
};

struct CoinBlock {
  utxo::Header header;
  Bytes raw;
  std::vector<utxo::Transaction> transactions;  // The coinbase first.
  std::vector<utxo::Txid> txids;
  std::shared_ptr<const CoinSet> after;
  bool forged = false;  // Exists only in what a lying node shows.
};

struct PooledCoins {
  utxo::Txid txid;
  utxo::Transaction transaction;
  Bytes raw;
  std::int64_t fee = 0;
  std::size_t vsize = 0;
  std::int64_t rate() const { return fee * 1000 / static_cast<std::int64_t>(vsize); }  // sat/kvB
};

struct CoinChainFaults {
  std::uint64_t skip_one_in = 0;    // A pool transaction that a block leaves out although it pays.
  std::uint64_t revive_one_in = 0;  // A miner includes an old, replaced transaction that still fits.
};

class CoinChain {
 public:
  CoinChain(Prng& prng, SimClock& clock, std::set<Bytes> own_scripts, std::uint64_t finality_depth);

  CoinChainFaults faults;
  std::size_t block_capacity = 8;
  std::int64_t market = 2'000;  // sat/kvB: who pays less is not mined.

  // --- The tree
  const Hash32& tip() const { return tip_; }
  const CoinBlock& block(const Hash32& hash) const { return blocks_.at(hash); }
  const CoinBlock* find(const Hash32& hash) const;
  const CoinBlock* ancestor(const Hash32& from, std::uint64_t height) const;  // Null above `from`.
  bool is_ancestor(const Hash32& ancestor_hash, const Hash32& of) const;
  std::uint64_t height() const { return block(tip_).header.height; }
  std::uint64_t final_height() const { return final_height_; }
  const CoinBlock* containing(const utxo::Txid& txid, const Hash32& from) const;
  const std::set<Bytes>& own_scripts() const { return own_scripts_; }

  // --- Growth
  void mine();
  void mine_for(const Bytes& script);  // The miner is a customer, or we are.
  void reorg(std::uint64_t depth);     // Replaces that many newest blocks by one more; some transactions are lost.
  Hash32 forge(const Hash32& parent, const std::vector<utxo::Transaction>& transactions);

  // --- The pool
  // Codes as of chain::utxo::Node::send.
  Result<utxo::Txid> submit(ByteView raw);
  void to_a_miner(const utxo::Transaction& transaction) { ever_.push_back(transaction), straight_.push_back(transaction); }
  void drop(std::size_t index) { pool_.erase(pool_.begin() + static_cast<std::ptrdiff_t>(index)); }
  const std::vector<PooledCoins>& pool() const { return pool_; }
  utxo::OutPoint outside_coin(std::int64_t value);
  // Of all that was ever seen.
  const utxo::TxOut* output(const utxo::OutPoint& at) const;

  std::uint64_t reorgs() const { return reorgs_; }

 private:
  struct Conflicts {
    std::vector<std::size_t> direct;
    std::set<utxo::Txid> evicted;  // With what hangs on them.
    std::int64_t fees = 0;
  };

  const CoinBlock& extend(const Hash32& parent, const std::vector<utxo::Transaction>& wanted, bool forged);
  utxo::Transaction coinbase(std::uint64_t height);
  bool fits(const CoinSet& set, const utxo::Transaction& transaction, std::uint64_t height) const;
  void apply(CoinSet& set, const utxo::Transaction& transaction, const utxo::Txid& txid, std::uint64_t height) const;
  std::vector<utxo::Transaction> candidates();
  std::vector<const PooledCoins*> package_of(const PooledCoins& last) const;
  Result<PooledCoins> judge(ByteView raw) const;
  Result<void> judge_replacement(const PooledCoins& newer, const Conflicts& conflicts) const;
  Conflicts conflicts_of(const utxo::Transaction& transaction) const;
  const PooledCoins* pooled(const utxo::Txid& txid) const;
  void clean_pool();
  void advance_finality();

  Prng& prng_;
  SimClock& clock_;
  std::set<Bytes> own_scripts_;
  std::map<Hash32, CoinBlock> blocks_;
  std::map<utxo::Txid, std::vector<Hash32>> blocks_of_;
  std::map<utxo::OutPoint, utxo::TxOut> outputs_;
  Hash32 tip_;
  std::vector<PooledCoins> pool_;
  std::vector<utxo::Transaction> ever_;      // That any pool has seen.
  std::vector<utxo::Transaction> straight_;  // For the next block, unseen by any pool.
  Bytes miner_;
  std::uint64_t finality_depth_;
  std::uint64_t final_height_ = 0;
  std::uint64_t reorgs_ = 0;
};

// Whether the witness of an input satisfies a script of ours: P2WPKH, or P2WSH of a multisig.
bool witness_holds(const utxo::Transaction& transaction, std::size_t input, const std::vector<utxo::TxOut>& spent);

}  // namespace holdfast::sim
