#include "chain/utxo/psbt/check_witness.h"

#include <algorithm>

namespace holdfast::chain::utxo {

namespace {

Failure wrong(std::string text) { return refuse("signature_wrong", std::move(text)); }

Result<void> check_key(const SigningView& view, std::size_t input, const InputForm& form, const std::vector<Bytes>& witness) {
  if (witness.size() != 2 || witness[1].size() != PublicKey33::kSize) return wrong("not a signature and a key");
  const PublicKey33 key = PublicKey33::from(witness[1]);
  if (hash160(key.view()) != form.key_hash) return wrong("another key");
  if (!view.ecdsa_holds(input, view.ecdsa_digest(input, form), key, witness[0])) return wrong("it does not hold");
  return {};
}

// An empty item, then the threshold's signatures in the order of their keys, then the script.
Result<void> check_multisig(const SigningView& view, std::size_t input, const InputForm& form, const std::vector<Bytes>& witness) {
  if (witness.size() != form.multisig.threshold + std::size_t{2} || !witness.front().empty()) return wrong("another number of items");
  if (witness.back() != form.script_code) return wrong("another script");
  const Hash32 digest = view.ecdsa_digest(input, form);
  auto key = form.multisig.keys.begin();
  for (std::size_t i = 1; i + 1 < witness.size(); ++i) {
    key = std::find_if(key, form.multisig.keys.end(), [&](const PublicKey33& each) {
      return view.ecdsa_holds(input, digest, each, witness[i]);
    });
    if (key == form.multisig.keys.end()) return wrong("signature " + std::to_string(i) + " does not hold");
    ++key;
  }
  return {};
}

Result<void> check_leaf(const SigningView& view, std::size_t input, const LeafForm& leaf, const std::vector<Bytes>& witness) {
  const std::size_t keys = leaf.multisig.keys.size();
  if (witness.size() != keys + 2) return wrong("another number of items");
  if (witness[keys] != leaf.script || witness.back() != leaf.control) return wrong("another leaf");
  std::size_t held = 0;
  for (std::size_t i = 0; i < keys; ++i) {
    const Bytes& signature = witness[keys - 1 - i];
    if (signature.empty()) continue;
    if (!view.schnorr_holds(input, leaf.multisig.keys[i], leaf.hash, signature)) return wrong("it does not hold");
    ++held;
  }
  if (held != leaf.multisig.threshold) return wrong(std::to_string(held) + " signatures");
  return {};
}

Result<void> check_taproot(const SigningView& view, std::size_t input, const InputForm& form, const std::vector<Bytes>& witness) {
  if (witness.size() > 1) {
    if (form.leaves.empty()) return refuse("witness_unsupported", "another kind of leaf");
    return check_leaf(view, input, form.leaves.front(), witness);
  }
  if (witness.empty()) return wrong("an empty witness");
  if (!view.schnorr_holds(input, form.output_key, std::nullopt, witness.front())) return wrong("it does not hold");
  return {};
}

}  // namespace

Result<void> check_witness(const SigningView& view, std::size_t input, const InputForm& form, const std::vector<Bytes>& witness) {
  const bool legacy = form.kind != InputForm::Kind::taproot && !form.segwit;
  switch (legacy ? InputForm::Kind::unknown : form.kind) {
    case InputForm::Kind::unknown: break;
    case InputForm::Kind::single_key: return check_key(view, input, form, witness);
    case InputForm::Kind::multisig: return check_multisig(view, input, form, witness);
    case InputForm::Kind::taproot: return check_taproot(view, input, form, witness);
  }
  return refuse("witness_unsupported", "another kind of script");
}

}  // namespace holdfast::chain::utxo
