// Signed messages of any address (BIP 322): who controls an address, proven without spending from it.
#pragma once

#include "base/result.h"
#include "chain/utxo/psbt/psbt.h"

#include <optional>
#include <string>
#include <string_view>

namespace holdfast::chain::utxo {

Hash32 bip322_message_hash(std::string_view message);
// The virtual transaction that is "spent": its only output has the address's script.
Transaction bip322_to_spend(std::string_view message, ByteView script_pubkey);
// What the owners sign: a PSBT of the virtual to_sign transaction, described by the wallet's descriptor, so that the same
// signers and hardware wallets sign it as any other. It carries the message in BIP 322's global field (type 09).
Psbt bip322_to_sign(std::string_view message, const DerivedOutput& output);
// The message of that field. None when there is no such field; whether the transaction is of it, only rebuilding tells.
std::optional<std::string> bip322_message(const Psbt& psbt);

// Base64 of the witness stack behind "smp" (simple) or of the whole transaction behind "ful" (full). From a finalised to_sign
// PSBT. Refuses `psbt_incomplete`, and simple ones `bip322_unsupported` where only a full one will do (a scriptSig).
Result<std::string> bip322_simple(const Psbt& signed_psbt);
Result<std::string> bip322_full(const Psbt& signed_psbt);

// Whether the signature proves control of the script over the message: a simple or a full one, by its prefix; without one
// (as before the BIP was final) whichever it can be read as. P2WPKH, P2WSH multisig, P2TR by key and by multi_a leaf; anything
// else is `bip322_unsupported` (proofs of funds, too), a wrong one `signature_wrong`, bytes that are none `bip322_malformed`.
// A full one may have a locktime or a sequence: these scripts do not look at them.
Result<void> bip322_verify(std::string_view message, ByteView script_pubkey, std::string_view signature);

}  // namespace holdfast::chain::utxo
