// Reads what an EVM node writes as JSON into Node's types. Anything missing or of the wrong form is the fault
// `node_answer_malformed`: no value is ever guessed.
#pragma once

#include "base/result.h"
#include "chain/evm/node.h"

#include <simdjson.h>

#include <optional>
#include <vector>

namespace holdfast::chain::evm {

using JsonElement = simdjson::dom::element;

Result<std::uint64_t> read_uint64(const JsonElement& element);  // "0x1f"
Result<Amount> read_amount(const JsonElement& element);         // "0x1f"; Amount::max() when it is over the bound
Result<Hash32> read_hash(const JsonElement& element);
Result<Header> read_header(const JsonElement& element);
Result<Block> read_block(const JsonElement& element);           // With whole transactions.
Result<Transaction> read_transaction(const JsonElement& element);
Result<Log> read_log(const JsonElement& element);
Result<Receipt> read_receipt(const JsonElement& element);
// The answer of debug_traceBlockByHash with the callTracer.
Result<std::vector<InternalTransfer>> read_block_trace(const JsonElement& element);

}  // namespace holdfast::chain::evm
