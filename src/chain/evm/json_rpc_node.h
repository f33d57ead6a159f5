// A real EVM node, spoken to in JSON-RPC over HTTP.
#pragma once

#include "chain/evm/json_rpc.h"
#include "chain/evm/node.h"

#include <optional>
#include <string>
#include <string_view>

namespace holdfast::chain::evm {

// One connection: not for two threads at once. Make one for each of a chain's threads.
// Faults of every call: those of JsonRpc, and `node_refused` with the node's words.
class JsonRpcNode final : public Node {
 public:
  // `trace` false never asks for traces, as if the node had none: they are dear on a busy chain, and without them only
  // payments by other contracts to deposit addresses are missed.
  explicit JsonRpcNode(std::string_view url, JsonRpcLimits limits = {}, bool trace = true)
      : rpc_(url, limits), can_trace_(trace) {}

  Result<std::uint64_t> chain_id() override;
  Result<Header> head() override;
  Result<std::optional<Header>> finalized() override;
  Result<std::optional<Header>> header_at(std::uint64_t height) override;
  Result<std::optional<Block>> block(const Hash32& hash) override;
  Result<std::vector<Log>> logs(const Hash32& block, const std::vector<Address20>& addresses, const Hash32& topic) override;
  Result<std::optional<Receipt>> receipt(const Hash32& txid) override;
  Result<std::vector<std::optional<Amount>>> balances(const Hash32& block, const std::vector<BalanceQuery>& queries) override;
  Result<std::optional<std::vector<InternalTransfer>>> internal_transfers(const Hash32& block) override;
  Result<std::uint64_t> nonce(const Address20& account) override;
  Result<std::optional<Word>> storage(const Hash32& block, const Address20& contract, const Word& slot) override;
  Result<std::optional<std::size_t>> code_size(const Hash32& block, const Address20& address) override;
  Result<std::vector<Transaction>> new_pending() override;
  Result<Amount> priority_fee() override;
  Result<Hash32> send(ByteView raw) override;

 private:
  template <class Answer, class Read>
  Result<Answer> call(std::string_view method, std::string params, Read&& read);
  template <class Thing>
  Result<std::optional<Thing>> call_optional(std::string_view method, std::string params,
                                             Result<Thing> (*read)(const simdjson::dom::element&));
  Result<std::optional<std::vector<InternalTransfer>>> trace(const Hash32& block);
  Result<void> open_pending_filter();
  Result<std::vector<Hash32>> pending_hashes();
  Result<std::vector<Transaction>> transactions(const std::vector<Hash32>& hashes);

  JsonRpc rpc_;
  bool can_trace_;
  Hash32 failed_trace_;     // The block whose trace failed last,
  int trace_failures_ = 0;  // so often in a row.
  std::string pending_filter_;  // Its id at the node; empty when there is none yet.
};

}  // namespace holdfast::chain::evm
