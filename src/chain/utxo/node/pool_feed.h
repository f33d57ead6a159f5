// Follows a node's pool over JSON-RPC, hurried along by what the node publishes over ZeroMQ, if it does.
//
// Everything given was asked for over the authenticated connection. Without ZeroMQ every call looks at the whole pool;
// with it only every ten seconds and after a gap, and in between asks for what was announced.
#pragma once

#include "chain/utxo/node/node.h"
#include "chain/utxo/node/rpc_client.h"
#include "chain/utxo/node/zmq_source.h"

#include <chrono>
#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

namespace holdfast::chain::utxo {

// Checks that `raw` is the transaction `txid`, and takes off what belongs to an extension block. None for what can be no
// transaction with inputs and outputs. Faults `node_answer_malformed` when it is another transaction.
Result<std::optional<RawTransaction>> checked_transaction(const Txid& txid, Bytes raw);

class PoolFeed {
 public:
  struct Limits {
    std::size_t max_transactions = 20'000;  // Given by one call,
    std::size_t max_bytes = 50'000'000;     // but at least one.
    std::chrono::milliseconds full_look_every{10'000};
  };
  // `listen` false: never asks for ZeroMQ.
  PoolFeed(RpcClient& rpc, bool listen, Limits limits);
  PoolFeed(RpcClient& rpc, bool listen) : PoolFeed(rpc, listen, Limits{}) {}

  // What new_pending() and wait_for_news() of the port promise.
  Result<std::vector<RawTransaction>> next();
  bool wait(int timeout_ms);

  bool is_listening() const { return source_ != nullptr; }

 private:
  using Clock = std::chrono::steady_clock;
  Result<void> listen();
  Result<std::vector<Txid>> look_at_all();
  void take_news();
  Result<std::vector<RawTransaction>> fetch(const std::vector<Txid>& txids);
  Result<std::size_t> fetch_some(const std::vector<Txid>& txids, std::size_t from, std::vector<RawTransaction>& out);
  Result<void> keep(const Txid& txid, const RpcAnswer& answer, std::vector<RawTransaction>& out);

  RpcClient& rpc_;
  Limits limits_;
  bool may_listen_;
  bool asked_ = false;  // Whether the node publishes anything.
  std::unique_ptr<ZmqSource> source_;
  std::vector<Txid> announced_;  // And not asked for yet.
  std::unordered_set<Txid, FixedBytesHash<Txid::kSize>> known_;  // In the pool, as far as we know, and given.
  std::optional<Clock::time_point> full_look_at_;
  bool behind_ = true;  // Something may have been missed: look at everything.
};

}  // namespace holdfast::chain::utxo
