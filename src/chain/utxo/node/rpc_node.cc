#include "chain/utxo/node/rpc_node.h"

#include "base/check.h"
#include "base/hex.h"
#include "chain/utxo/codec/hash.h"
#include "chain/utxo/node/json_read.h"

#include <fmt/format.h>

#include <algorithm>

namespace holdfast::chain::utxo {

namespace {

constexpr std::size_t kHeaderBytes = 80;
constexpr unsigned kMaxTarget = 1008;  // Blocks: what nodes estimate for at most.
constexpr int kReorgTries = 3;         // A height's hash is asked for again when a reorg came between two calls.

Failure malformed(std::string_view what) { return fault("node_answer_malformed", std::string(what)); }

bool contains(std::string_view text, std::initializer_list<std::string_view> parts) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  std::string folded(text);
  std::ranges::transform(folded, folded.begin(), lower);
  return std::ranges::any_of(parts, [&](std::string_view part) { return folded.find(part) != std::string::npos; });
}

std::string one_id(const Hash32& id) { return fmt::format(R"(["{}"])", display(id)); }

// Why a node has a block's header and not the block. Its words differ, its code is the one for anything.
Failure block_failure(const RpcAnswer& answer) {
  if (contains(answer.error_text, {"pruned"})) return fault("block_pruned", answer.error_text);
  if (contains(answer.error_text, {"not available", "not found on disk", "not fully downloaded"})) {
    return fault("block_missing", answer.error_text);
  }
  return answer.failure();
}

bool is_known_already(std::string_view words) {
  return contains(words, {"already in block chain", "already in utxo set", "txn-already-known", "txn-already-in-mempool",
                          "txn-same-nonwitness-data-in-mempool", "already have transaction"});
}

// Nodes agree on no codes for these: the words are what there is, and they have been the same for years.
Failure send_failure(const RpcAnswer& answer) {
  const std::string& words = answer.error_text;
  if (answer.error_code == kRpcWarmingUp) return answer.failure();
  if (contains(words, {"missingorspent", "missing-inputs", "missing inputs"})) return fault("inputs_missing", words);
  if (contains(words, {"insufficient fee", "replacement-failed", "less fees than conflicting", "feerate diagram"})) {
    return fault("underpriced", words);
  }
  if (contains(words, {"min relay fee not met", "mempool min fee not met", "min fee not met", "mempool full"})) {
    return fault("fee_too_low", words);
  }
  if (contains(words, {"txn-mempool-conflict", "spends-conflicting-tx", "too many potential replacements",
                       "replacement-adds-unconfirmed"})) {
    return fault("conflict", words);
  }
  return fault("refused", words);
}

std::string scan_object(const ScanTarget& target) {
  return fmt::format(R"({{"desc":{},"range":{}}})", json_text(target.descriptor), target.last_index);
}

}  // namespace

RpcNode::RpcNode(RpcNodeSettings settings) : rpc_(std::move(settings.address), settings.limits), feed_(rpc_, settings.listen) {}

template <class Answer, class Read>
Result<Answer> RpcNode::call(std::string_view method, std::string params, Read&& read) {
  const auto answers = rpc_.batch({{method, std::move(params)}});
  if (!answers) return Failure(answers.error());
  return read(answers->answers[0]);
}

Result<NodeInfo> RpcNode::info() {
  const auto answers = rpc_.batch({{"getblockchaininfo", "[]"}, {"getblockhash", "[0]"}});
  if (!answers) return Failure(answers.error());
  const auto chain = answers->answers[0].value();
  const auto genesis = answers->answers[1].value();
  if (!chain) return Failure(chain.error());
  if (!genesis) return Failure(genesis.error());
  auto out = read_info(*chain);
  const auto hash = read_id(*genesis);
  if (!hash) return Failure(hash.error());
  if (out) out->genesis = *hash;
  return out;
}

Result<Header> RpcNode::best() {
  const auto hash = call<Hash32>("getbestblockhash", "[]", [](const RpcAnswer& answer) -> Result<Hash32> {
    const auto value = answer.value();
    return value ? read_id(*value) : Failure(value.error());
  });
  if (!hash) return Failure(hash.error());
  const auto found = header(*hash);
  if (!found) return Failure(found.error());
  if (!*found) return malformed("a best block that it does not know");
  return **found;
}

