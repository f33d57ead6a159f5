// What a spend is on chain: the call it makes, what it may cost in gas, and what a Safe's owners sign for it.
// Pure functions of the state, the spend and the chain's number.
//
//   wallet        purpose               transaction
//   safe          withdrawal, burn      gas wallet -> Safe.execTransaction(transfer, or nothing to itself)
//   safe          evacuation            gas wallet -> module.evacuateWithSignature(assets)
//   forwarders    sweep                 gas wallet -> factory.flush(salts, tokens)
//   single_key    withdrawal,           its own key -> the destination, or the token
//   and gas       evacuation
//                 burn                  its own key -> itself, nothing
#pragma once

#include "base/result.h"
#include "chain/evm/codec/transaction.h"
#include "chain/port.h"
#include "custody/state.h"

#include <cstdint>

namespace holdfast::chain::evm {

// Never zero for a Safe's inner call: with zero a failing call reverts as a whole, the Safe's nonce stays unused, and
// the approval could be played again by anybody for ever.
inline constexpr std::uint64_t kInnerNativeGas = 100'000;
inline constexpr std::uint64_t kInnerTokenGas = 200'000;
inline constexpr std::uint64_t kInnerBurnGas = 30'000;
inline constexpr std::uint64_t kBurnGas = 21'000;          // An account's own transaction to itself.
inline constexpr std::uint64_t kNativeTransferGas = 60'000;  // The recipient may be a Safe, which runs code.
inline constexpr std::uint64_t kTokenTransferGas = 150'000;
inline constexpr std::uint64_t kTransactionGasMax = std::uint64_t{1} << 24;  // EIP-7825

// What the owners of a Safe sign (EIP-712): a Safe transaction, or an order to its evacuation module.
// Refusals: `not_a_safe_spend`, and those of transaction_of().
Result<Hash32> intent_of(std::uint64_t chain_id, const custody::State& state, const custody::Spend& spend);

// As Builder::build() says. Refusals: `address_malformed`, `gas_wallet_missing`, `funds_below_fee`, `purpose_wrong`.
Result<Eip1559Transaction> transaction_of(std::uint64_t chain_id, const custody::State& state, const custody::Spend& spend,
                                          const FeeQuote& fees);

}  // namespace holdfast::chain::evm
