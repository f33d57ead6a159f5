// The simulated chain: a tree of blocks, the best one of which is the tip, and a pool of what wants to be mined.
//
// Nothing is ever forgotten: old branches and forged ones stay in the tree, so that a node may show any of them (node_view.h)
// and the auditor may ask what really stood there.
#pragma once

#include "sim/clock.h"
#include "sim/evm.h"
#include "sim/prng.h"

#include <map>
#include <memory>
#include <string_view>
#include <vector>

namespace holdfast::sim {

struct MinedTransaction {
  PooledTransaction transaction;
  Executed result;
};

struct Block {
  chain::evm::Header header;
  std::vector<MinedTransaction> transactions;
  std::shared_ptr<const EvmState> after;
  bool forged = false;  // Exists only in what a lying node shows.
};

struct ChainFaults {
  std::uint64_t skip_one_in = 0;  // A pool transaction that a block leaves out although it pays.
  std::uint64_t out_of_gas_one_in = 0;
  std::uint64_t revive_one_in = 0;  // A miner includes an old, replaced transaction that still fits.
};

class Chain {
 public:
  Chain(Prng& prng, SimClock& clock, Contracts contracts, EvmState genesis, std::uint64_t finality_depth);

  ChainFaults faults;
  Contracts contracts;
  std::uint64_t block_capacity = 12;

  // --- The tree
  const Hash32& tip() const { return tip_; }
  const Block& block(const Hash32& hash) const { return blocks_.at(hash); }
  const Block* find(const Hash32& hash) const;
  const Block* ancestor(const Hash32& from, std::uint64_t height) const;  // Null above `from`.
  bool is_ancestor(const Hash32& ancestor_hash, const Hash32& of) const;
  std::uint64_t height() const { return block(tip_).header.height; }
  // A block at or below this height is never reorganised away, but by deep_reorg().
  std::uint64_t final_height() const { return final_height_; }
  // Where a transaction stands on the branch below `from`; null when it does not.
  const Block* containing(const Hash32& txid, const Hash32& from) const;

  // --- Growth
  void mine();  // On the tip, out of the pool.
  void reorg(
      std::uint64_t depth);  // Replaces that many newest blocks by one more; some of their transactions are lost.
  // A block in no honest node's view, on `parent`. `tamper` may change what its state claims; transactions as given.
  Hash32 forge(const Hash32& parent, std::vector<PooledTransaction> transactions);
  void set_base_fee(Amount base_fee) { base_fee_ = base_fee; }
  Amount base_fee() const { return base_fee_; }

  // --- The pool
  // Codes as of chain::evm::Node::send.
  Result<Hash32> submit(ByteView raw);
  void submit(PooledTransaction outsiders);  // Always taken.
  void drop(std::size_t index);              // The pool forgets one.
  const std::vector<PooledTransaction>& pool() const { return pool_; }

  std::uint64_t reorgs() const { return reorgs_; }

 private:
  const Block& extend(const Hash32& parent, const std::vector<PooledTransaction>& wanted, bool forged);
  std::vector<PooledTransaction> candidates();
  void clean_pool();
  void enter_pool(PooledTransaction transaction);
  void advance_finality();

  Prng& prng_;
  SimClock& clock_;
  std::map<Hash32, Block> blocks_;
  std::map<Hash32, std::vector<Hash32>> blocks_of_;  // By transaction.
  Hash32 tip_;
  std::vector<PooledTransaction> pool_;
  std::vector<PooledTransaction> ever_;  // Signed ones that any pool has seen.
  Amount base_fee_;
  std::uint64_t finality_depth_;
  std::uint64_t final_height_ = 0;
  std::uint64_t reorgs_ = 0;
};

}  // namespace holdfast::sim