Result<std::optional<Hash32>> RpcNode::hash_at(std::uint64_t height) {
  using Found = std::optional<Hash32>;
  if (height > 0x7fffffff) return Found();
  return call<Found>("getblockhash", fmt::format("[{}]", height), [](const RpcAnswer& answer) -> Result<Found> {
    if (!answer.ok && answer.error_code == kRpcInvalidParameter) return Found();  // Above the end.
    const auto value = answer.value();
    if (!value) return Failure(value.error());
    const auto hash = read_id(*value);
    if (!hash) return Failure(hash.error());
    return Found(*hash);
  });
}

Result<std::optional<Header>> RpcNode::header_at(std::uint64_t height) {
  for (int i = 0; i < kReorgTries; ++i) {
    const auto hash = hash_at(height);
    if (!hash) return Failure(hash.error());
    if (!*hash) return std::optional<Header>();
    auto found = header(**hash);
    if (!found) return found;
    if (!*found || (*found)->height != height) return malformed("the header of another height");
    if ((*found)->on_best_chain) return found;
  }
  return fault("node_unavailable", "its best chain changes faster than it answers");
}

Result<std::optional<Header>> RpcNode::header(const Hash32& hash) {
  using Found = std::optional<Header>;
  return call<Found>("getblockheader", one_id(hash), [&](const RpcAnswer& answer) -> Result<Found> {
    if (!answer.ok && answer.error_code == kRpcNotFound) return Found();
    const auto value = answer.value();
    if (!value) return Failure(value.error());
    const auto out = read_header(*value);
    if (!out) return Failure(out.error());
    if (out->hash != hash) return malformed("the header of another block");
    return Found(*out);
  });
}

Result<std::optional<Bytes>> RpcNode::block(const Hash32& hash) {
  using Found = std::optional<Bytes>;
  return call<Found>("getblock", fmt::format(R"(["{}",0])", display(hash)), [&](const RpcAnswer& answer) -> Result<Found> {
    if (!answer.ok && answer.error_code == kRpcNotFound) return Found();
    if (!answer.ok && answer.error_code == kRpcMisc) return block_failure(answer);
    const auto value = answer.value();
    if (!value) return Failure(value.error());
    auto out = read_bytes(*value);
    if (!out) return Failure(out.error());
    if (out->size() > kMaxRawBlockBytes) return fault("node_answer_too_large", "a block");
    if (out->size() <= kHeaderBytes || sha256d(ByteView(*out).first(kHeaderBytes)) != hash) return malformed("another block");
    return Found(std::move(*out));
  });
}

Result<Pool> RpcNode::pool() {
  const auto read = [](const RpcAnswer& answer) -> Result<Pool> {
    const auto value = answer.value();
    return value ? read_pool(*value) : Failure(value.error());
  };
  auto out = call<Pool>("getrawmempool", "[false,true]", read);
  if (out || out.error().code != "node_refused") return out;
  return call<Pool>("getrawmempool", "[false]", read);  // Too old to know of the sequence.
}

Result<std::optional<PoolEntry>> RpcNode::pool_entry(const Txid& txid) {
  using Found = std::optional<PoolEntry>;
  return call<Found>("getmempoolentry", one_id(txid), [](const RpcAnswer& answer) -> Result<Found> {
    if (!answer.ok && answer.error_code == kRpcNotFound) return Found();
    const auto value = answer.value();
    if (!value) return Failure(value.error());
    auto out = read_pool_entry(*value);
    if (!out) return Failure(out.error());
    return Found(std::move(*out));
  });
}

Result<FeeEstimate> RpcNode::fee_estimate(unsigned target_blocks) {
  HF_CHECK(target_blocks >= 1 && target_blocks <= kMaxTarget);
  const auto answers = rpc_.batch({{"estimatesmartfee", fmt::format(R"([{},"ECONOMICAL"])", target_blocks)},
                                   {"getmempoolinfo", "[]"},
                                   {"getnetworkinfo", "[]"}});
  if (!answers) return Failure(answers.error());
  for (const RpcAnswer& answer : answers->answers) {
    if (!answer.ok) return answer.failure();
  }
  return read_fees(answers->answers[0].result, answers->answers[1].result, answers->answers[2].result);
}

