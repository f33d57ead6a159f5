// Writing of PSBTs: every map in the order of its keys, so that what is the same is written the same.
#include "base/check.h"
#include "chain/utxo/psbt/psbt.h"
#include "chain/utxo/psbt/psbt_base64.h"
#include "chain/utxo/psbt/psbt_map.h"

namespace holdfast::chain::utxo {

namespace {

constexpr std::string_view kMagic = "psbt\xff";

Bytes bytes_of(const Derivation& derivation) {
  Bytes out = to_bytes(derivation.master.view());
  for (const std::uint32_t step : derivation.path) put_u32(out, step);
  return out;
}

Bytes bytes_of(const TapDerivation& derivation) {
  Bytes out;
  put_compact(out, derivation.leaves.size());
  for (const Hash32& leaf : derivation.leaves) put_bytes(out, leaf.view());
  put_bytes(out, bytes_of(derivation.derivation));
  return out;
}

Bytes bytes_of(const TxOut& output) {
  Bytes out;
  put_u64(out, static_cast<std::uint64_t>(output.value));
  put_var_bytes(out, output.script);
  return out;
}

Bytes bytes_of(const std::vector<Bytes>& stack) {
  Bytes out;
  put_compact(out, stack.size());
  for (const Bytes& item : stack) put_var_bytes(out, item);
  return out;
}

template <class Type>
void put_present(PsbtMap& map, Type type, const Bytes& value) {
  if (!value.empty()) put_field(map, type, value);
}

template <class Type, class Keyed>
void put_derivations(PsbtMap& map, Type type, const Keyed& derivations) {
  for (const auto& [key, derivation] : derivations) put_field(map, type, bytes_of(derivation), key.view());
}

void put_spent(PsbtMap& map, const PsbtInput& input) {
  put_field(map, InputType::previous_txid, input.previous.txid.view());
  put_number(map, InputType::output_index, input.previous.vout);
  if (input.sequence != kSequenceFinal) put_number(map, InputType::sequence, input.sequence);
  if (input.required_time_locktime) put_number(map, InputType::required_time, *input.required_time_locktime);
  if (input.required_height_locktime) put_number(map, InputType::required_height, *input.required_height_locktime);
}

void put_taproot(PsbtMap& map, const PsbtInput& input) {
  if (input.tap_key_signature) put_field(map, InputType::tap_key_signature, *input.tap_key_signature);
  for (const auto& [signer, signature] : input.tap_script_signatures) {
    Bytes key = to_bytes(signer.first.view());
    put_bytes(key, signer.second.view());
    put_field(map, InputType::tap_script_signature, signature, key);
  }
  for (const auto& [control, script] : input.tap_leaf_scripts) put_field(map, InputType::tap_leaf_script, script, control);
  put_derivations(map, InputType::tap_derivation, input.tap_derivations);
  if (input.tap_internal_key) put_field(map, InputType::tap_internal_key, input.tap_internal_key->view());
  if (input.tap_merkle_root) put_field(map, InputType::tap_merkle_root, input.tap_merkle_root->view());
}

PsbtMap map_of(const PsbtInput& input, PsbtVersion version) {
  PsbtMap map = input.unknown;
  if (version == PsbtVersion::v2) put_spent(map, input);
  if (input.non_witness_utxo) put_field(map, InputType::non_witness_utxo, encode(*input.non_witness_utxo));
  if (input.witness_utxo) put_field(map, InputType::witness_utxo, bytes_of(*input.witness_utxo));
  for (const auto& [key, signature] : input.partial_signatures) {
    put_field(map, InputType::partial_signature, signature, key.view());
  }
  if (input.sighash_type) put_number(map, InputType::sighash_type, *input.sighash_type);
  put_present(map, InputType::redeem_script, input.redeem_script);
  put_present(map, InputType::witness_script, input.witness_script);
  put_derivations(map, InputType::derivation, input.derivations);
  put_present(map, InputType::final_script_sig, input.final_script_sig);
  if (!input.final_witness.empty()) put_field(map, InputType::final_witness, bytes_of(input.final_witness));
  put_taproot(map, input);
  return map;
}

PsbtMap map_of(const PsbtOutput& output, PsbtVersion version) {
  PsbtMap map = output.unknown;
  if (version == PsbtVersion::v2) {
    Bytes amount;
    put_u64(amount, static_cast<std::uint64_t>(output.value));
    put_field(map, OutputType::amount, amount);
    put_field(map, OutputType::script, output.script);
  }
  put_present(map, OutputType::redeem_script, output.redeem_script);
  put_present(map, OutputType::witness_script, output.witness_script);
  put_derivations(map, OutputType::derivation, output.derivations);
  if (output.tap_internal_key) put_field(map, OutputType::tap_internal_key, output.tap_internal_key->view());
  put_present(map, OutputType::tap_tree, output.tap_tree);
  put_derivations(map, OutputType::tap_derivation, output.tap_derivations);
  return map;
}

void put_count(PsbtMap& map, GlobalType type, std::size_t count) {
  Bytes value;
  put_compact(value, count);
  put_field(map, type, value);
}

PsbtMap global_map_of(const Psbt& psbt, PsbtVersion version) {
  PsbtMap map = psbt.unknown;
  for (const auto& [key, derivation] : psbt.xpubs) put_field(map, GlobalType::xpub, bytes_of(derivation), key);
  if (version == PsbtVersion::v0) {
    const auto transaction = psbt.unsigned_transaction();
    HF_CHECK(transaction);  // read_psbt refuses one that has no locktime; who builds one gives it one.
    put_field(map, GlobalType::unsigned_tx, encode_without_witness(*transaction));
    return map;
  }
  put_number(map, GlobalType::version, static_cast<std::uint32_t>(version));
  put_number(map, GlobalType::tx_version, static_cast<std::uint32_t>(psbt.transaction_version));
  if (psbt.fallback_locktime != 0) put_number(map, GlobalType::fallback_locktime, psbt.fallback_locktime);
  put_count(map, GlobalType::input_count, psbt.inputs.size());
  put_count(map, GlobalType::output_count, psbt.outputs.size());
  if (psbt.modifiable != 0) put_field(map, GlobalType::modifiable, Bytes{psbt.modifiable});
  return map;
}

}  // namespace

Bytes write_psbt(const Psbt& psbt) { return write_psbt(psbt, psbt.version); }

Bytes write_psbt(const Psbt& psbt, PsbtVersion version) {
  Bytes out;
  put_bytes(out, as_bytes(kMagic));
  put_map(out, global_map_of(psbt, version));
  for (const PsbtInput& input : psbt.inputs) put_map(out, map_of(input, version));
  for (const PsbtOutput& output : psbt.outputs) put_map(out, map_of(output, version));
  return out;
}

std::string write_psbt_base64(const Psbt& psbt) { return to_base64(write_psbt(psbt)); }

}  // namespace holdfast::chain::utxo
