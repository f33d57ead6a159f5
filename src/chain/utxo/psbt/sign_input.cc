#include "chain/utxo/psbt/sign_input.h"

#include "chain/utxo/codec/signature.h"
#include "chain/utxo/psbt/input_form.h"

#include <algorithm>

namespace holdfast::chain::utxo {

namespace {

constexpr std::uint8_t kAll = static_cast<std::uint8_t>(Sighash::all);
constexpr std::uint8_t kMayChange = 0x03;  // BIP 370: nothing may be added to what has been signed as a whole.

PublicKey33 with_even_prefix(const XOnlyKey& key) {
  PublicKey33 out;
  out.bytes[0] = 0x02;
  std::ranges::copy(key.view(), out.bytes.begin() + 1);
  return out;
}

bool has_key(const InputForm& form, const PublicKey33& key) {
  if (form.kind == InputForm::Kind::single_key) return hash160(key.view()) == form.key_hash;
  return std::ranges::find(form.multisig.keys, key) != form.multisig.keys.end();
}

// The digests of one input that a master key can sign and that nobody has signed yet. A signature that does not hold
// counts as none: otherwise anybody could keep us from signing.
class InputWalk {
 public:
  InputWalk(const Psbt& psbt, const SigningView& view, std::size_t index, const InputForm& form, const Fingerprint& master,
            std::vector<InputDigest>& out)
      : input_(psbt.inputs[index]), view_(view), index_(index), form_(form), master_(master), out_(out) {}

  void ecdsa() {
    const Hash32 digest = view_.ecdsa_digest(index_, form_);
    for (const auto& [key, derivation] : input_.derivations) {
      if (derivation.master != master_ || !has_key(form_, key)) continue;
      const auto had = input_.partial_signatures.find(key);
      if (had != input_.partial_signatures.end() && view_.ecdsa_holds(index_, digest, key, had->second)) continue;
      out_.push_back({index_, digest, key, derivation, std::nullopt, false, kAll});
    }
  }

  void taproot() {
    for (const auto& [key, derivation] : input_.tap_derivations) {
      if (derivation.derivation.master != master_) continue;
      if (form_.internal_key == key) key_path(key, derivation.derivation);
      for (const LeafForm& leaf : form_.leaves) script_path(key, derivation.derivation, leaf);
    }
  }

 private:
  void key_path(const XOnlyKey& key, const Derivation& derivation) {
    const auto& had = input_.tap_key_signature;
    if (had && view_.schnorr_holds(index_, form_.output_key, std::nullopt, *had)) return;
    add_taproot(key, derivation, std::nullopt);
  }

  void script_path(const XOnlyKey& key, const Derivation& derivation, const LeafForm& leaf) {
    if (std::ranges::find(leaf.multisig.keys, key) == leaf.multisig.keys.end()) return;
    const auto had = input_.tap_script_signatures.find({key, leaf.hash});
    if (had != input_.tap_script_signatures.end() && view_.schnorr_holds(index_, key, leaf.hash, had->second)) return;
    add_taproot(key, derivation, leaf.hash);
  }

  void add_taproot(const XOnlyKey& key, const Derivation& derivation, const std::optional<Hash32>& leaf) {
    const auto type = static_cast<std::uint8_t>(input_.sighash_type.value_or(0));
    out_.push_back({index_, view_.taproot_digest(index_, type, leaf), with_even_prefix(key), derivation, leaf, true, type});
  }

