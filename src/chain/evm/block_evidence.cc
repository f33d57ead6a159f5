#include "chain/evm/block_evidence.h"

#include "chain/evm/codec/contracts.h"
#include "chain/evm/codec/erc20.h"
#include "chain/evm/codec/keccak.h"
#include "chain/evm/codec/safe.h"

#include <algorithm>

namespace holdfast::chain::evm {

namespace {

const Hash32& safe_received_topic() {
  static const Hash32 kTopic = keccak256(as_bytes("SafeReceived(address,uint256)"));
  return kTopic;
}

class Gatherer {
 public:
  Gatherer(Node& node, const Own& own, const ChooseDeposits& choose, bool trace)
      : node_(node), own_(own), choose_(choose), trace_(trace) {}

  Result<BlockEvidence> gather(const Hash32& hash) {
    auto block = node_.block(hash);
    if (!block) return Failure(block.error());
    if (!*block) return fault("chain_moved", "the block is gone");
    evidence_.block = std::move(**block);
    const auto& transactions = evidence_.block.transactions;
    for (std::size_t i = 0; i < transactions.size(); ++i) evidence_.places[transactions[i].hash] = i;
    if (transactions.empty()) return std::move(evidence_);
    if (auto read = read_logs(); !read) return Failure(read.error());
    if (auto read = read_internal(); !read) return Failure(read.error());
    find_deposit_addresses();
    if (auto read = read_receipts(); !read) return Failure(read.error());
    if (!evidence_.traced) reconstruct_internal();
    return std::move(evidence_);
  }

 private:
  Result<void> append_logs(std::vector<Log>& to, const std::vector<Address20>& addresses, const Hash32& topic) {
    if (addresses.empty()) return {};
    auto logs = node_.logs(evidence_.block.header.hash, addresses, topic);
    if (!logs) return Failure(logs.error());
    // A node that answers with what was not asked for is not believed.
    std::ranges::copy_if(*logs, std::back_inserter(to), [&](const Log& log) {
      const bool asked = !log.topics.empty() && log.topics[0] == topic && std::ranges::find(addresses, log.address) != addresses.end();
      return asked && evidence_.places.contains(log.txid);
    });
    std::ranges::sort(to, {}, &Log::index);
    return {};
  }

  Result<void> read_logs() {
    const std::vector<Address20> safes = own_.safes();
    const std::vector<Address20> factories(own_.forwarders ? 1 : 0, own_.factory);
    if (auto read = append_logs(evidence_.token_transfers, own_.token_contracts(), transfer_topic()); !read) return read;
    if (auto read = append_logs(evidence_.executed, safes, execution_success_topic()); !read) return read;
    if (auto read = append_logs(evidence_.executed, safes, execution_failure_topic()); !read) return read;
    if (auto read = append_logs(evidence_.module_executed, safes, execution_from_module_success_topic()); !read) return read;
    if (auto read = append_logs(evidence_.evacuated, own_.modules(), evacuated_topic()); !read) return read;
    return append_logs(evidence_.flushed, factories, flushed_topic());
  }

  Result<void> read_internal() {
    if (!trace_) return {};
    auto transfers = node_.internal_transfers(evidence_.block.header.hash);
    if (!transfers) return Failure(transfers.error());
    evidence_.traced = transfers->has_value();
    if (evidence_.traced) evidence_.internal = std::move(**transfers);
    return {};
  }

  // One look for all addresses that the block pays or that pay in it.
  void find_deposit_addresses() {
    AddressSet candidates;
    for (const Transaction& transaction : evidence_.block.transactions) {
      if (transaction.to && !transaction.value.is_zero()) candidates.insert(*transaction.to);
    }
    for (const InternalTransfer& transfer : evidence_.internal) candidates.insert({transfer.from, transfer.to});
    for (const Log& log : evidence_.token_transfers) {
      if (const auto transfer = read_transfer_log(log)) candidates.insert({transfer->from, transfer->to});
    }
    for (const Log& log : evidence_.flushed) {
      if (const auto flushed = read_address_pair_log(log)) candidates.insert(flushed->first);
    }
    evidence_.deposit_addresses = choose_(candidates);
  }

