#include "chain/evm/json_rpc_node.h"

#include "base/hex.h"
#include "chain/evm/codec/erc20.h"
#include "chain/evm/codec/keccak.h"
#include "chain/evm/json_read.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace holdfast::chain::evm {

namespace {

constexpr std::int64_t kMethodNotFound = -32601;  // JSON-RPC 2.0, section 5.1
constexpr std::int64_t kExecutionReverted = 3;    // Of the nodes that have a code for it.
constexpr int kTraceTries = 3;
constexpr std::size_t kMaxPending = 20'000;       // Of one poll; the rest is seen when it is mined.

std::string json_text(std::string_view text) { return fmt::format(R"("{}")", text); }
std::string json_text(const Hash32& hash) { return json_text(to_0x_hex(hash.view())); }
std::string json_text(const Address20& address) { return json_text(to_0x_hex(address.view())); }

template <class... Parts>
std::string list(const Parts&... parts) {
  return fmt::format("[{}]", fmt::join(std::array<std::string_view, sizeof...(parts)>{parts...}, ","));
}

// EIP-1898: at this very block, whatever the height means by now.
std::string at_block(const Hash32& block) { return fmt::format(R"({{"blockHash":{}}})", json_text(block)); }

RpcCall balance_call(const Hash32& block, const BalanceQuery& query) {
  if (!query.token) return {"eth_getBalance", list(json_text(query.holder), at_block(block))};
  const std::string call =
      fmt::format(R"({{"to":{},"data":"{}"}})", json_text(*query.token), to_0x_hex(encode_balance_of(query.holder)));
  return {"eth_call", list(call, at_block(block))};
}

bool contains(std::string_view text, std::initializer_list<std::string_view> parts) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  std::string folded(text);
  std::ranges::transform(folded, folded.begin(), lower);
  return std::ranges::any_of(parts, [&](std::string_view part) { return folded.find(part) != std::string::npos; });
}

// The contract itself failed, which is an answer about it; anything else says nothing about the balance.
bool execution_failed(const RpcAnswer& answer) {
  return !answer.ok && (answer.error_code == kExecutionReverted ||
                        contains(answer.error_text, {"revert", "out of gas", "outofgas", "opcode", "invalid jump", "stack"}));
}

Result<std::optional<Amount>> read_balance(const RpcAnswer& answer, bool of_token) {
  if (of_token && execution_failed(answer)) return std::optional<Amount>();
  const auto value = answer.value();
  if (!value) return Failure(value.error());
  if (!of_token) {
    const auto amount = read_amount(*value);
    return amount ? Result<std::optional<Amount>>(*amount) : Failure(amount.error());
  }
  std::string_view text;
  if (value->get(text) != simdjson::SUCCESS) return fault("node_answer_malformed", "a call's answer");
  const auto word = fixed_from_hex<Word::kSize>(text);  // balanceOf answers exactly one word
  return word ? std::optional(saturating_amount(*word)) : std::nullopt;
}

// Nodes agree on no codes for these: the words are what there is.
Failure send_failure(const RpcAnswer& answer) {
  if (contains(answer.error_text, {"nonce too low", "nonce is too low", "old nonce"})) {
    return fault("nonce_used", answer.error_text);
  }
  if (contains(answer.error_text, {"underpriced", "less than block base fee", "fee too low", "fee cap"})) {
    return fault("underpriced", answer.error_text);
  }
  return fault("refused", answer.error_text);
}

Result<std::vector<Hash32>> read_hashes(const JsonElement& list_of_them) {
  simdjson::dom::array elements;
  if (list_of_them.get(elements) != simdjson::SUCCESS) return fault("node_answer_malformed", "not a list of hashes");
  std::vector<Hash32> out;
  for (const JsonElement element : elements) {
    const auto hash = read_hash(element);
    if (!hash) return Failure(hash.error());
    if (out.size() < kMaxPending) out.push_back(*hash);
  }
  return out;
}

}  // namespace

template <class Answer, class Read>
Result<Answer> JsonRpcNode::call(std::string_view method, std::string params, Read&& read) {
  auto answers = rpc_.batch({{method, std::move(params)}});
  if (!answers) return Failure(answers.error());
  const auto value = answers->answers[0].value();
  if (!value) return Failure(value.error());
  return read(*value);
}

