// Builds, combines and broadcasts EVM transactions: the Builder port over a Node.
#pragma once

#include "chain/evm/node.h"
#include "chain/port.h"

#include <cstdint>

namespace holdfast::chain::evm {

// One owner's signature: r, s (low), v (27 or 28).
struct OwnerSignature {
  custody::Address owner;
  FixedBytes<65> signature;
};

struct Authorisation {
  Hash32 intent;  // What was signed.
  Bytes bytes;    // As the contract wants it.
};

// `node` has to outlive the builder. Only quote() and broadcast() use it.
class EvmBuilder final : public Builder {
 public:
  EvmBuilder(std::uint64_t chain_id, Node& node) : chain_id_(chain_id), node_(node) {}

  // Twice the base fee and the node's tip: survives six full blocks before it has to be replaced.
  Result<FeeQuote> quote() override;
  FeeQuote bump(const FeeQuote& previous, const FeeQuote& quoted) const override;

  // Refusals: those of spend_form.h.
  Result<Bytes> build(const custody::State& state, const custody::Spend& spend, const FeeQuote& fees) const override;

  Result<custody::Command> complete(const custody::State& state, const custody::Spend& spend,
                                    ByteView unsigned_transaction, const std::vector<SignerAnswer>& answers,
                                    std::size_t needed, Instant now) const override;

  // An owner is whoever the state registers as a signer. An evacuation takes one signature, whatever the quorum.
  // Refusals: `quorum_missing`, and those of spend_form.h.
  Result<Authorisation> combine_owners(const custody::State& state, const custody::Spend& spend,
                                       const std::vector<OwnerSignature>& signatures, std::size_t quorum) const;

  // Unsigned transaction and sender's signature -> raw transaction and its id. Checks that it recovers to `sender`.
  // Refusals: `signature_wrong`, and those of decode_unsigned() and recover().
  Result<custody::Attempt> combine(ByteView unsigned_transaction, const FixedBytes<65>& signature,
                                   const custody::Address& sender, Instant signed_at) const;

  // Faults: `underpriced`, `nonce_used`, `refused`, and those of the node.
  Result<void> broadcast(ByteView raw) override;

 private:
  std::uint64_t chain_id_;
  Node& node_;
};

}  // namespace holdfast::chain::evm
