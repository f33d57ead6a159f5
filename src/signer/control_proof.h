// Proofs of control of a wallet's addresses (BIP 322), signed by the signer's operator and never on holdfastd's asking.
//
// A signature can leave only over a transaction that no block can ever hold and that moves nothing: its one input "spends" an
// output of value 0 of a virtual transaction, its one output is an empty OP_RETURN of value 0. Both transactions are built here,
// from the message and from what the wallet's own descriptor derives; the PSBT only says which message and which index, and has
// to be the same transaction. Pure.
#pragma once

#include "base/result.h"
#include "chain/utxo/psbt/psbt.h"
#include "signer/keys/keys.h"
#include "signer/policy.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::signer {

inline constexpr std::size_t kMaxProofMessageBytes = 4'096;
inline constexpr std::uint32_t kMaxProofIndex = 10'000'000;  // Above what any wallet has given out.

struct ControlProof {
  const CoinChainRule* chain = nullptr;
  const CoinWalletRule* wallet = nullptr;
  std::uint32_t branch = 0;
  std::uint32_t index = 0;
  Bytes script;
  std::string message;       // All that is signed; a person can read it (is_readable).
  chain::utxo::Psbt to_sign;  // Built anew; with the other signers' signatures that were there.
};

// A text that a terminal shows as it is: UTF-8 without control characters (but for line breaks) and without such as change the
// order in which it is read.
bool is_readable(std::string_view text);

// What the PSBT asks to be signed, with the policy's own wallets. The pointers are into the policy. Refusals:
//   proof_message_missing      the PSBT carries no message
//   proof_message_unreadable   it is empty, longer than kMaxProofMessageBytes, or not is_readable()
//   proof_input_count, proof_output_count    not exactly one
//   proof_pays                 its output has a value, or is not OP_RETURN alone
//   proof_transaction_differs  another version, locktime or sequence than 0
//   proof_sighash              it asks for anything but the whole transaction
//   proof_index_missing        its derivations name no index, or several
//   proof_index_too_high       over kMaxProofIndex
//   proof_script_foreign       what it spends is of no wallet of the policy at this index
//   proof_amount               what it spends is said to be worth something
//   proof_outpoint_differs     what it spends is not the virtual transaction of this message and script: another message, or a
//                              coin
// and psbt_utxo_missing, psbt_utxo_differs, psbt_locktime.
Result<ControlProof> explain_control_proof(const Policy& policy, const chain::utxo::Psbt& stated);

// The PSBT with this signer's signature in it. Refuses `key_missing` (none of the wallet's keys is of its seed).
Result<chain::utxo::Psbt> sign_control_proof(const ControlProof& proof, const Keys& keys);

}  // namespace holdfast::signer
