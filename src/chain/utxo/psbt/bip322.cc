#include "chain/utxo/psbt/bip322.h"

#include "chain/utxo/codec/compact.h"
#include "chain/utxo/psbt/check_witness.h"
#include "chain/utxo/psbt/input_form.h"
#include "chain/utxo/psbt/psbt_base64.h"

#include <algorithm>

namespace holdfast::chain::utxo {

namespace {

constexpr std::string_view kTag = "BIP0322-signed-message";
constexpr std::string_view kSimple = "smp";
constexpr std::string_view kFull = "ful";
constexpr std::string_view kProofOfFunds = "pof";
constexpr std::uint8_t kMessageField = 0x09;  // PSBT_GLOBAL_GENERIC_SIGNED_MESSAGE
constexpr std::uint8_t kPush32 = 0x20;
constexpr std::uint8_t kReturn = 0x6a;
constexpr std::uint8_t kAnnex = 0x50;
constexpr std::uint8_t kLeafVersionMask = 0xfe;
constexpr std::uint32_t kNoOutput = 0xffffffff;
constexpr std::size_t kMaxSignatureText = 400'000;  // More than any witness of ours: 999 keys and signatures in base64.

Failure wrong(std::string text) { return refuse("signature_wrong", std::move(text)); }
Failure unsupported(std::string text) { return refuse("bip322_unsupported", std::move(text)); }
Failure malformed(std::string text) { return refuse("bip322_malformed", std::move(text)); }

TxOut nothing_sent() { return {0, {kReturn}}; }

// The virtual transaction that signs, without its signature.
Psbt to_sign(const Transaction& to_spend) {
  Psbt psbt;
  psbt.transaction_version = 0;
  PsbtInput& input = psbt.inputs.emplace_back();
  input.previous = {txid_of(to_spend), 0};
  input.sequence = 0;
  PsbtOutput& output = psbt.outputs.emplace_back();
  output.script = nothing_sent().script;
  return psbt;
}

std::optional<std::vector<Bytes>> read_witness(ByteView raw) {
  WireReader in(raw);
  std::vector<Bytes> witness;
  const std::size_t items = in.count(1);
  for (std::size_t i = 0; i < items && in.ok(); ++i) witness.push_back(to_bytes(in.var_bytes()));
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return witness;
}

Bytes write_witness(const std::vector<Bytes>& witness) {
  Bytes out;
  put_compact(out, witness.size());
  for (const Bytes& item : witness) put_var_bytes(out, item);
  return out;
}

// A claim: to_sign as the signer had it, with the witness that is to prove it.
struct Claim {
  Psbt psbt;
  std::vector<Bytes> witness;
};

// Takes over what a full signature may choose for itself, and refuses what it may not.
Result<Claim> claim_of_full(ByteView raw, Claim claim) {
  const auto transaction = decode_transaction(raw);
  if (!transaction) return malformed(transaction.error().text);
  if (transaction->version != 0 && transaction->version != 2) return unsupported("a transaction of another version");
  PsbtInput& input = claim.psbt.inputs.front();
  if (transaction->inputs.front().previous != input.previous) return wrong("of another message or address");
  if (transaction->outputs.size() != 1 || transaction->outputs.front() != nothing_sent()) return wrong("it sends something");
  if (transaction->inputs.size() != 1) return unsupported("a proof of funds");
  if (!transaction->inputs.front().script_sig.empty()) return unsupported("a scriptSig");
  claim.psbt.transaction_version = transaction->version;
  claim.psbt.fallback_locktime = transaction->locktime;
  input.sequence = transaction->inputs.front().sequence;
  claim.witness = transaction->inputs.front().witness;
  return claim;
}

Result<Claim> read_claim(const Transaction& to_spend, std::string_view signature) {
  if (signature.size() > kMaxSignatureText) return malformed("too long");
  if (signature.starts_with(kProofOfFunds)) return unsupported("a proof of funds");
  const bool simple = signature.starts_with(kSimple);
  const bool full = signature.starts_with(kFull);
  const auto raw = from_base64(simple || full ? signature.substr(kSimple.size()) : signature);
  if (!raw || raw->empty()) return malformed("not base64");
  Claim claim{to_sign(to_spend), {}};
  claim.psbt.inputs.front().witness_utxo = to_spend.outputs.front();
  if (full) return claim_of_full(*raw, std::move(claim));
  auto witness = read_witness(*raw);
  if (!witness) return simple ? malformed("not a witness") : claim_of_full(*raw, std::move(claim));
  claim.witness = std::move(*witness);
  return claim;
}

// Shows the scripts in the witness to form_of, which proves that they lead to what is spent.
Result<void> show_scripts(PsbtInput& input, ScriptKind kind, const std::vector<Bytes>& witness) {
  if (witness.empty()) return wrong("an empty witness");
  if (kind == ScriptKind::p2wsh) {
    if (witness.back().empty()) return wrong("no script");
    input.witness_script = witness.back();
  }
  if (kind != ScriptKind::p2tr || witness.size() == 1) return {};
  const Bytes& control = witness.back();
  if (!control.empty() && control.front() == kAnnex) return unsupported("an annex");
  if (control.empty()) return wrong("no control block");
  Bytes script = witness[witness.size() - 2];
  script.push_back(control.front() & kLeafVersionMask);
  input.tap_leaf_scripts.emplace(control, std::move(script));
  return {};
}

Result<void> verify(Claim& claim, ScriptKind kind) {
  if (const auto shown = show_scripts(claim.psbt.inputs.front(), kind, claim.witness); !shown) return shown;
  const auto view = SigningView::of(claim.psbt);
  if (!view) return Failure(view.error());
  const auto form = (*view)->form(0);
  if (!form) return wrong(form.error().text);
  const auto checked = check_witness(**view, 0, *form, claim.witness);
  if (!checked && checked.error().code == "witness_unsupported") return unsupported(checked.error().text);
  return checked;
}

Result<const PsbtInput*> only_final_input(const Psbt& psbt) {
  if (psbt.inputs.size() != 1 || psbt.outputs.size() != 1) return refuse("psbt_incomplete", "not one input and one output");
  const PsbtInput& input = psbt.inputs.front();
  if (!is_final(input)) return refuse("psbt_incomplete", "not final");
  return &input;
}

}  // namespace

Hash32 bip322_message_hash(std::string_view message) { return tagged_hash(kTag, {as_bytes(message)}); }

Transaction bip322_to_spend(std::string_view message, ByteView script_pubkey) {
  Transaction out;
  out.version = 0;
  TxIn input;
  input.previous = {Txid{}, kNoOutput};
  input.sequence = 0;
  input.script_sig = {0x00, kPush32};
  put_bytes(input.script_sig, bip322_message_hash(message).view());
  out.inputs.push_back(std::move(input));
  out.outputs.push_back({0, to_bytes(script_pubkey)});
  return out;
}

Psbt bip322_to_sign(std::string_view message, const DerivedOutput& output) {
  Transaction to_spend = bip322_to_spend(message, output.script_pubkey);
  Psbt psbt = to_sign(to_spend);
  PsbtInput& input = psbt.inputs.front();
  if (classify(output.script_pubkey) == ScriptKind::p2pkh) {
    input.non_witness_utxo = std::move(to_spend);
  } else {
    input.witness_utxo = std::move(to_spend.outputs.front());
  }
  describe(input, output);
  psbt.unknown[Bytes{kMessageField}] = to_bytes(as_bytes(message));
  return psbt;
}

std::optional<std::string> bip322_message(const Psbt& psbt) {
  const auto found = psbt.unknown.find(Bytes{kMessageField});
  if (found == psbt.unknown.end()) return std::nullopt;
  return std::string(as_text(found->second));
}

Result<std::string> bip322_simple(const Psbt& signed_psbt) {
  const auto input = only_final_input(signed_psbt);
  if (!input) return Failure(input.error());
  if (!(*input)->final_script_sig.empty()) return unsupported("a scriptSig needs a full signature");
  return std::string(kSimple) + to_base64(write_witness((*input)->final_witness));
}

Result<std::string> bip322_full(const Psbt& signed_psbt) {
  if (const auto input = only_final_input(signed_psbt); !input) return Failure(input.error());
  const auto transaction = extract(signed_psbt);
  if (!transaction) return Failure(transaction.error());
  return std::string(kFull) + to_base64(encode(*transaction));
}

Result<void> bip322_verify(std::string_view message, ByteView script_pubkey, std::string_view signature) {
  const ScriptKind kind = classify(script_pubkey);
  if (kind != ScriptKind::p2wpkh && kind != ScriptKind::p2wsh && kind != ScriptKind::p2tr) {
    return unsupported("another kind of address");
  }
  auto claim = read_claim(bip322_to_spend(message, script_pubkey), signature);
  if (!claim) return Failure(claim.error());
  return verify(*claim, kind);
}

}  // namespace holdfast::chain::utxo