  const PsbtInput& input_;
  const SigningView& view_;
  const std::size_t index_;
  const InputForm& form_;
  const Fingerprint& master_;
  std::vector<InputDigest>& out_;
};

Result<void> add_ecdsa(PsbtInput& input, const InputDigest& of, ByteView signature) {
  const bool typed = signature.size() >= 2 && signature.back() == of.sighash_type;
  if (!typed || !verify_ecdsa(of.key, of.digest, signature.first(signature.size() - 1))) {
    return refuse("signature_wrong", "input " + std::to_string(of.input));
  }
  input.partial_signatures[of.key] = to_bytes(signature);
  return {};
}

// The key that verifies: the leaf's, or the output's for the key path.
Result<void> add_schnorr(PsbtInput& input, const InputDigest& of, ByteView signature) {
  const auto wrong = [&of] { return refuse("signature_wrong", "input " + std::to_string(of.input)); };
  if (signature.size() != SchnorrSignature::kSize) return wrong();
  XOnlyKey key = x_only(of.key);
  if (!of.leaf) {
    const auto spent = spent_output(input);
    if (!spent || classify(spent->script) != ScriptKind::p2tr) return wrong();
    key = XOnlyKey::from(ByteView(spent->script).subspan(2, XOnlyKey::kSize));
  }
  if (!verify_schnorr(key, of.digest, SchnorrSignature::from(signature))) return wrong();
  Bytes typed = to_bytes(signature);
  if (of.sighash_type != 0) typed.push_back(of.sighash_type);
  if (of.leaf) {
    input.tap_script_signatures[{x_only(of.key), *of.leaf}] = std::move(typed);
  } else {
    input.tap_key_signature = std::move(typed);
  }
  return {};
}

Result<Bytes> sign_digest(const PsbtInput& input, const InputDigest& of, const Secret& key) {
  if (!of.taproot) {
    auto signature = sign_ecdsa(key, of.digest);
    if (signature) signature->push_back(of.sighash_type);
    return signature;
  }
  if (of.leaf) {
    const auto signature = sign_schnorr(key, of.digest);
    if (!signature) return Failure(signature.error());
    return to_bytes(signature->view());
  }
  const auto spent = spent_output(input);
  if (!spent) return Failure(spent.error());
  const auto form = form_of(input, *spent);
  if (!form) return Failure(form.error());
  const auto tweaked = taproot_tweaked_secret(key, form->merkle_root);
  if (!tweaked) return Failure(tweaked.error());
  const auto signature = sign_schnorr(*tweaked, of.digest);
  if (!signature) return Failure(signature.error());
  return to_bytes(signature->view());
}

}  // namespace

Result<std::vector<InputDigest>> digests_for(const Psbt& psbt, const Fingerprint& master) {
  const auto view = SigningView::of(psbt);
  if (!view) return Failure(view.error());
  std::vector<InputDigest> out;
  for (std::size_t i = 0; i < psbt.inputs.size(); ++i) {
    const PsbtInput& input = psbt.inputs[i];
    const auto form = (*view)->form(i);
    if (!form) return Failure({form.error().kind, form.error().code, "input " + std::to_string(i) + ": " + form.error().text});
    if (!asks_for_all(input, form->kind)) return refuse("psbt_sighash", "input " + std::to_string(i));
    if (is_final(input) || form->kind == InputForm::Kind::unknown) continue;
    InputWalk walk(psbt, **view, i, *form, master, out);
    form->kind == InputForm::Kind::taproot ? walk.taproot() : walk.ecdsa();
  }
  return out;
}

Result<void> add_signature(Psbt& psbt, const InputDigest& of, ByteView signature) {
  if (of.input >= psbt.inputs.size()) return refuse("signature_wrong", "of an input that is not there");
  PsbtInput& input = psbt.inputs[of.input];
  const auto added = of.taproot ? add_schnorr(input, of, signature) : add_ecdsa(input, of, signature);
  if (added) psbt.modifiable = static_cast<std::uint8_t>(psbt.modifiable & ~kMayChange);
  return added;
}

Result<std::size_t> sign_psbt(Psbt& psbt, const ExtendedSecretKey& master) {
  const auto root = neuter(master);
  if (!root) return Failure(root.error());
  const auto digests = digests_for(psbt, fingerprint_of(root->key));
  if (!digests) return Failure(digests.error());
  std::size_t added = 0;
  for (const InputDigest& of : *digests) {
    const auto derived = derive(master, of.derivation.path);
    if (!derived) return Failure(derived.error());
    const auto key = public_key_of(derived->key);
    if (!key) return Failure(key.error());
    // Four bytes of a fingerprint, or who wrote the PSBT, may say that a key is ours when it is not.
    const bool ours = of.taproot ? x_only(*key) == x_only(of.key) : *key == of.key;
    if (!ours) continue;
    const auto signature = sign_digest(psbt.inputs[of.input], of, derived->key);
    if (!signature) return Failure(signature.error());
    if (const auto put = add_signature(psbt, of, *signature); !put) return Failure(put.error());
    ++added;
  }
  return added;
}

}  // namespace holdfast::chain::utxo
