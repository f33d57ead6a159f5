// A PSBT that is read is written and read again as the same, in both versions; no role falls over it.
#include "base/check.h"
#include "chain/utxo/psbt/psbt.h"
#include "chain/utxo/psbt/sign_input.h"

#include <cstddef>
#include <cstdint>

using namespace holdfast;
using namespace holdfast::chain::utxo;

namespace {

// The master that the inputs name first.
Fingerprint master_of(const Psbt& psbt) {
  for (const PsbtInput& input : psbt.inputs) {
    if (!input.derivations.empty()) return input.derivations.begin()->second.master;
    if (!input.tap_derivations.empty()) return input.tap_derivations.begin()->second.derivation.master;
  }
  return {};
}

void check_trip(const Psbt& psbt) {
  const auto again = read_psbt(write_psbt(psbt));
  HF_CHECK(again && *again == psbt);
  const auto as_v0 = read_psbt(write_psbt(psbt, PsbtVersion::v0));
  const auto as_v2 = read_psbt(write_psbt(psbt, PsbtVersion::v2));
  // What is unknown in one version may be a field of the other, and is refused there.
  for (const auto* other : {&as_v0, &as_v2}) {
    if (!*other) continue;
    HF_CHECK(txid_of(*(*other)->unsigned_transaction()) == txid_of(*psbt.unsigned_transaction()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto psbt = read_psbt(ByteView(data, size));
  if (!psbt) {
    HF_CHECK(psbt.error().kind == ErrorKind::refusal);
    return 0;
  }
  check_trip(*psbt);
  const auto joined = combine(*psbt, *psbt);
  HF_CHECK(joined && *joined == *psbt);
  const auto digests = digests_for(*psbt, master_of(*psbt));
  HF_CHECK(digests || digests.error().kind == ErrorKind::refusal);
  const auto complete = finalize(*psbt);
  if (complete && !complete->inputs.empty() && !complete->outputs.empty()) HF_CHECK(extract(*complete));
  return 0;
}
