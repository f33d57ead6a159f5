// What a spend of coins is on chain: its inputs, its outputs, its fee. Pure functions of the state, the spend and the fees.
//
//   purpose            outputs
//   withdrawal         what each withdrawal of the batch asks for, and the change
//   burn,              the change alone: the coins go to a fresh script of their own wallet
//   consolidation
//   evacuation,        all to the cold wallet's address, less the fee
//   reserve
//
// Every input signals replaceability (BIP 125). The locktime is the newest block's height, so that nobody gains from
// mining it into an earlier block again (fee sniping). Outputs stand in an order that tells nothing.
#pragma once

#include "base/result.h"
#include "chain/port.h"
#include "chain/utxo/codec/transaction.h"
#include "chain/utxo/psbt/psbt.h"
#include "chain/utxo/wallets.h"

#include <array>
#include <functional>

namespace holdfast::chain::utxo {

// What a reserve pays, in satoshi per 1,000 virtual bytes: one of them will be right when it is needed.
inline constexpr std::array<std::int64_t, kReserveLevels> kReserveFeerates = {5'000, 20'000, 80'000, 320'000};
// A coin that is worth less than this has no reserve: its dearest level would eat most of it.
inline constexpr std::int64_t kReserveWorthSat = 200'000;
// A rescue may cost this share of what it saves: 1 / 2. The rest would be the miners'.
inline constexpr std::int64_t kRescueShare = 2;

struct SpendFees {
  FeeQuote quote;
  std::int64_t max_feerate = 0;      // sat/kvB: a ceiling for all but rescues.
  std::int64_t relay_feerate = 1000;  // sat/kvB: what a replacement has to pay on top, for its own size.
  std::int64_t market_feerate = 0;    // sat/kvB: what a payment pays for its ancestors, too, if they pay less (child.h).
};

// Gives the transaction of this id, which an input spends, whole. Null when it is not there.
using PreviousTransaction = std::function<const Transaction*(const Txid&)>;

// A PSBT, version 2, with all that a signer needs to explain it: derivations and scripts of inputs and change, and of
// segwit v0 inputs the whole previous transaction (BIP 143 commits to an input's own amount only).
// Refusals: `funds_below_fee` (the coins do not pay for it), `previous_missing`, `script_differs` (a coin is not where its
// descriptor says), `purpose_wrong`, and those of descriptors.
Result<Psbt> form_of(const custody::State& state, const custody::Spend& spend, const SpendFees& fees, const Wallets& wallets,
                     const PreviousTransaction& previous);

// What one more input of the wallet weighs.
Result<std::int64_t> input_weight(const custody::Wallet& wallet, const Wallets& wallets);
// Of an output with this script.
std::int64_t output_weight(ByteView script);
inline constexpr std::int64_t kEnvelopeWeight = 4 * 10 + 2;  // version, counts, locktime; marker and flag
// Satoshi for so much weight, rounded up.
std::int64_t fee_for(std::int64_t feerate, std::int64_t weight);

}  // namespace holdfast::chain::utxo
