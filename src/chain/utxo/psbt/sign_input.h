// Making and checking the signatures of a PSBT's inputs.
#pragma once

#include "chain/utxo/psbt/psbt.h"

#include <functional>

namespace holdfast::chain::utxo {

// What one key has to sign in one input.
struct InputDigest {
  std::size_t input = 0;
  Hash32 digest;
  PublicKey33 key;                // Whose (x-only keys: with an even prefix).
  Derivation derivation;          // How to get at it from the master.
  std::optional<Hash32> leaf;     // Taproot script path; none with `taproot`: key path.
  bool taproot = false;
  std::uint8_t sighash_type = 0;  // DEFAULT for Taproot, unless the input asks for ALL; ALL otherwise. Never anything else.
};

// A segwit v0 signature commits to the value of its own input only. Whoever judges fees must not believe the others as they are
// shown, unless the transactions that made them are shown, too (non_witness_utxo), or their values are known otherwise.

// Every signature that keys under this master fingerprint can add, and that is not there yet. All inputs must show the output
// they spend. Refuses `psbt_utxo_missing`, `psbt_utxo_differs`, `psbt_sighash` (an input that asks for anything but ALL or DEFAULT),
// `psbt_script_differs` (a script that does not hash to what is spent).
Result<std::vector<InputDigest>> digests_for(const Psbt& psbt, const Fingerprint& master);

// Puts a signature where it belongs: DER and sighash byte, or the 64 bytes of Schnorr. Verifies it. Refuses `signature_wrong`.
Result<void> add_signature(Psbt& psbt, const InputDigest& of, ByteView signature);

// Signs all that this master key can. The number of signatures added. Refusals as digests_for, and of derivation.
Result<std::size_t> sign_psbt(Psbt& psbt, const ExtendedSecretKey& master);

}  // namespace holdfast::chain::utxo
