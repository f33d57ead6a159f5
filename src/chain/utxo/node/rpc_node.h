// A real node of the Bitcoin family, spoken to in JSON-RPC over HTTP: Bitcoin Core and its kin, Litecoin Core.
#pragma once

#include "chain/utxo/node/node.h"
#include "chain/utxo/node/pool_feed.h"
#include "chain/utxo/node/rpc_client.h"

#include <string>
#include <string_view>

namespace holdfast::chain::utxo {

struct RpcNodeSettings {
  RpcAddress address;
  RpcLimits limits;
  bool listen = true;  // To ZeroMQ, when the node publishes anything there.
};

// One connection: not for two threads at once. Make one for each of a chain's threads.
// Faults of every call beside those of the port: `node_url_invalid`.
class RpcNode final : public Node {
 public:
  explicit RpcNode(RpcNodeSettings settings);

  Result<NodeInfo> info() override;
  Result<Header> best() override;
  Result<std::optional<Header>> header_at(std::uint64_t height) override;
  Result<std::optional<Header>> header(const Hash32& hash) override;
  Result<std::optional<Bytes>> block(const Hash32& hash) override;
  Result<Pool> pool() override;
  Result<std::vector<RawTransaction>> new_pending() override { return feed_.next(); }
  bool wait_for_news(int timeout_ms) override { return feed_.wait(timeout_ms); }
  Result<std::optional<PoolEntry>> pool_entry(const Txid& txid) override;
  Result<FeeEstimate> fee_estimate(unsigned target_blocks) override;
  Result<Acceptance> test_accept(ByteView raw) override;
  Result<Txid> send(ByteView raw) override;
  Result<std::optional<UnspentOutput>> unspent(const OutPoint& outpoint, bool with_pool) override;
  Result<std::optional<MinedTransaction>> transaction(const Txid& txid, const std::optional<Hash32>& in_block) override;
  Result<ScanResult> scan(const std::vector<ScanTarget>& targets) override;

  bool is_listening() const { return feed_.is_listening(); }

 private:
  template <class Answer, class Read>
  Result<Answer> call(std::string_view method, std::string params, Read&& read);
  Result<std::optional<Hash32>> hash_at(std::uint64_t height);
  Result<bool> is_known(const Txid& txid);

  RpcClient rpc_;
  PoolFeed feed_;
};

}  // namespace holdfast::chain::utxo
