#include "chain/utxo/node/pool_feed.h"

#include "chain/utxo/node/json_read.h"
#include "chain/utxo/node/mweb.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace holdfast::chain::utxo {

Result<std::optional<RawTransaction>> checked_transaction(const Txid& txid, Bytes raw) {
  using Checked = std::optional<RawTransaction>;
  if (has_mweb_flag(raw)) {
    auto plain = without_mweb(raw);
    if (!plain) return Checked();
    raw = std::move(*plain);
  }
  const auto transaction = decode_transaction(raw, {.max_money = kMaxMoneyLitecoin, .from_block = true});
  if (!transaction) return Checked();
  if (txid_of(*transaction) != txid) {
    return fault("node_answer_malformed", fmt::format("{} is another transaction", display(txid)));
  }
  return Checked(RawTransaction{txid, std::move(raw)});
}

PoolFeed::PoolFeed(RpcClient& rpc, bool listen, Limits limits) : rpc_(rpc), limits_(limits), may_listen_(listen) {}

Result<std::vector<RawTransaction>> PoolFeed::next() {
  if (const auto listened = listen(); !listened) return Failure(listened.error());
  take_news();  // Before the look at all: what comes in between is announced again.
  std::vector<Txid> candidates = std::exchange(announced_, {});
  const auto now = Clock::now();
  if (!source_ || behind_ || !full_look_at_ || now - *full_look_at_ >= limits_.full_look_every) {
    auto all = look_at_all();
    if (!all) {
      behind_ = true;
      return Failure(all.error());
    }
    candidates = std::move(*all);
    full_look_at_ = now;
  }
  return fetch(candidates);
}

bool PoolFeed::wait(int timeout_ms) {
  if (!listen() || !source_) return false;
  if (!source_->wait(timeout_ms)) return false;
  take_news();  // So that the next wait is for what comes then.
  return true;
}

Result<void> PoolFeed::listen() {
  if (!may_listen_ || asked_) return {};
  const auto answers = rpc_.batch({{"getzmqnotifications", "[]"}});
  if (!answers) return Failure(answers.error());
  const RpcAnswer& answer = answers->answers[0];
  if (!answer.ok && answer.error_code == kRpcWarmingUp) return answer.failure();
  asked_ = true;
  if (!answer.ok) return {};  // Built without it.
  const auto offered = read_notifications(answer.result);
  if (!offered) return Failure(offered.error());
  source_ = ZmqSource::open(rpc_.host(), *offered);
  return {};
}

void PoolFeed::take_news() {
  if (!source_) return;
  const ZmqNews news = source_->take();
  for (const Txid& txid : news.left) known_.erase(txid);
  announced_.insert(announced_.end(), news.arrived.begin(), news.arrived.end());
  if (!news.gap && announced_.size() <= limits_.max_transactions) return;
  announced_.clear();
  behind_ = true;
}

// The ids that were not given yet. What has left is forgotten, so that it is given again if it comes back.
Result<std::vector<Txid>> PoolFeed::look_at_all() {
  auto answers = rpc_.batch({{"getrawmempool", "[false,true]"}});
  if (answers && !answers->answers[0].ok && answers->answers[0].error_code != kRpcWarmingUp) {
    answers = rpc_.batch({{"getrawmempool", "[false]"}});  // Too old to know of the sequence.
  }
  if (!answers) return Failure(answers.error());
  const auto value = answers->answers[0].value();
  if (!value) return Failure(value.error());
  const auto pool = read_pool(*value);
  if (!pool) return Failure(pool.error());
  behind_ = false;
  std::vector<Txid> out;
  decltype(known_) remaining;
  for (const Txid& txid : pool->txids) {
    if (known_.contains(txid)) {
      remaining.insert(txid);
    } else {
      out.push_back(txid);
    }
  }
  known_ = std::move(remaining);
  return out;
}

// A fault after something was fetched waits until the next call: what was fetched is not fetched again.
Result<std::vector<RawTransaction>> PoolFeed::fetch(const std::vector<Txid>& txids) {
  std::vector<RawTransaction> out;
  std::size_t bytes = 0;
  std::size_t counted = 0;
  for (std::size_t at = 0; at < txids.size();) {
    if (out.size() >= limits_.max_transactions || bytes >= limits_.max_bytes) {
      behind_ = true;
      return out;
    }
    const auto done = fetch_some(txids, at, out);
    if (!done) {
      behind_ = true;
      if (out.empty()) return Failure(done.error());
      return out;
    }
    at += *done;
    for (; counted < out.size(); ++counted) bytes += out[counted].raw.size();
  }
  return out;
}

// How many of the ids from `from` on are done with.
Result<std::size_t> PoolFeed::fetch_some(const std::vector<Txid>& txids, std::size_t from, std::vector<RawTransaction>& out) {
  std::size_t count = std::min(rpc_.limits().max_batch, txids.size() - from);
  while (true) {
    std::vector<Txid> asked;
    std::vector<RpcCall> calls;
    for (std::size_t i = from; i < from + count; ++i) {
      if (known_.contains(txids[i])) continue;
      asked.push_back(txids[i]);
      calls.push_back({"getrawtransaction", fmt::format(R"(["{}",false])", display(txids[i]))});
    }
    if (calls.empty()) return count;
    const auto answers = rpc_.batch(calls);
    if (!answers && answers.error().code == "node_answer_too_large") {
      if (count == 1) known_.insert(asked.front());  // Larger than a block may be.
      if (count == 1) return count;
      count /= 2;
      continue;
    }
    if (!answers) return Failure(answers.error());
    for (std::size_t i = 0; i < asked.size(); ++i) {
      if (const auto kept = keep(asked[i], answers->answers[i], out); !kept) return Failure(kept.error());
    }
    return count;
  }
}

Result<void> PoolFeed::keep(const Txid& txid, const RpcAnswer& answer, std::vector<RawTransaction>& out) {
  if (!answer.ok && answer.error_code == kRpcNotFound) return {};  // Gone meanwhile, or it was never there.
  const auto value = answer.value();
  if (!value) return Failure(value.error());
  auto raw = read_bytes(*value);
  if (!raw) return Failure(raw.error());
  auto transaction = checked_transaction(txid, std::move(*raw));
  if (!transaction) return Failure(transaction.error());
  if (known_.insert(txid).second && *transaction) out.push_back(std::move(**transaction));
  return {};
}

}  // namespace holdfast::chain::utxo
