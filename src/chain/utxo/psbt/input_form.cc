#include "chain/utxo/psbt/input_form.h"

#include "base/check.h"
#include "chain/utxo/codec/compact.h"
#include "chain/utxo/codec/signature.h"

#include <algorithm>

namespace holdfast::chain::utxo {

namespace {

constexpr std::uint8_t kDefault = static_cast<std::uint8_t>(Sighash::default_);
constexpr std::uint8_t kAll = static_cast<std::uint8_t>(Sighash::all);
constexpr std::uint8_t kLeafVersionMask = 0xfe;
constexpr std::size_t kControlBase = 33;

Failure differs(std::string text) { return refuse("psbt_script_differs", std::move(text)); }

// The hash in a p2pkh script: dup hash160 push20; in p2wpkh: 0 push20.
Hash20 hash_in_p2pkh(ByteView script) { return Hash20::from(script.subspan(3, Hash20::kSize)); }
Hash20 hash_in_p2wpkh(ByteView script) { return Hash20::from(script.subspan(2, Hash20::kSize)); }
XOnlyKey key_in_p2tr(ByteView script) { return XOnlyKey::from(script.subspan(2, XOnlyKey::kSize)); }

InputForm single_key(ByteView script, bool segwit) {
  InputForm form;
  form.kind = InputForm::Kind::single_key;
  form.segwit = segwit;
  form.key_hash = segwit ? hash_in_p2wpkh(script) : hash_in_p2pkh(script);
  form.script_code = segwit ? p2wpkh_script_code(script) : to_bytes(script);
  return form;
}

InputForm multisig(ByteView script, bool segwit) {
  InputForm form;
  auto parsed = parse_multisig(script);
  if (!parsed) return form;
  form.kind = InputForm::Kind::multisig;
  form.segwit = segwit;
  form.script_code = to_bytes(script);
  form.multisig = std::move(*parsed);
  return form;
}

// The leaf's way up to the output key. None when it does not lead there.
std::optional<Hash32> root_of(ByteView control, const Hash32& leaf, const XOnlyKey& output_key) {
  Hash32 node = leaf;
  for (std::size_t at = kControlBase; at < control.size(); at += Hash32::kSize) {
    node = tapbranch_hash(node, Hash32::from(control.subspan(at, Hash32::kSize)));
  }
  const auto output = taproot_output(XOnlyKey::from(control.subspan(1, XOnlyKey::kSize)), node);
  const bool leads_there = output && output->key == output_key && output->odd == ((control[0] & 1U) != 0);
  return leads_there ? std::optional(node) : std::nullopt;
}

bool has_control_size(ByteView control) {
  return control.size() >= kControlBase && (control.size() - kControlBase) % Hash32::kSize == 0;
}

Result<InputForm> taproot(const PsbtInput& input, ByteView script) {
  InputForm form;
  form.kind = InputForm::Kind::taproot;
  form.segwit = true;
  form.output_key = key_in_p2tr(script);
  form.merkle_root = input.tap_merkle_root;
  for (const auto& [control, versioned] : input.tap_leaf_scripts) {
    if (!has_control_size(control) || versioned.empty() || (control[0] & kLeafVersionMask) != versioned.back()) {
      return differs("a leaf whose control block is of another version");
    }
    const ByteView leaf_script = ByteView(versioned).first(versioned.size() - 1);
    const Hash32 leaf = tapleaf_hash(leaf_script, versioned.back());
    const auto root = root_of(control, leaf, form.output_key);
    if (!root) return differs("a leaf that the output does not commit to");
    if (form.merkle_root && *form.merkle_root != *root) return differs("the merkle root");
    form.merkle_root = root;
    auto keys = parse_multi_a(leaf_script);
    if (keys && versioned.back() == kTapscriptLeaf) {
      form.leaves.push_back({control, to_bytes(leaf_script), leaf, std::move(*keys)});
    }
  }
  if (!input.tap_internal_key) return form;
  const auto output = taproot_output(*input.tap_internal_key, form.merkle_root);
  if (!output || output->key != form.output_key) return differs("the internal key");
  form.internal_key = input.tap_internal_key;
  return form;
}

Result<InputForm> witness_script_form(const PsbtInput& input, ByteView script) {
  if (input.witness_script.empty()) return InputForm{};
  if (!std::ranges::equal(p2wsh_script(input.witness_script), script)) return differs("the witness script");
  return multisig(input.witness_script, true);
}

Result<InputForm> legacy(const PsbtInput& input, InputForm form) {
  if (form.kind != InputForm::Kind::unknown && !input.non_witness_utxo) {
    return refuse("psbt_utxo_missing", "the whole transaction that " + display(input.previous.txid) + " is");
  }
  return form;
}

}  // namespace

Result<InputForm> form_of(const PsbtInput& input, const TxOut& spent) {
  const ScriptKind outer = classify(spent.script);
  const bool wrapped = outer == ScriptKind::p2sh;
  if (!input.redeem_script.empty() &&
      (!wrapped || !std::ranges::equal(p2sh_script(hash160(input.redeem_script)), spent.script))) {
    return differs("the redeem script");
  }
  if (wrapped && input.redeem_script.empty()) return InputForm{};
  const Bytes& script = wrapped ? input.redeem_script : spent.script;
  const ScriptKind kind = classify(script);
  if (!input.witness_script.empty() && kind != ScriptKind::p2wsh) return differs("a witness script where none belongs");
  switch (kind) {
    case ScriptKind::p2wpkh: return single_key(script, true);
    case ScriptKind::p2wsh: return witness_script_form(input, script);
    case ScriptKind::p2tr:
      if (wrapped) return InputForm{};  // Anybody could spend it: Taproot is not defined inside p2sh.
      return taproot(input, script);
    case ScriptKind::p2pkh:
      if (wrapped) return InputForm{};
      return legacy(input, single_key(script, false));
    case ScriptKind::p2sh:
    case ScriptKind::unknown:
    case ScriptKind::witness_unknown:
    case ScriptKind::null_data: break;
  }
  return wrapped ? legacy(input, multisig(script, false)) : InputForm{};
}

Result<std::unique_ptr<SigningView>> SigningView::of(const Psbt& psbt) {
  auto transaction = psbt.unsigned_transaction();
  if (!transaction) return Failure(transaction.error());
  std::vector<TxOut> spent;
  for (const PsbtInput& input : psbt.inputs) {
    auto output = spent_output(input);
    if (!output) return Failure(output.error());
    spent.push_back(std::move(*output));
  }
  return std::unique_ptr<SigningView>(new SigningView(psbt, std::move(*transaction), std::move(spent)));
}

SigningView::SigningView(const Psbt& psbt, Transaction transaction, std::vector<TxOut> spent)
    : psbt_(psbt), transaction_(std::move(transaction)), spent_(std::move(spent)), cache_(transaction_, spent_) {}

Hash32 SigningView::ecdsa_digest(std::size_t input, const InputForm& form) const {
  HF_CHECK(form.kind == InputForm::Kind::single_key || form.kind == InputForm::Kind::multisig);
  return form.segwit ? cache_.v0(input, form.script_code, kAll) : legacy_sighash(transaction_, input, form.script_code);
}

Hash32 SigningView::taproot_digest(std::size_t input, std::uint8_t sighash_type, const std::optional<Hash32>& leaf) const {
  const auto digest = cache_.taproot(input, sighash_type, leaf);
  HF_CHECK(digest);
  return *digest;
}

bool SigningView::ecdsa_holds(std::size_t input, const Hash32& digest, const PublicKey33& key, ByteView signature) const {
  if (!asks_for_all(psbt_.inputs[input], InputForm::Kind::multisig)) return false;
  if (signature.size() < 2 || signature.back() != kAll) return false;
  return verify_ecdsa(key, digest, signature.first(signature.size() - 1));
}

bool SigningView::schnorr_holds(std::size_t input, const XOnlyKey& key, const std::optional<Hash32>& leaf,
                                ByteView signature) const {
  const bool is_default = signature.size() == SchnorrSignature::kSize;
  if (!is_default && (signature.size() != SchnorrSignature::kSize + 1 || signature.back() != kAll)) return false;
  const std::uint8_t type = is_default ? kDefault : kAll;
  if (psbt_.inputs[input].sighash_type.value_or(type) != type) return false;
  return verify_schnorr(key, taproot_digest(input, type, leaf),
                        SchnorrSignature::from(signature.first(SchnorrSignature::kSize)));
}

bool is_final(const PsbtInput& input) { return !input.final_script_sig.empty() || !input.final_witness.empty(); }

bool asks_for_all(const PsbtInput& input, InputForm::Kind kind) {
  if (!input.sighash_type || *input.sighash_type == kAll) return true;
  return *input.sighash_type == kDefault && kind == InputForm::Kind::taproot;
}

Hash32 legacy_sighash(const Transaction& transaction, std::size_t input, ByteView script_code) {
  HF_CHECK(input < transaction.inputs.size());
  Transaction signed_form = transaction;
  for (TxIn& each : signed_form.inputs) each.script_sig.clear();
  signed_form.inputs[input].script_sig = to_bytes(script_code);
  Bytes preimage = encode_without_witness(signed_form);
  put_u32(preimage, kAll);
  return sha256d(preimage);
}

}  // namespace holdfast::chain::utxo
