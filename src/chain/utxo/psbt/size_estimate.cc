// How large a transaction will be when it is signed: what is missing is taken to be as long as it can be.
#include "chain/utxo/psbt/input_form.h"
#include "chain/utxo/psbt/psbt.h"

#include <algorithm>

namespace holdfast::chain::utxo {
namespace {

constexpr std::size_t kLargestEcdsa = 72;  // DER of a low S, and the sighash byte.
constexpr std::size_t kSchnorr = 64;
constexpr std::size_t kPublicKey = 33;

std::vector<Bytes> stack_of(const PsbtInput& input, const InputForm& form) {
  // A type that is not DEFAULT is written behind the signature.
  const std::size_t schnorr = kSchnorr + (input.sighash_type.value_or(0) != 0 ? 1 : 0);
  switch (form.kind) {
    case InputForm::Kind::unknown: break;
    case InputForm::Kind::single_key: return {Bytes(kLargestEcdsa), Bytes(kPublicKey)};
    case InputForm::Kind::multisig: {
      std::vector<Bytes> out{Bytes()};
      out.insert(out.end(), form.multisig.threshold, Bytes(kLargestEcdsa));
      out.push_back(form.script_code);
      return out;
    }
    case InputForm::Kind::taproot: {
      if (form.leaves.empty() || input.tap_key_signature) return {Bytes(schnorr)};
      const LeafForm& leaf = form.leaves.front();
      std::vector<Bytes> out(leaf.multisig.keys.size());
      std::fill_n(out.begin(), std::min<std::size_t>(leaf.multisig.threshold, out.size()), Bytes(schnorr));
      out.push_back(leaf.script);
      out.push_back(leaf.control);
      return out;
    }
  }
  return {};
}

// As many bytes as pushing these takes; which, does not matter.
Bytes pushed(const std::vector<Bytes>& stack) {
  std::size_t size = 0;
  for (const Bytes& item : stack) size += item.size() + (item.size() > 0xff ? 3 : item.size() > 75 ? 2 : 1);
  return Bytes(size);
}

}  // namespace

std::optional<std::size_t> estimate_vsize(const Psbt& psbt) {
  const auto view = SigningView::of(psbt);
  auto transaction = psbt.unsigned_transaction();
  if (!view || !transaction) return std::nullopt;
  for (std::size_t i = 0; i < psbt.inputs.size(); ++i) {
    const PsbtInput& input = psbt.inputs[i];
    TxIn& out = transaction->inputs[i];
    if (is_final(input)) {
      out.script_sig = input.final_script_sig;
      out.witness = input.final_witness;
      continue;
    }
    const auto form = (*view)->form(i);
    if (!form || form->kind == InputForm::Kind::unknown) return std::nullopt;
    const std::vector<Bytes> stack = stack_of(input, *form);
    const bool in_witness = form->segwit || form->kind == InputForm::Kind::taproot;
    if (in_witness) {
      if (!input.redeem_script.empty()) out.script_sig = pushed({input.redeem_script});
      out.witness = stack;
    } else {
      out.script_sig = pushed(stack);
    }
  }
  return vsize_of(*transaction);
}

}  // namespace holdfast::chain::utxo
