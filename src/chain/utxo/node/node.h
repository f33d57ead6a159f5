// What Holdfast asks of a node of the Bitcoin family. Bodies: RpcNode (a real node over JSON-RPC) and ScriptedNode (tests).
//
// The node is outside: a body bounds every answer and believes no form, but nobody checks the node's word against another
// one's. Heights and hashes of one call belong together; those of two calls may stand on both sides of a reorg.
#pragma once

#include "base/bytes.h"
#include "base/instant.h"
#include "base/result.h"
#include "chain/utxo/codec/transaction.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::chain::utxo {

// Blocks have at most 4,000,000 bytes by weight; Litecoin's extension blocks lie behind that.
inline constexpr std::size_t kMaxRawBlockBytes = 8'000'000;

struct NodeInfo {
  std::string chain;  // "main", "test", "testnet4", "signet", "regtest"
  Hash32 genesis;
  std::uint64_t height = 0;   // Of the best block that is validated.
  std::uint64_t headers = 0;  // Of the best header that is known: ahead of height while the node catches up.
  bool initial_download = false;
  std::optional<std::uint64_t> pruned_below;  // Blocks below this height are gone. None: the node keeps all.
};

struct Header {
  std::uint64_t height = 0;
  Hash32 hash;
  Hash32 previous;            // Zero for the genesis block.
  Instant time;               // As its miner wrote it.
  Instant median_time;        // Of it and the ten before: never goes back, what locktimes look at.
  bool on_best_chain = true;  // When it was asked for.
};

// Everything that waits. `sequence` changes with every arrival and removal; none from nodes too old to say.
struct Pool {
  std::vector<Txid> txids;
  std::optional<std::uint64_t> sequence;
};

// A transaction and its id, which a body has checked against each other. Of Litecoin's transactions the part that belongs
// to the extension block (MWEB) is taken off: what remains is what is mined. Those that have nothing else are never given.
struct RawTransaction {
  Txid txid;
  Bytes raw;
};

struct MinedTransaction {
  RawTransaction transaction;
  std::optional<Hash32> block;  // None: in the pool. Whether that block is on the best chain is for header() to say.
};

// All rates in satoshi per 1000 virtual bytes. Floor and ceiling are the caller's to set: the node's word moves between.
struct FeeEstimate {
  std::optional<std::int64_t> rate_per_kvb;  // For the target. None when the node has seen too little to say.
  std::int64_t floor_per_kvb = 0;            // Less is not taken: the greater of its pool's minimum and its relay minimum.
  std::int64_t increment_per_kvb = 0;        // What a replacement has to pay on top, for its own size.
};

struct PoolEntry {
  std::uint64_t vsize = 0;
  std::int64_t fee = 0;  // Without what a miner was told to add.
  Instant entered;
  // Both counted with the transaction itself.
  std::uint64_t descendant_count = 0;
  std::uint64_t descendant_vsize = 0;
  std::int64_t descendant_fee = 0;
  std::uint64_t ancestor_count = 0;
  std::uint64_t ancestor_vsize = 0;
  std::int64_t ancestor_fee = 0;
  std::optional<bool> signals_replacement;  // BIP 125, inherited included. None when the node no longer cares.
  std::vector<Txid> spent_by;               // Its children in the pool.
};

struct Acceptance {
  bool allowed = false;
  std::string reason;               // When not: the node's words ("min relay fee not met").
  std::optional<std::int64_t> fee;  // When allowed, from nodes that say.
  std::optional<std::uint64_t> vsize;
};

struct UnspentOutput {
  TxOut output;
  std::uint64_t confirmations = 0;  // 0: of a transaction in the pool.
  bool coinbase = false;
  Hash32 best_block;  // At which it was unspent.
};

struct ScanTarget {
  std::string descriptor;      // One branch; with or without a checksum. Public keys only.
  std::uint32_t last_index = 0;  // Of a ranged one: 0 to this are looked for.
};

struct ScannedCoin {
  OutPoint outpoint;
  TxOut output;
  std::uint64_t height = 0;
};

