#include "signer/eyes/evm_prover.h"

#include "signer/eyes/claim_groups.h"
#include "signer/eyes/evm_claim.h"
#include "signer/eyes/node_health.h"

#include <algorithm>

namespace holdfast::signer {
namespace {

using namespace chain::evm;

// None while the chain has no final block.
Result<std::optional<std::uint64_t>> final_height(Node& node, const NodeSettings& settings, const Header& head) {
  if (settings.depth) {
    if (head.height < *settings.depth) return std::optional<std::uint64_t>();
    return std::optional<std::uint64_t>(head.height - *settings.depth);
  }
  const auto finalized = node.finalized();
  if (!finalized) return node_down(finalized.error());
  if (!*finalized) return std::optional<std::uint64_t>();
  return std::optional(std::min((*finalized)->height, head.height));
}

bool is_of_other_contracts(const EvmClaim& claim) { return !claim.contract && claim.position >= kInternalPosition; }

// One block for all of its claims.
class BlockProof {
 public:
  BlockProof(Node& node, const ChainRule& rule, bool can_trace) : node_(node), rule_(rule), can_trace_(can_trace) {}

  // In the order of the claims.
  Result<std::vector<Verdict>> judge(std::uint64_t height, const std::vector<EvmClaim>& claims) {
    const auto header = node_.header_at(height);
    if (!header) return Failure(header.error());
    if (!*header) return fault("chain_moved", "the node has no block at this height any more");
    const bool trace = can_trace_ && std::ranges::any_of(claims, is_of_other_contracts);
    const ClaimedAssets assets = assets_of(rule_, claims);
    AddressSet addresses;
    for (const EvmClaim& claim : claims) addresses.insert(claim.address);
    const auto choose = [&](const AddressSet& candidates) {
      AddressSet out;
      for (const Address20& candidate : candidates) if (addresses.contains(candidate)) out.insert(candidate);
      return out;
    };
    const auto evidence = gather(node_, assets.own, choose, (*header)->hash, trace);
    if (!evidence) return Failure(evidence.error());
    const auto reading = read_deposits(node_, *evidence, assets.own);
    if (!reading) return Failure(reading.error());
    std::vector<Verdict> out;
    for (const EvmClaim& claim : claims) {
      auto verdict = judge_claim(node_, {*evidence, *reading, assets}, claim);
      if (!verdict) return Failure(verdict.error());
      out.push_back(std::move(*verdict));
    }
    return out;
  }

 private:
  Node& node_;
  const ChainRule& rule_;
  bool can_trace_;
};

}  // namespace

Result<std::vector<Verdict>> EvmProver::prove(std::span<const DepositClaim> claims, Instant now) {
  if (auto good = check_claims(claims, rule_.caip2); !good) return Failure(good.error());
  std::vector<Verdict> out(claims.size());
  std::vector<EvmClaim> read(claims.size());
  for (std::size_t i = 0; i < claims.size(); ++i) {
    const auto claim = read_claim(claims[i]);
    if (claim) read[i] = *claim;
    else out[i] = false_claim("claim_malformed", "no address, contract or amount of this chain");
  }
  if (rule_.factory.is_zero()) fill(out, not_yet("factory_unknown", "the policy names no factory of deposit addresses"));
  const auto head = healthy_head(node_, rule_.chain_id, settings_.max_behind_ms, now);
  if (!head) return fill(out, verdict_of(head.error())), out;
  const auto last = final_height(node_, settings_, *head);
  if (!last) return fill(out, verdict_of(last.error())), out;
  if (!*last) return fill(out, not_yet("not_final", "no block is final yet")), out;
  for (const auto& [height, places] : group_claims(claims, {**last, head->height}, out)) {
    std::vector<EvmClaim> of_block;
    for (const std::size_t place : places) of_block.push_back(read[place]);
    const auto verdicts = BlockProof(node_, rule_, settings_.trace).judge(height, of_block);
    for (std::size_t i = 0; i < places.size(); ++i) out[places[i]] = verdicts ? (*verdicts)[i] : verdict_of(verdicts.error());
    if (!verdicts && out[places.front()].reason == "node_down") break;  // Each further question would wait as long.
  }
  fill(out, not_yet("node_down", "the node failed at an earlier block"));
  return out;
}

}  // namespace holdfast::signer
