// Reads what a node of the Bitcoin family writes as JSON, numbers turned into texts (json_numbers.h), into Node's types.
// Anything missing or of the wrong form is the fault `node_answer_malformed`: no value is ever guessed.
#pragma once

#include "base/result.h"
#include "chain/utxo/node/node.h"

#include <simdjson.h>

#include <string>
#include <vector>

namespace holdfast::chain::utxo {

using JsonElement = simdjson::dom::element;

Result<Hash32> read_id(const JsonElement& element);  // 64 hex digits as displayed.
Result<std::vector<Hash32>> read_ids(const JsonElement& element);
Result<Bytes> read_bytes(const JsonElement& element);
Result<NodeInfo> read_info(const JsonElement& element);      // getblockchaininfo; the genesis block is not in it.
Result<Header> read_header(const JsonElement& element);      // getblockheader, verbose
Result<Pool> read_pool(const JsonElement& element);          // getrawmempool, with or without a sequence
Result<PoolEntry> read_pool_entry(const JsonElement& element);
Result<Acceptance> read_acceptance(const JsonElement& element);  // testmempoolaccept of one transaction
Result<UnspentOutput> read_unspent(const JsonElement& element);  // gettxout
Result<ScanResult> read_scan(const JsonElement& element);
// estimatesmartfee, getmempoolinfo and getnetworkinfo.
Result<FeeEstimate> read_fees(const JsonElement& estimate, const JsonElement& pool, const JsonElement& network);

// getrawtransaction, verbose.
struct VerboseTransaction {
  Bytes raw;
  std::optional<Hash32> block;
};
Result<VerboseTransaction> read_verbose_transaction(const JsonElement& element);

// What a node publishes, and where: getzmqnotifications.
struct Notification {
  std::string type;     // "pubsequence"
  std::string address;  // "tcp://127.0.0.1:28332"
};
Result<std::vector<Notification>> read_notifications(const JsonElement& element);

}  // namespace holdfast::chain::utxo
