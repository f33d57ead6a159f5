#include "chain/utxo/psbt/psbt.h"

#include "chain/utxo/codec/compact.h"
#include "chain/utxo/psbt/input_form.h"

#include <algorithm>

namespace holdfast::chain::utxo {

namespace {

constexpr std::uint8_t kHasSingle = 0x04;  // BIP 370's flags: this one holds once anybody has set it, others while all do.

// BIP 370, "Determining Lock Time": the kind that every input can live with, a height when both would do.
std::optional<std::uint32_t> locktime_of(const Psbt& psbt) {
  bool any = false;
  bool height_fits = true;
  bool time_fits = true;
  std::uint32_t height = 0;
  std::uint32_t time = 0;
  for (const PsbtInput& input : psbt.inputs) {
    const auto& by_height = input.required_height_locktime;
    const auto& by_time = input.required_time_locktime;
    if (!by_height && !by_time) continue;
    any = true;
    height_fits = height_fits && by_height.has_value();
    time_fits = time_fits && by_time.has_value();
    height = std::max(height, by_height.value_or(0));
    time = std::max(time, by_time.value_or(0));
  }
  if (!any) return psbt.fallback_locktime;
  if (height_fits) return height;
  if (time_fits) return time;
  return std::nullopt;
}

// Described.keys, by how PSBTs tell them apart.
template <class Described>
void put_keys(Described& described, const DerivedOutput& output) {
  if (!output.internal_key) {
    for (const KeyOrigin& key : output.keys) described.derivations[key.key] = {key.master, key.path};
    return;
  }
  const auto leaf_keys = parse_multi_a(output.leaf_script);
  for (const KeyOrigin& key : output.keys) {
    const XOnlyKey x = x_only(key.key);
    TapDerivation& derivation = described.tap_derivations[x];
    derivation.derivation = {key.master, key.path};
    derivation.leaves.clear();
    const bool in_leaf = leaf_keys && std::ranges::find(leaf_keys->keys, x) != leaf_keys->keys.end();
    if (in_leaf) derivation.leaves.push_back(tapleaf_hash(output.leaf_script));
  }
}

template <class T>
void join(std::optional<T>& into, const std::optional<T>& from) {
  if (!into) into = from;
}
template <class T>
void join(std::vector<T>& into, const std::vector<T>& from) {
  if (into.empty()) into = from;
}
template <class Key, class Value, class Order>
void join(std::map<Key, Value, Order>& into, const std::map<Key, Value, Order>& from) {
  into.insert(from.begin(), from.end());
}

void join(PsbtInput& into, const PsbtInput& from) {
  join(into.required_time_locktime, from.required_time_locktime);
  join(into.required_height_locktime, from.required_height_locktime);
  join(into.non_witness_utxo, from.non_witness_utxo);
  join(into.witness_utxo, from.witness_utxo);
  join(into.partial_signatures, from.partial_signatures);
  join(into.sighash_type, from.sighash_type);
  join(into.redeem_script, from.redeem_script);
  join(into.witness_script, from.witness_script);
  join(into.derivations, from.derivations);
  join(into.tap_key_signature, from.tap_key_signature);
  join(into.tap_script_signatures, from.tap_script_signatures);
  join(into.tap_leaf_scripts, from.tap_leaf_scripts);
  join(into.tap_derivations, from.tap_derivations);
  join(into.tap_internal_key, from.tap_internal_key);
  join(into.tap_merkle_root, from.tap_merkle_root);
  join(into.final_script_sig, from.final_script_sig);
  join(into.final_witness, from.final_witness);
  join(into.unknown, from.unknown);
}

void join(PsbtOutput& into, const PsbtOutput& from) {
  join(into.redeem_script, from.redeem_script);
  join(into.witness_script, from.witness_script);
  join(into.derivations, from.derivations);
  join(into.tap_internal_key, from.tap_internal_key);
  join(into.tap_tree, from.tap_tree);
  join(into.tap_derivations, from.tap_derivations);
  join(into.unknown, from.unknown);
}

}  // namespace

Result<Transaction> Psbt::unsigned_transaction() const {
  const auto locktime = locktime_of(*this);
  if (!locktime) return refuse("psbt_locktime", "one input requires a height, another one a time");
  Transaction transaction;
  transaction.version = transaction_version;
  transaction.locktime = *locktime;
  for (const PsbtInput& input : inputs) transaction.inputs.push_back({input.previous, {}, input.sequence, {}});
  for (const PsbtOutput& output : outputs) transaction.outputs.push_back({output.value, output.script});
  return transaction;
}

Result<TxOut> spent_output(const PsbtInput& input) {
  const auto name = [&input] { return display(input.previous.txid) + ":" + std::to_string(input.previous.vout); };
  if (!input.non_witness_utxo) {
    if (!input.witness_utxo) return refuse("psbt_utxo_missing", name());
    return *input.witness_utxo;
  }
  const Transaction& previous = *input.non_witness_utxo;
  if (txid_of(previous) != input.previous.txid || input.previous.vout >= previous.outputs.size()) {
    return refuse("psbt_utxo_differs", name() + " is not in the transaction shown for it");
  }
  const TxOut& spent = previous.outputs[input.previous.vout];
  if (input.witness_utxo && *input.witness_utxo != spent) {
    return refuse("psbt_utxo_differs", name() + " is shown in two ways");
  }
  return spent;
}

void describe(PsbtInput& input, const DerivedOutput& output) {
  input.redeem_script = output.redeem_script;
  input.witness_script = output.witness_script;
  put_keys(input, output);
  if (!output.internal_key) return;
  input.tap_internal_key = output.internal_key;
  if (output.leaf_script.empty()) return;
  Bytes leaf = output.leaf_script;
  leaf.push_back(kTapscriptLeaf);
  input.tap_leaf_scripts[output.control_block] = std::move(leaf);
  input.tap_merkle_root = tapleaf_hash(output.leaf_script);
}

void describe(PsbtOutput& output, const DerivedOutput& derived) {
  output.redeem_script = derived.redeem_script;
  output.witness_script = derived.witness_script;
  put_keys(output, derived);
  if (!derived.internal_key) return;
  output.tap_internal_key = derived.internal_key;
  if (derived.leaf_script.empty()) return;
  output.tap_tree = {0, kTapscriptLeaf};  // The only leaf, at depth 0.
  put_var_bytes(output.tap_tree, derived.leaf_script);
}

Result<Psbt> combine(const Psbt& a, const Psbt& b) {
  const auto ours = a.unsigned_transaction();
  const auto theirs = b.unsigned_transaction();
  if (!ours) return Failure(ours.error());
  if (!theirs) return Failure(theirs.error());
  if (*ours != *theirs) return refuse("psbt_other_transaction");
  Psbt out = a;
  const unsigned single = (a.modifiable | b.modifiable) & kHasSingle;
  out.modifiable = static_cast<std::uint8_t>((a.modifiable & b.modifiable) | single);
  join(out.xpubs, b.xpubs);
  join(out.unknown, b.unknown);
  for (std::size_t i = 0; i < out.inputs.size(); ++i) join(out.inputs[i], b.inputs[i]);
  for (std::size_t i = 0; i < out.outputs.size(); ++i) join(out.outputs[i], b.outputs[i]);
  const auto joined = out.unsigned_transaction();
  if (!joined || *joined != *ours) return refuse("psbt_other_transaction", "together they require another locktime");
  return out;
}

Result<Transaction> extract(const Psbt& psbt) {
  auto transaction = psbt.unsigned_transaction();
  if (!transaction) return transaction;
  if (psbt.inputs.empty() || psbt.outputs.empty()) return refuse("psbt_incomplete", "no inputs or no outputs");
  for (std::size_t i = 0; i < psbt.inputs.size(); ++i) {
    const PsbtInput& input = psbt.inputs[i];
    if (!is_final(input)) {
      return refuse("psbt_incomplete", "input " + std::to_string(i) + " is not final");
    }
    transaction->inputs[i].script_sig = input.final_script_sig;
    transaction->inputs[i].witness = input.final_witness;
  }
  return transaction;
}

}  // namespace holdfast::chain::utxo
