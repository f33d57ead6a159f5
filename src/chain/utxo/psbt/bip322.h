// Signed messages of any address (BIP 322): who controls an address, proven without spending from it.
#pragma once

#include "base/result.h"
#include "chain/utxo/psbt/psbt.h"

#include <string>
#include <string_view>

namespace holdfast::chain::utxo {

Hash32 bip322_message_hash(std::string_view message);
// The virtual transaction that is "spent": its only output has the address's script.
Transaction bip322_to_spend(std::string_view message, ByteView script_pubkey);
// What the owners sign: a PSBT of the virtual to_sign transaction, described by the wallet's descriptor, so that the same
// signers and hardware wallets sign it as any other.
Psbt bip322_to_sign(std::string_view message, const DerivedOutput& output);

// Base64 of the witness stack (simple) or of the whole transaction (full). From a finalised to_sign PSBT.
// Refuses `psbt_incomplete`.
Result<std::string> bip322_simple(const Psbt& signed_psbt);
Result<std::string> bip322_full(const Psbt& signed_psbt);

// Whether the signature (simple or full) proves control of the script over the message. P2WPKH, P2WSH multisig, P2TR by key
// and by multi_a leaf; anything else is `bip322_unsupported`, a wrong one `signature_wrong`, bytes that are none
// `bip322_malformed`.
Result<void> bip322_verify(std::string_view message, ByteView script_pubkey, std::string_view signature);

}  // namespace holdfast::chain::utxo
