#include "signer/eyes/claim_groups.h"

#include <fmt/format.h>

namespace holdfast::signer {

Verdict proven() { return {Proof::proven, "", ""}; }
Verdict not_yet(std::string_view reason, std::string text) { return {Proof::not_yet, reason, std::move(text)}; }
Verdict false_claim(std::string_view reason, std::string text) { return {Proof::false_claim, reason, std::move(text)}; }

Result<void> check_claims(std::span<const DepositClaim> claims, std::string_view chain) {
  if (claims.size() > kMaxClaims) return refuse("claims_too_many", fmt::format("{} at once", claims.size()));
  for (const DepositClaim& claim : claims) {
    if (claim.chain != chain) return refuse("chain_differs", "a deposit of another chain than this node's");
  }
  return {};
}

std::map<std::uint64_t, std::vector<std::size_t>> group_claims(std::span<const DepositClaim> claims, FinalBlocks blocks,
                                                               std::vector<Verdict>& verdicts) {
  std::map<std::uint64_t, std::vector<std::size_t>> out;
  for (std::size_t i = 0; i < claims.size(); ++i) {
    if (!verdicts[i].reason.empty()) continue;
    const std::uint64_t height = claims[i].height;
    if (height > blocks.newest) {
      verdicts[i] = not_yet("node_behind", fmt::format("its newest block is {}", blocks.newest));
    } else if (height > blocks.last) {
      verdicts[i] = not_yet("not_final", fmt::format("final up to {}", blocks.last));
    } else {
      out[height].push_back(i);
    }
  }
  return out;
}

void fill(std::vector<Verdict>& verdicts, const Verdict& with) {
  for (Verdict& verdict : verdicts) {
    if (verdict.proof == Proof::not_yet && verdict.reason.empty()) verdict = with;
  }
}

Verdict verdict_of(const Error& error) {
  std::string text = fmt::format("{}: {}", error.code, error.text);
  if (error.code == "chain_moved") return not_yet("not_final", std::move(text));
  if (error.code == "wrong_chain" || error.code == "node_behind" || error.code == "node_down") return not_yet(error.code, error.text);
  const bool lacks = error.code == "node_refused" || error.code == "block_pruned" || error.code == "block_missing";
  return not_yet(lacks ? "node_lacks" : "node_down", std::move(text));
}

}  // namespace holdfast::signer
