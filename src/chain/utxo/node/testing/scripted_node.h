// For tests: a node that says what it was told to say.
#pragma once

#include "chain/utxo/codec/hash.h"
#include "chain/utxo/node/node.h"

#include <algorithm>
#include <map>
#include <set>

namespace holdfast::chain::utxo {

class ScriptedNode final : public Node {
 public:
  // Puts a block on top of the best chain's block at height - 1, and cuts off what was there. `raw` may be anything.
  Header& add(std::uint64_t height, const Hash32& hash, Bytes raw = {}) {
    Header& header = headers[hash];
    header.height = height;
    header.hash = hash;
    header.previous = height == 0 || best_chain.size() < height ? Hash32{} : best_chain[height - 1];
    header.time = Instant{static_cast<std::int64_t>(height) * 600'000};
    header.median_time = header.time;
    best_chain.resize(height + 1);
    best_chain[height] = hash;
    blocks[hash] = std::move(raw);
    return header;
  }
  // Into the pool. Its id.
  Txid offer(const Transaction& transaction) {
    const Txid txid = txid_of(transaction);
    waiting[txid] = encode(transaction);
    return txid;
  }

  Result<NodeInfo> info() override {
    if (failure) return Failure(*failure);
    NodeInfo out = about;
    if (!best_chain.empty()) out.genesis = best_chain.front();
    out.height = best_chain.empty() ? 0 : best_chain.size() - 1;
    out.headers = std::max(out.headers, out.height);
    return out;
  }
  Result<Header> best() override {
    if (failure) return Failure(*failure);
    if (best_chain.empty()) return fault("node_unavailable", "no blocks");
    return seen(headers.at(best_chain.back()));
  }
  Result<std::optional<Header>> header_at(std::uint64_t height) override {
    if (failure) return Failure(*failure);
    if (height >= best_chain.size()) return std::optional<Header>();
    return std::optional(seen(headers.at(best_chain[height])));
  }
  Result<std::optional<Header>> header(const Hash32& hash) override {
    if (failure) return Failure(*failure);
    const auto found = headers.find(hash);
    return found == headers.end() ? std::optional<Header>() : std::optional(seen(found->second));
  }
  Result<std::optional<Bytes>> block(const Hash32& hash) override {
    if (failure) return Failure(*failure);
    if (pruned.contains(hash)) return fault("block_pruned");
    const auto found = blocks.find(hash);
    return found == blocks.end() ? std::optional<Bytes>() : std::optional(found->second);
  }

  Result<Pool> pool() override {
    if (failure) return Failure(*failure);
    Pool out;
    for (const auto& [txid, raw] : waiting) out.txids.push_back(txid);
    return out;
  }
  Result<std::vector<RawTransaction>> new_pending() override {
    if (failure) return Failure(*failure);
    std::erase_if(given, [&](const Txid& txid) { return !waiting.contains(txid); });
    std::vector<RawTransaction> out;
    for (const auto& [txid, raw] : waiting) {
      if (out.size() < max_pending && given.insert(txid).second) out.push_back({txid, raw});
    }
    return out;
  }
  bool wait_for_news(int) override { return false; }
  Result<std::optional<PoolEntry>> pool_entry(const Txid& txid) override {
    if (failure) return Failure(*failure);
    const auto found = entries.find(txid);
    return found == entries.end() ? std::optional<PoolEntry>() : std::optional(found->second);
  }

  Result<FeeEstimate> fee_estimate(unsigned) override {
    if (failure) return Failure(*failure);
    return fees;
  }
  Result<Acceptance> test_accept(ByteView) override {
    if (failure) return Failure(*failure);
    return Acceptance{!send_failure, send_failure ? send_failure->text : std::string(), std::nullopt, std::nullopt};
  }
  Result<Txid> send(ByteView raw) override {
    if (failure) return Failure(*failure);
    if (send_failure) return Failure(*send_failure);
    const auto transaction = decode_transaction(raw);
    if (!transaction) return fault("refused", transaction.error().text);
    sent.push_back(to_bytes(raw));
    return offer(*transaction);
  }

  Result<std::optional<UnspentOutput>> unspent(const OutPoint& outpoint, bool) override {
    if (failure) return Failure(*failure);
    const auto found = outputs.find(outpoint);
    return found == outputs.end() ? std::optional<UnspentOutput>() : std::optional(found->second);
  }
  Result<std::optional<MinedTransaction>> transaction(const Txid& txid, const std::optional<Hash32>&) override {
    if (failure) return Failure(*failure);
    if (const auto found = waiting.find(txid); found != waiting.end()) {
      return std::optional(MinedTransaction{{txid, found->second}, std::nullopt});
    }
    const auto found = mined.find(txid);
    return found == mined.end() ? std::optional<MinedTransaction>() : std::optional(found->second);
  }
  Result<ScanResult> scan(const std::vector<ScanTarget>&) override {
    if (failure) return Failure(*failure);
    return scanned;
  }

  std::optional<Error> failure;       // Of every call, while it is set.
  std::optional<Error> send_failure;  // Of send() and test_accept().
  NodeInfo about{"regtest", {}, 0, 0, false, std::nullopt};
  std::vector<Hash32> best_chain;  // By height.
  std::map<Hash32, Header> headers;
  std::map<Hash32, Bytes> blocks;
  std::set<Hash32> pruned;
  std::map<Txid, Bytes> waiting;  // The pool.
  std::set<Txid> given;           // By new_pending().
  std::size_t max_pending = 1000;
  std::map<Txid, PoolEntry> entries;
  std::map<Txid, MinedTransaction> mined;
  std::map<OutPoint, UnspentOutput> outputs;
  std::vector<Bytes> sent;
  FeeEstimate fees{std::nullopt, 1000, 1000};
  ScanResult scanned;

 private:
  Header seen(Header header) const {
    header.on_best_chain = header.height < best_chain.size() && best_chain[header.height] == header.hash;
    return header;
  }
};

}  // namespace holdfast::chain::utxo