template <class Thing>
Result<std::optional<Thing>> JsonRpcNode::call_optional(std::string_view method, std::string params,
                                                        Result<Thing> (*read)(const simdjson::dom::element&)) {
  return call<std::optional<Thing>>(method, std::move(params), [read](const JsonElement& value) -> Result<std::optional<Thing>> {
    if (value.is_null()) return std::optional<Thing>();
    auto thing = read(value);
    if (!thing) return Failure(thing.error());
    return std::optional<Thing>(std::move(*thing));
  });
}

Result<std::uint64_t> JsonRpcNode::chain_id() { return call<std::uint64_t>("eth_chainId", "[]", read_uint64); }

Result<Header> JsonRpcNode::head() { return call<Header>("eth_getBlockByNumber", R"(["latest",false])", read_header); }

Result<std::optional<Header>> JsonRpcNode::finalized() {
  return call_optional<Header>("eth_getBlockByNumber", R"(["finalized",false])", read_header);
}

Result<std::optional<Header>> JsonRpcNode::header_at(std::uint64_t height) {
  return call_optional<Header>("eth_getBlockByNumber", fmt::format(R"(["{:#x}",false])", height), read_header);
}

Result<std::optional<Block>> JsonRpcNode::block(const Hash32& hash) {
  return call_optional<Block>("eth_getBlockByHash", list(json_text(hash), "true"), read_block);
}

Result<std::vector<Log>> JsonRpcNode::logs(const Hash32& block, const std::vector<Address20>& addresses, const Hash32& topic) {
  std::vector<std::string> texts;
  for (const Address20& address : addresses) texts.push_back(json_text(address));
  const std::string only = texts.empty() ? "" : fmt::format(R"("address":[{}],)", fmt::join(texts, ","));
  const std::string filter = fmt::format(R"({{"blockHash":{},{}"topics":[{}]}})", json_text(block), only, json_text(topic));
  return call<std::vector<Log>>("eth_getLogs", list(filter), [](const JsonElement& value) -> Result<std::vector<Log>> {
    simdjson::dom::array elements;
    if (value.get(elements) != simdjson::SUCCESS) return fault("node_answer_malformed", "logs are a list");
    std::vector<Log> out;
    for (const JsonElement element : elements) {
      auto log = read_log(element);
      if (!log) return Failure(log.error());
      out.push_back(std::move(*log));
    }
    return out;
  });
}

Result<std::optional<Receipt>> JsonRpcNode::receipt(const Hash32& txid) {
  return call_optional<Receipt>("eth_getTransactionReceipt", list(json_text(txid)), read_receipt);
}

Result<std::vector<std::optional<Amount>>> JsonRpcNode::balances(const Hash32& block, const std::vector<BalanceQuery>& queries) {
  std::vector<std::optional<Amount>> out;
  out.reserve(queries.size());
  while (out.size() < queries.size()) {
    const std::size_t count = std::min(rpc_.limits().max_batch, queries.size() - out.size());
    std::vector<RpcCall> calls;
    for (std::size_t i = 0; i < count; ++i) calls.push_back(balance_call(block, queries[out.size() + i]));
    const auto answers = rpc_.batch(calls);
    if (!answers) return Failure(answers.error());
    for (const RpcAnswer& answer : answers->answers) {
      const auto amount = read_balance(answer, queries[out.size()].token.has_value());
      if (!amount) return Failure(amount.error());
      out.push_back(*amount);
    }
  }
  return out;
}

Result<std::optional<std::vector<InternalTransfer>>> JsonRpcNode::internal_transfers(const Hash32& block) {
  if (!can_trace_) return std::optional<std::vector<InternalTransfer>>();
  auto traced = trace(block);
  if (traced) {
    trace_failures_ = 0;
    return traced;
  }
  // Whoever fills a block can make its trace too large, too slow or malformed: asking until it is not would stop the chain
  // for ever. A node that is only gone for a while fails at the calls before this one.
  if (failed_trace_ != block) trace_failures_ = 0;
  failed_trace_ = block;
  if (++trace_failures_ < kTraceTries) return traced;
  return std::optional<std::vector<InternalTransfer>>();
}

Result<std::optional<std::vector<InternalTransfer>>> JsonRpcNode::trace(const Hash32& block) {
  using Transfers = std::vector<InternalTransfer>;
  const auto answers = rpc_.batch({{"debug_traceBlockByHash", list(json_text(block), R"({"tracer":"callTracer"})")}});
  if (!answers) return Failure(answers.error());
  const RpcAnswer& answer = answers->answers[0];
  if (!answer.ok && answer.error_code == kMethodNotFound) {
    can_trace_ = false;
    return std::optional<Transfers>();
  }
  const auto value = answer.value();
  if (!value) return Failure(value.error());
  auto transfers = read_block_trace(*value);
  if (!transfers) return Failure(transfers.error());
  return std::optional<Transfers>(std::move(*transfers));
}

Result<std::optional<Word>> JsonRpcNode::storage(const Hash32& block, const Address20& contract, const Word& slot) {
  const std::string params = list(json_text(contract), json_text(slot), at_block(block));
  return call<std::optional<Word>>("eth_getStorageAt", params, [](const JsonElement& value) -> Result<std::optional<Word>> {
    const auto word = read_hash(value);
    if (!word) return Failure(word.error());
    return std::optional(*word);
  });
}

Result<std::optional<std::size_t>> JsonRpcNode::code_size(const Hash32& block, const Address20& address) {
  const std::string params = list(json_text(address), at_block(block));
  return call<std::optional<std::size_t>>("eth_getCode", params, [](const JsonElement& value) -> Result<std::optional<std::size_t>> {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) return fault("node_answer_malformed", "code");
    const auto code = from_hex(text);
    if (!code) return fault("node_answer_malformed", "code");
    return std::optional(code->size());
  });
}

Result<std::uint64_t> JsonRpcNode::nonce(const Address20& account) {
  return call<std::uint64_t>("eth_getTransactionCount", list(json_text(account), R"("latest")"), read_uint64);
}

Result<std::vector<Transaction>> JsonRpcNode::new_pending() {
  const auto hashes = pending_hashes();
  if (!hashes) return Failure(hashes.error());
  return transactions(*hashes);
}

Result<Amount> JsonRpcNode::priority_fee() { return call<Amount>("eth_maxPriorityFeePerGas", "[]", read_amount); }

Result<Hash32> JsonRpcNode::send(ByteView raw) {
  const auto answers = rpc_.batch({{"eth_sendRawTransaction", list(json_text(to_0x_hex(raw)))}});
  if (!answers) return Failure(answers.error());
  const RpcAnswer& answer = answers->answers[0];
  if (answer.ok || contains(answer.error_text, {"already known", "already imported", "known transaction"})) return keccak256(raw);
  return send_failure(answer);
}

Result<void> JsonRpcNode::open_pending_filter() {
  auto id = call<std::string>("eth_newPendingTransactionFilter", "[]", [](const JsonElement& value) -> Result<std::string> {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS || !from_hex(text.size() % 2 == 0 ? text : text.substr(1))) {
      return fault("node_answer_malformed", "a filter's id");
    }
    return std::string(text);
  });
  if (!id) return Failure(id.error());
  pending_filter_ = std::move(*id);
  return {};
}

// A filter reports what arrives after it was made, so a new one begins with what would go into the next block. A node
// drops a filter when it restarts or is not asked for long.
Result<std::vector<Hash32>> JsonRpcNode::pending_hashes() {
  if (!pending_filter_.empty()) {
    const auto answers = rpc_.batch({{"eth_getFilterChanges", list(json_text(pending_filter_))}});
    if (!answers) return Failure(answers.error());
    if (const auto value = answers->answers[0].value()) return read_hashes(*value);
  }
  if (const auto opened = open_pending_filter(); !opened) return Failure(opened.error());
  return call<std::vector<Hash32>>("eth_getBlockByNumber", R"(["pending",false])", [](const JsonElement& value) {
    simdjson::dom::element hashes;
    if (value["transactions"].get(hashes) != simdjson::SUCCESS) return Result<std::vector<Hash32>>();  // no pending block
    return read_hashes(hashes);
  });
}

Result<std::vector<Transaction>> JsonRpcNode::transactions(const std::vector<Hash32>& hashes) {
  std::vector<Transaction> out;
  for (std::size_t from = 0; from < hashes.size(); from += rpc_.limits().max_batch) {
    const std::size_t count = std::min(rpc_.limits().max_batch, hashes.size() - from);
    std::vector<RpcCall> calls;
    for (std::size_t i = from; i < from + count; ++i) calls.push_back({"eth_getTransactionByHash", list(json_text(hashes[i]))});
    const auto answers = rpc_.batch(calls);
    if (!answers) return Failure(answers.error());
    for (const RpcAnswer& answer : answers->answers) {
      const auto value = answer.value();
      if (!value) return Failure(value.error());
      if (value->is_null()) continue;  // Replaced or dropped meanwhile.
      auto transaction = read_transaction(*value);
      if (!transaction) return Failure(transaction.error());
      out.push_back(std::move(*transaction));
    }
  }
  return out;
}

}  // namespace holdfast::chain::evm
