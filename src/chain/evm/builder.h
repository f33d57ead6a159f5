// Builds, combines and broadcasts EVM transactions: the Builder port over a Node.
#pragma once

#include "chain/evm/node.h"
#include "chain/port.h"

#include <cstdint>

namespace holdfast::chain::evm {

// `node` has to outlive the builder. Only quote() and broadcast() use it.
class EvmBuilder final : public Builder {
 public:
  EvmBuilder(std::uint64_t chain_id, Node& node) : chain_id_(chain_id), node_(node) {}

  // Twice the base fee and the node's tip: survives six full blocks before it has to be replaced.
  Result<FeeQuote> quote() override;
  FeeQuote bump(const FeeQuote& previous, const FeeQuote& quoted) const override;

  // Refusals: those of spend_form.h.
  Result<Bytes> build(const custody::State& state, const custody::Spend& spend, const FeeQuote& fees) const override;

  // An owner is whoever the state registers as a signer. An evacuation takes one signature, whatever the quorum.
  // Refusals: `quorum_missing`, and those of spend_form.h.
  Result<Authorisation> combine_owners(const custody::State& state, const custody::Spend& spend,
                                       const std::vector<OwnerSignature>& signatures, std::size_t quorum) const override;

  // Refusals: `signature_wrong`, and those of decode_unsigned() and recover().
  Result<custody::Attempt> combine(ByteView unsigned_transaction, const FixedBytes<65>& signature,
                                   const custody::Address& sender, Instant signed_at) const override;

  // Faults: `underpriced`, `nonce_used`, `refused`, and those of the node.
  Result<void> broadcast(ByteView raw) override;

 private:
  std::uint64_t chain_id_;
  Node& node_;
};

}  // namespace holdfast::chain::evm