  bool wants_receipt(const Transaction& transaction) const {
    const OwnWallet* sender = own_.wallet(transaction.from);
    if (sender && sender->has_key()) return true;
    return transaction.to && !transaction.value.is_zero() && evidence_.deposit_addresses.contains(*transaction.to);
  }

  Result<void> read_receipt(const Hash32& txid) {
    auto receipt = node_.receipt(txid);
    if (!receipt) return Failure(receipt.error());
    if (!*receipt || (*receipt)->block_hash != evidence_.block.header.hash) return fault("chain_moved", "a receipt is gone");
    evidence_.receipts[txid] = std::move(**receipt);
    return {};
  }

  Result<void> read_receipts() {
    for (const Transaction& transaction : evidence_.block.transactions) {
      if (!wants_receipt(transaction)) continue;
      if (auto read = read_receipt(transaction.hash); !read) return read;
    }
    if (evidence_.traced) return {};
    for (const Log& log : evidence_.flushed) {  // Where the coins went shows only in what the recipient logged.
      if (evidence_.receipts.contains(log.txid)) continue;
      if (auto read = read_receipt(log.txid); !read) return read;
    }
    return {};
  }

  // Without a trace, the events of our own contracts tell most of what our own addresses moved.
  void reconstruct_internal() {
    for (const Log& log : evidence_.executed) reconstruct_execution(log);
    for (const Log& log : evidence_.evacuated) {
      const auto evacuated = read_address_pair_log(log);
      const OwnWallet* safe = own_.wallet_of_module(log.address);
      if (!evacuated || !safe || evacuated->first != kNativeAsset) continue;
      evidence_.internal.push_back({log.txid, safe->address, evacuated->second, evacuated->amount});
    }
    for (const Log& log : evidence_.flushed) {
      const auto flushed = read_address_pair_log(log);
      if (!flushed || flushed->second != kNativeAsset) continue;
      evidence_.internal.push_back({log.txid, flushed->first, receiver_of(log.txid, flushed->first), flushed->amount});
    }
  }

  void reconstruct_execution(const Log& log) {
    const Transaction& transaction = evidence_.block.transactions[evidence_.places.at(log.txid)];
    if (log.topics[0] != execution_success_topic() || transaction.to != log.address) return;
    const auto call = read_exec_transaction(transaction.input);
    if (!call || call->transaction.operation != kSafeCall || call->transaction.value == Word{}) return;
    evidence_.internal.push_back(
        {log.txid, log.address, call->transaction.to, saturating_amount(call->transaction.value)});
  }

  // The own Safe that says it was paid by `payer`; otherwise nobody we know.
  Address20 receiver_of(const Hash32& txid, const Address20& payer) const {
    for (const Log& log : evidence_.receipts.at(txid).logs) {
      const bool received = log.topics.size() == 2 && log.topics[0] == safe_received_topic();
      if (received && address_of_word(log.topics[1]) == payer && own_.wallet(log.address)) return log.address;
    }
    return {};
  }

  Node& node_;
  const Own& own_;
  const ChooseDeposits& choose_;
  bool trace_;
  BlockEvidence evidence_;
};

}  // namespace

Result<BlockEvidence> gather(Node& node, const Own& own, const ChooseDeposits& choose, const Hash32& hash, bool trace) {
  return Gatherer(node, own, choose, trace).gather(hash);
}

std::optional<TransferLog> read_transfer_log(const Log& log) {
  const auto pair = read_address_pair_log(log);
  if (!pair) return std::nullopt;
  return TransferLog{pair->first, pair->second, pair->amount};
}

std::optional<AddressPairLog> read_address_pair_log(const Log& log) {
  if (log.topics.size() != 3 || log.data.size() != Word::kSize) return std::nullopt;
  const auto first = address_of_word(log.topics[1]);
  const auto second = address_of_word(log.topics[2]);
  if (!first || !second) return std::nullopt;
  return AddressPairLog{*first, *second, saturating_amount(Word::from(log.data))};
}

}  // namespace holdfast::chain::evm
