// One claim of a deposit against what a block was read to hold. The rest of evm_prover.h.
#pragma once

#include "chain/evm/read_deposits.h"
#include "signer/eyes/eyes.h"
#include "signer/policy.h"

#include <optional>
#include <vector>

namespace holdfast::signer {

struct EvmClaim {
  Address20 address;
  std::optional<Address20> contract;  // None: the native coin.
  Amount amount;
  Hash32 txid;
  std::uint32_t position = 0;
  std::optional<Address20> from;  // None: not said.
};

// None when it is of no form that this chain has.
std::optional<EvmClaim> read_claim(const DepositClaim& claim);

// The chain's own addresses by the policy, with the assets that are claimed. Their ids mean nothing outside.
struct ClaimedAssets {
  chain::evm::Own own;
  custody::AssetId id_of(const EvmClaim& claim) const;  // Precondition: of one of the claims.
};
ClaimedAssets assets_of(const ChainRule& rule, const std::vector<EvmClaim>& claims);

struct ReadBlock {
  const chain::evm::BlockEvidence& evidence;
  const chain::evm::DepositReading& reading;
  const ClaimedAssets& assets;
};

// Asks the node once more for what is not proven, to say why. Faults of the node.
Result<Verdict> judge_claim(chain::evm::Node& node, const ReadBlock& block, const EvmClaim& claim);

}  // namespace holdfast::signer
