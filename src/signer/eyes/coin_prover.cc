#include "signer/eyes/coin_prover.h"

#include "chain/utxo/codec/block.h"
#include "custody/address.h"
#include "signer/eyes/claim_groups.h"
#include "signer/eyes/node_health.h"

#include <algorithm>
#include <map>
#include <set>

namespace holdfast::signer {
namespace {

using namespace chain::utxo;

bool is_well_formed(const DepositClaim& claim, const Network& network) {
  return claim.asset_contract.empty() && claim.from.empty() && !claim.address.empty() &&
         claim.address.size() <= custody::Address::kMaxSize && !claim.amount.is_zero() &&
         claim.amount.units() <= network.max_money;
}

// Keeps the outputs of the transactions that are asked for.
class Outputs final : public BlockVisitor {
 public:
  explicit Outputs(std::set<Txid> wanted) : wanted_(std::move(wanted)) {}

  void begin(const TransactionView& transaction) override {
    now_ = wanted_.contains(transaction.txid) ? &found_[transaction.txid] : nullptr;
  }
  void output(std::uint32_t vout, std::int64_t value, ByteView script) override {
    if (now_) (*now_)[vout] = {value, to_bytes(script)};
  }

  using ByNumber = std::map<std::uint32_t, TxOut>;
  // Null: the block does not hold the transaction.
  const ByNumber* of(const Txid& txid) const {
    const auto found = found_.find(txid);
    return found == found_.end() ? nullptr : &found->second;
  }

 private:
  std::set<Txid> wanted_;
  std::map<Txid, ByNumber> found_;
  ByNumber* now_ = nullptr;
};

Verdict compare(const DepositClaim& claim, const TxOut& output) {
  if (output.script != claim.address) return false_claim("other_recipient");
  if (output.value != claim.amount.units()) return false_claim("other_amount", "it brought " + std::to_string(output.value));
  return proven();
}

class ClaimJudge {
 public:
  ClaimJudge(Node& node, const CoinChainRule& rule, FinalBlocks blocks) : node_(node), rule_(rule), blocks_(blocks) {}

  Result<Outputs> read(std::uint64_t height, std::set<Txid> wanted) {
    const auto header = node_.header_at(height);
    if (!header) return Failure(header.error());
    if (!*header) return fault("chain_moved", "the node has no block at this height any more");
    const auto raw = node_.block((*header)->hash);
    if (!raw) return Failure(raw.error());
    if (!*raw) return fault("chain_moved", "the block is gone");
    Outputs out(std::move(wanted));
    if (const auto read = visit_block(**raw, out); !read) return fault("node_answer_malformed", read.error().text);
    return out;
  }

  Result<Verdict> judge(const DepositClaim& claim, const Outputs& block) {
    const auto* outputs = block.of(claim.txid);
    if (!outputs) return elsewhere(claim);
    const auto output = outputs->find(claim.position);
    return output == outputs->end() ? false_claim("nothing_there") : compare(claim, output->second);
  }

 private:
  // What was there before holdfastd's first block is dated to that block.
  Result<Verdict> elsewhere(const DepositClaim& claim) {
    const auto known = node_.transaction(claim.txid, std::nullopt);
    if (!known) return Failure(known.error());
    if (*known && (*known)->block) return in_block(claim, **known);
    const auto unspent = node_.unspent({claim.txid, claim.position}, false);
    if (!unspent) return Failure(unspent.error());
    if (!*unspent || (*unspent)->confirmations == 0) return false_claim("no_such_transaction");
    const std::uint64_t above = (*unspent)->confirmations - 1;
    const std::uint64_t height = blocks_.newest - std::min(blocks_.newest, above);
    return by_age(claim, height, (*unspent)->output);
  }

  Result<Verdict> in_block(const DepositClaim& claim, const MinedTransaction& mined) {
    const auto header = node_.header(*mined.block);
    if (!header) return Failure(header.error());
    if (!*header || !(*header)->on_best_chain) return false_claim("no_such_transaction", "its block is not on the best chain");
    const auto transaction = decode_transaction(mined.transaction.raw, {rule_.network->max_money, true});
    if (!transaction || txid_of(*transaction) != claim.txid) return fault("node_answer_malformed", "another transaction");
    if (claim.position >= transaction->outputs.size()) return false_claim("nothing_there");
    return by_age(claim, (*header)->height, transaction->outputs[claim.position]);
  }

  Verdict by_age(const DepositClaim& claim, std::uint64_t height, const TxOut& output) const {
    if (height >= claim.height) return false_claim("other_block", "it is in block " + std::to_string(height));
    if (height > blocks_.last) return not_yet("not_final");
    return compare(claim, output);
  }

  Node& node_;
  const CoinChainRule& rule_;
  FinalBlocks blocks_;
};

}  // namespace

Result<std::vector<Verdict>> CoinProver::prove(std::span<const DepositClaim> claims, Instant now) {
  if (auto good = check_claims(claims, rule_.caip2); !good) return Failure(good.error());
  std::vector<Verdict> out(claims.size());
  for (std::size_t i = 0; i < claims.size(); ++i) {
    if (!is_well_formed(claims[i], *rule_.network)) out[i] = false_claim("claim_malformed", "no script or amount of this chain");
  }
  const auto best = healthy_head(node_, *rule_.network, settings_.max_behind_ms, now);
  if (!best) return fill(out, verdict_of(best.error())), out;
  const std::uint32_t depth = settings_.depth.value_or(0);
  if (depth == 0 || best->height < depth) return fill(out, not_yet("not_final", "no block is final yet")), out;
  const FinalBlocks blocks{best->height - depth, best->height};
  for (const auto& [height, places] : group_claims(claims, blocks, out)) {
    std::set<Txid> wanted;
    for (const std::size_t place : places) wanted.insert(claims[place].txid);
    ClaimJudge judge(node_, rule_, blocks);
    const auto block = judge.read(height, std::move(wanted));
    for (const std::size_t place : places) {
      const auto verdict = block ? judge.judge(claims[place], *block) : Result<Verdict>(Failure(block.error()));
      out[place] = verdict ? *verdict : verdict_of(verdict.error());
    }
    if (out[places.front()].reason == "node_down") break;  // Each further question would wait as long.
  }
  fill(out, not_yet("node_down", "the node failed at an earlier block"));
  return out;
}

}  // namespace holdfast::signer
