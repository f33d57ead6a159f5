// For tests: a node that says what it was told to say.
#pragma once

#include "chain/evm/node.h"

#include <algorithm>
#include <map>

namespace holdfast::chain::evm {

class ScriptedNode final : public Node {
 public:
  // Puts a block on top of `parent`; its transactions, receipts and logs are the caller's to fill in.
  Block& add(std::uint64_t height, const Hash32& hash, const Hash32& parent) {
    Block& block = blocks[hash];
    block.header = {height, hash, parent, Instant{static_cast<std::int64_t>(height) * 12'000}, Amount::of(7)};
    best.resize(std::max<std::size_t>(best.size(), height + 1));
    best[height] = hash;
    return block;
  }

  Result<std::uint64_t> chain_id() override { return id; }
  Result<Header> head() override { return blocks.at(best.at(head_height.value_or(best.size() - 1))).header; }
  Result<std::optional<Header>> finalized() override { return std::optional<Header>(); }
  Result<std::optional<Header>> header_at(std::uint64_t height) override {
    if (height >= best.size() || !blocks.contains(best[height])) return std::optional<Header>();
    return std::optional(blocks.at(best[height]).header);
  }
  Result<std::optional<Block>> block(const Hash32& hash) override {
    const auto found = blocks.find(hash);
    return found == blocks.end() ? std::optional<Block>() : std::optional(found->second);
  }
  Result<std::vector<Log>> logs(const Hash32& block, const std::vector<Address20>& addresses, const Hash32& topic) override {
    std::vector<Log> out;
    for (const Log& log : block_logs[block]) {
      if (log.topics[0] == topic && std::ranges::find(addresses, log.address) != addresses.end()) out.push_back(log);
    }
    return out;
  }
  Result<std::optional<Receipt>> receipt(const Hash32& txid) override {
    const auto found = receipts.find(txid);
    return found == receipts.end() ? std::optional<Receipt>() : std::optional(found->second);
  }
  Result<std::vector<std::optional<Amount>>> balances(const Hash32& block,
                                                      const std::vector<BalanceQuery>& queries) override {
    std::vector<std::optional<Amount>> out;
    for (const BalanceQuery& query : queries) {
      const bool fails = query.token && query.token == failing_token;
      out.push_back(fails ? std::nullopt : std::optional(held[block][{query.holder, query.token.value_or(Address20{})}]));
    }
    return out;
  }
  Result<std::optional<std::vector<InternalTransfer>>> internal_transfers(const Hash32&) override {
    return internal;
  }
  Result<std::uint64_t> nonce(const Address20&) override { return 0; }
  Result<std::vector<Transaction>> new_pending() override { return pending; }
  Result<Amount> priority_fee() override { return Amount::of(1); }
  Result<Hash32> send(ByteView) override { return fault("refused"); }

  std::uint64_t id = 31337;
  std::optional<std::uint64_t> head_height;  // Behind what is known, when set.
  std::vector<Hash32> best;                  // By height.
  std::map<Hash32, Block> blocks;
  std::map<Hash32, std::vector<Log>> block_logs;
  std::map<Hash32, Receipt> receipts;
  std::map<Hash32, std::map<std::pair<Address20, Address20>, Amount>> held;  // Per block; token zero: the native coin.
  std::optional<Address20> failing_token;
  std::optional<std::vector<InternalTransfer>> internal;
  std::vector<Transaction> pending;
};

}  // namespace holdfast::chain::evm
