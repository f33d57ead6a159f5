// Whether a witness satisfies what an input spends: every signature in it, against the true digest.
#pragma once

#include "chain/utxo/psbt/input_form.h"

#include <vector>

namespace holdfast::chain::utxo {

// `form`: as view.form(input) gives it, of an input that shows its scripts. P2WPKH, P2WSH multisig, P2TR by key and by multi_a leaf, all
// of type ALL or DEFAULT; the witness has to hold the scripts that the input shows. Refuses `signature_wrong`,
// `witness_unsupported` (another kind of script).
Result<void> check_witness(const SigningView& view, std::size_t input, const InputForm& form, const std::vector<Bytes>& witness);

}  // namespace holdfast::chain::utxo