// The coins of the chain itself: what the pool spends or adds is not in it.
struct ScanResult {
  std::uint64_t height = 0;
  Hash32 best_block;
  std::int64_t total = 0;  // The coins' sum, counted by the body.
  std::vector<ScannedCoin> coins;
};

// Driven by one thread. Faults of every call:
//   node_unavailable       not there (its cookie neither), restarting, warming up, overloaded, too slow: ask again later. With its words.
//   node_unauthorised      it does not take the credentials, or their file cannot be read.
//   node_answer_malformed  anything unexpected in its answer: no value is ever guessed.
//   node_answer_too_large
//   node_refused           any other error, with its words.
class Node {
 public:
  virtual ~Node() = default;

  virtual Result<NodeInfo> info() = 0;
  virtual Result<Header> best() = 0;
  // On the best chain. None above its end.
  virtual Result<std::optional<Header>> header_at(std::uint64_t height) = 0;
  // None when the node has never heard of it.
  virtual Result<std::optional<Header>> header(const Hash32& hash) = 0;
  // As on the wire; its header hashes to `hash`, nothing else is looked at. None when the node has never heard of it.
  // Fault `block_pruned`: it had the block and has deleted it. Fault `block_missing`: it has the header only.
  virtual Result<std::optional<Bytes>> block(const Hash32& hash) = 0;

  virtual Result<Pool> pool() = 0;
  // Pool transactions not returned before; at the first call those of the whole pool. At most a bounded number at once: call
  // again until it gives none. Nothing that stays in the pool is missed for longer than ten seconds, whatever the node
  // does not say by itself; what left and came back may be given again, and what is given may be mined by now.
  virtual Result<std::vector<RawTransaction>> new_pending() = 0;
  // Waits, at most so long, until the node says that there may be a new block or a pool transaction (since the last call of
  // this or of new_pending()): true. False when the time is over, and at once from a node that cannot say such things: then
  // the caller has to let time pass himself.
  // A hint and no more: who hears nothing asks all the same from time to time.
  virtual bool wait_for_news(int timeout_ms) = 0;
  // None when it is not in the pool.
  virtual Result<std::optional<PoolEntry>> pool_entry(const Txid& txid) = 0;

  // Precondition: 1 <= target_blocks <= 1008.
  virtual Result<FeeEstimate> fee_estimate(unsigned target_blocks) = 0;
  // Whether the node would take it into its pool now. Changes nothing.
  virtual Result<Acceptance> test_accept(ByteView raw) = 0;
  // Its id. Success also when it is in the pool or mined already. Faults:
  //   fee_too_low     below what the node's pool or relay takes at all
  //   underpriced     would replace something, and does not pay enough for that
  //   conflict        an input is spent in the pool by something that cannot be replaced (or not by this)
  //   inputs_missing  an input does not exist, or is spent in the chain
  //   refused         anything else, with the node's words
  virtual Result<Txid> send(ByteView raw) = 0;

  // The output if it is unspent; `with_pool`: what the pool spends counts as spent, what it adds as there.
  virtual Result<std::optional<UnspentOutput>> unspent(const OutPoint& outpoint, bool with_pool) = 0;
  // From the pool, else from the block named, else (nodes with an index of transactions only) from the chain. None when it
  // is in none of these, as far as this node can tell.
  virtual Result<std::optional<MinedTransaction>> transaction(const Txid& txid, const std::optional<Hash32>& in_block) = 0;
  // All coins of the descriptors, from the set of unspent outputs: takes minutes on a large chain. One scan at a time per
  // node: `node_unavailable` while another runs. For audits.
  virtual Result<ScanResult> scan(const std::vector<ScanTarget>& targets) = 0;
};

// Refuses `node_other_network` when the node is not of the chain with this genesis block (as displayed), or calls its chain
// otherwise; an empty `chain` is not compared.
Result<void> check_network(Node& node, std::string_view genesis, std::string_view chain = {});

}  // namespace holdfast::chain::utxo