Result<Acceptance> RpcNode::test_accept(ByteView raw) {
  return call<Acceptance>("testmempoolaccept", fmt::format(R"([["{}"]])", to_hex(raw)),
                          [](const RpcAnswer& answer) -> Result<Acceptance> {
                            const auto value = answer.value();
                            return value ? read_acceptance(*value) : Failure(value.error());
                          });
}

Result<Txid> RpcNode::send(ByteView raw) {
  const auto transaction = decode_transaction(raw);
  if (!transaction) return fault("refused", transaction.error().text);
  const Txid txid = txid_of(*transaction);
  const auto answers = rpc_.batch({{"sendrawtransaction", fmt::format(R"(["{}"])", to_hex(raw))}});
  if (!answers) return Failure(answers.error());
  const RpcAnswer& answer = answers->answers[0];
  if (answer.ok) {
    const auto id = read_id(answer.result);
    if (!id || *id != txid) return malformed("it took another transaction");
    return txid;
  }
  if (is_known_already(answer.error_text)) return txid;
  const Failure failure = send_failure(answer);
  if (failure.error().code != "inputs_missing") return failure;
  // Mined, and all its outputs spent since: the inputs are missing because this very transaction spent them.
  const auto known = is_known(txid);
  return known && *known ? Result<Txid>(txid) : failure;
}

Result<bool> RpcNode::is_known(const Txid& txid) {
  const auto found = transaction(txid, std::nullopt);
  if (!found) return Failure(found.error());
  return found->has_value();
}

Result<std::optional<UnspentOutput>> RpcNode::unspent(const OutPoint& outpoint, bool with_pool) {
  using Found = std::optional<UnspentOutput>;
  const std::string params = fmt::format(R"(["{}",{},{}])", display(outpoint.txid), outpoint.vout, with_pool);
  return call<Found>("gettxout", params, [](const RpcAnswer& answer) -> Result<Found> {
    const auto value = answer.value();
    if (!value) return Failure(value.error());
    if (value->is_null()) return Found();
    auto out = read_unspent(*value);
    if (!out) return Failure(out.error());
    return Found(std::move(*out));
  });
}

Result<std::optional<MinedTransaction>> RpcNode::transaction(const Txid& txid, const std::optional<Hash32>& in_block) {
  using Found = std::optional<MinedTransaction>;
  std::string params = fmt::format(R"(["{}",true)", display(txid));
  if (in_block) params += fmt::format(R"(,"{}")", display(*in_block));
  params += "]";
  const auto read = [&](const RpcAnswer& answer) -> Result<Found> {
    if (!answer.ok && answer.error_code == kRpcNotFound) {
      if (contains(answer.error_text, {"in the process of being indexed"})) return fault("node_unavailable", answer.error_text);
      return Found();
    }
    if (!answer.ok && answer.error_code == kRpcMisc) return block_failure(answer);
    const auto value = answer.value();
    if (!value) return Failure(value.error());
    auto verbose = read_verbose_transaction(*value);
    if (!verbose) return Failure(verbose.error());
    auto checked = checked_transaction(txid, std::move(verbose->raw));
    if (!checked) return Failure(checked.error());
    if (!*checked) return Found();
    return Found(MinedTransaction{std::move(**checked), verbose->block});
  };
  auto out = call<Found>("getrawtransaction", params, read);
  if (!in_block || !out || *out) return out;
  return transaction(txid, std::nullopt);
}

Result<ScanResult> RpcNode::scan(const std::vector<ScanTarget>& targets) {
  std::vector<std::string> objects;
  for (const ScanTarget& target : targets) objects.push_back(scan_object(target));
  const std::string params = fmt::format(R"(["start",[{}]])", fmt::join(objects, ","));
  const auto answers = rpc_.batch({{"scantxoutset", params}}, rpc_.limits().scan_timeout_ms);
  if (!answers) return Failure(answers.error());
  const RpcAnswer& answer = answers->answers[0];
  if (!answer.ok && contains(answer.error_text, {"scan already in progress"})) {
    return fault("node_unavailable", answer.error_text);
  }
  const auto value = answer.value();
  if (!value) return Failure(value.error());
  return read_scan(*value);
}

}  // namespace holdfast::chain::utxo
