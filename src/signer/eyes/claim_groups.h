// What the provers of both families do alike: claims are sorted by the block that has to be read for them, and those that
// cannot be told yet have their verdict.
#pragma once

#include "signer/eyes/eyes.h"

#include <map>
#include <string>
#include <vector>

namespace holdfast::signer {

Verdict proven();
Verdict not_yet(std::string_view reason, std::string text = {});
Verdict false_claim(std::string_view reason, std::string text = {});

// Refuses `claims_too_many`, `chain_differs`.
Result<void> check_claims(std::span<const DepositClaim> claims, std::string_view chain);

// Blocks up to `last` are final; the node has blocks up to `newest`.
struct FinalBlocks {
  std::uint64_t last = 0;
  std::uint64_t newest = 0;
};

// Places in `claims`, by height, of those in final blocks. The others' verdicts are written. A place whose verdict has a
// reason already is left out.
std::map<std::uint64_t, std::vector<std::size_t>> group_claims(std::span<const DepositClaim> claims, FinalBlocks blocks,
                                                               std::vector<Verdict>& verdicts);

// Gives all that have none yet this verdict.
void fill(std::vector<Verdict>& verdicts, const Verdict& with);

// What a node's failure says of a claim: `chain_moved` is not_final, its own refusals and pruned blocks are node_lacks, all
// else is node_down.
Verdict verdict_of(const Error& error);

}  // namespace holdfast::signer
