// The finalizer: turns the signatures of each input into what the network checks.
#include "base/check.h"
#include "chain/utxo/psbt/input_form.h"
#include "chain/utxo/psbt/psbt.h"

#include <algorithm>

namespace holdfast::chain::utxo {

namespace {

constexpr std::uint8_t kPushData1 = 0x4c;
constexpr std::uint8_t kPushData2 = 0x4d;
constexpr std::size_t kMaxDirectPush = 75;

struct Completed {
  std::vector<Bytes> stack;  // In a witness, or pushed by a scriptSig.
  std::size_t had = 0;
  std::size_t needed = 1;
  bool is_complete() const { return had >= needed; }
};

void push(Bytes& script, ByteView data) {
  HF_CHECK(data.size() <= 0xffff);
  if (data.size() > 0xff) {
    script.insert(script.end(), {kPushData2, static_cast<std::uint8_t>(data.size() & 0xff),
                                 static_cast<std::uint8_t>(data.size() >> 8)});
  } else if (data.size() > kMaxDirectPush) {
    script.insert(script.end(), {kPushData1, static_cast<std::uint8_t>(data.size())});
  } else {
    script.push_back(static_cast<std::uint8_t>(data.size()));  // Of nothing: OP_0.
  }
  script.insert(script.end(), data.begin(), data.end());
}

Completed complete_single_key(const PsbtInput& input, const SigningView& view, std::size_t index, const InputForm& form) {
  Completed out;
  const Hash32 digest = view.ecdsa_digest(index, form);
  for (const auto& [key, signature] : input.partial_signatures) {
    if (hash160(key.view()) != form.key_hash || !view.ecdsa_holds(index, digest, key, signature)) continue;
    out.stack = {signature, to_bytes(key.view())};
    out.had = 1;
  }
  return out;
}

// CHECKMULTISIG takes one item more than it needs, and signatures in the order of their keys.
Completed complete_multisig(const PsbtInput& input, const SigningView& view, std::size_t index, const InputForm& form) {
  Completed out;
  out.needed = form.multisig.threshold;
  out.stack.emplace_back();
  const Hash32 digest = view.ecdsa_digest(index, form);
  for (const PublicKey33& key : form.multisig.keys) {
    const auto found = input.partial_signatures.find(key);
    if (out.is_complete() || found == input.partial_signatures.end()) continue;
    if (!view.ecdsa_holds(index, digest, key, found->second)) continue;
    out.stack.push_back(found->second);
    ++out.had;
  }
  out.stack.push_back(form.script_code);
  return out;
}

// The stack's top meets the first key, so signatures stand in the reverse order of keys; an empty item is none. NUMEQUAL
// wants exactly the threshold: one more would fail.
Completed complete_leaf(const PsbtInput& input, const SigningView& view, std::size_t index, const LeafForm& leaf) {
  Completed out;
  out.needed = leaf.multisig.threshold;
  for (const XOnlyKey& key : leaf.multisig.keys) {
    const auto found = input.tap_script_signatures.find({key, leaf.hash});
    Bytes& item = out.stack.emplace_back();
    if (out.is_complete() || found == input.tap_script_signatures.end()) continue;
    if (!view.schnorr_holds(index, key, leaf.hash, found->second)) continue;
    item = found->second;
    ++out.had;
  }
  std::ranges::reverse(out.stack);
  out.stack.push_back(leaf.script);
  out.stack.push_back(leaf.control);
  return out;
}

Completed complete_taproot(const PsbtInput& input, const SigningView& view, std::size_t index, const InputForm& form) {
  const auto& by_key = input.tap_key_signature;
  if (by_key && view.schnorr_holds(index, form.output_key, std::nullopt, *by_key)) return {{*by_key}, 1, 1};
  Completed best;
  for (const LeafForm& leaf : form.leaves) {
    Completed tried = complete_leaf(input, view, index, leaf);
    if (tried.is_complete()) return tried;
    if (best.stack.empty() || tried.had > best.had) best = std::move(tried);
  }
  return best;
}

Completed complete(const PsbtInput& input, const SigningView& view, std::size_t index, const InputForm& form) {
  switch (form.kind) {
    case InputForm::Kind::unknown: break;
    case InputForm::Kind::single_key: return complete_single_key(input, view, index, form);
    case InputForm::Kind::multisig: return complete_multisig(input, view, index, form);
    case InputForm::Kind::taproot: return complete_taproot(input, view, index, form);
  }
  return {};
}

// BIP 174: of a final input nothing stays but what it spends, what it became, and what nobody knew.
PsbtInput final_input(const PsbtInput& from, const InputForm& form, std::vector<Bytes> stack) {
  PsbtInput out;
  out.previous = from.previous;
  out.sequence = from.sequence;
  out.required_time_locktime = from.required_time_locktime;
  out.required_height_locktime = from.required_height_locktime;
  out.non_witness_utxo = from.non_witness_utxo;
  out.witness_utxo = from.witness_utxo;
  out.unknown = from.unknown;
  if (form.segwit) {
    if (!from.redeem_script.empty()) push(out.final_script_sig, from.redeem_script);
    out.final_witness = std::move(stack);
  } else {
    for (const Bytes& item : stack) push(out.final_script_sig, item);
  }
  return out;
}

}  // namespace

Result<Psbt> finalize(const Psbt& psbt) {
  if (std::ranges::all_of(psbt.inputs, is_final)) return psbt;
  const auto view = SigningView::of(psbt);
  if (!view) return Failure(view.error());
  Psbt out = psbt;
  for (std::size_t i = 0; i < psbt.inputs.size(); ++i) {
    const PsbtInput& input = psbt.inputs[i];
    if (is_final(input)) continue;
    const auto form = (*view)->form(i);
    if (!form) return Failure(form.error());
    if (form->kind == InputForm::Kind::unknown) {
      return refuse("psbt_incomplete", "input " + std::to_string(i) + " is of a form that we cannot complete");
    }
    Completed completed = complete(input, **view, i, *form);
    if (!completed.is_complete()) {
      return refuse("psbt_incomplete", "input " + std::to_string(i) + " has " + std::to_string(completed.had) + " of " +
                                           std::to_string(completed.needed) + " signatures");
    }
    out.inputs[i] = final_input(input, *form, std::move(completed.stack));
  }
  return out;
}

}  // namespace holdfast::chain::utxo
