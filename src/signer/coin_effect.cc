#include "signer/coin_effect.h"

#include "base/check.h"
#include "chain/utxo/codec/sighash.h"

#include <fmt/format.h>
#include <algorithm>

namespace holdfast::signer {
namespace {

using namespace chain::utxo;

// What nodes relay (BIP 141's weight). A larger one could never be mined by them.
constexpr std::size_t kMaxWeight = 400'000;
constexpr std::size_t kWitnessFlagWeight = 2;
constexpr std::size_t kWitnessScale = 4;
constexpr std::uint32_t kSequenceFixed = 0xfffffffe;  // Locktime in force, no replacement announced.
constexpr std::uint32_t kFirstTimeLocktime = 500'000'000;
constexpr std::int32_t kTransactionVersion = 2;

std::unexpected<Refused> psbt_refused(const Error& error) {
  const std::string detail = std::string(error.code) + (error.text.empty() ? "" : ": " + error.text);
  if (error.code == "psbt_too_large" || error.code == "transaction_too_large") {
    return no(Refusal::transaction_too_large, detail);
  }
  if (error.code == "transaction_input_twice") return no(Refusal::input_twice, detail);
  return no(Refusal::psbt_malformed, detail);
}

Checked<Psbt> read(ByteView bytes) {
  auto psbt = read_psbt(bytes);
  if (!psbt) return psbt_refused(psbt.error());
  if (psbt->version != PsbtVersion::v2) return no(Refusal::psbt_malformed, "not of version 2");
  for (const PsbtInput& input : psbt->inputs) {
    const bool is_signed = !input.partial_signatures.empty() || input.tap_key_signature ||
                           !input.tap_script_signatures.empty() || !input.final_script_sig.empty() ||
                           !input.final_witness.empty();
    if (is_signed) return no(Refusal::signatures_unexpected, "in an input");
  }
  return std::move(*psbt);
}

// The transaction by the network's own rules for its form, and by ours.
Checked<Transaction> read_transaction(const CoinChainRule& chain, const Psbt& psbt) {
  const auto unsigned_transaction = psbt.unsigned_transaction();
  if (!unsigned_transaction) return psbt_refused(unsigned_transaction.error());
  const DecodeRules rules{.max_money = chain.network->max_money, .from_block = false};
  auto decoded = decode_transaction(encode_without_witness(*unsigned_transaction), rules);
  if (!decoded) return psbt_refused(decoded.error());
  if (decoded->version != kTransactionVersion) {
    return no(Refusal::transaction_type_unsupported, fmt::format("version {}", decoded->version));
  }
  if (decoded->locktime >= kFirstTimeLocktime) return no(Refusal::locktime_unsupported, "it is a time");
  for (const TxIn& input : decoded->inputs) {
    if (input.sequence == kSequenceReplaceable || input.sequence == kSequenceFixed) continue;
    return no(Refusal::sequence_unsupported, fmt::format("{:08x}", input.sequence));
  }
  // Before anything is derived: that takes its time, once for each input.
  if (weight_of(*decoded) > kMaxWeight) return no(Refusal::transaction_too_large);
  return std::move(*decoded);
}

// --- Where something of our own is said to come from ----------------------------------------------------------------

struct Origin {
  std::uint32_t branch = 0;
  std::uint32_t index = 0;
};

std::optional<Origin> origin_of(const OwnKey& own, const Derivation& stated) {
  if (stated.master != Fingerprint::from(own.id.view().first(Fingerprint::kSize)) || stated.path.empty()) return std::nullopt;
  const std::uint32_t index = stated.path.back();
  for (std::uint32_t branch = 0; branch < own.parents.size(); ++branch) {
    const KeyPath& parent = own.parents[branch];
    const bool same = std::equal(parent.begin(), parent.end(), stated.path.begin(), stated.path.end() - 1);
    if (same && index < kHardened) return Origin{branch, index};
  }
  return std::nullopt;
}

// As the signer's own key states it. Anything that states none, or two, is not ours.
template <class Described>
std::optional<Origin> stated_origin(const OwnKey& own, const Described& described) {
  std::optional<Origin> out;
  unsigned found = 0;
  const auto look = [&](const Derivation& stated) {
    const auto origin = origin_of(own, stated);
    if (!origin) return;
    ++found;
    out = origin;
  };
  for (const auto& [key, derivation] : described.derivations) look(derivation);
  for (const auto& [key, derivation] : described.tap_derivations) look(derivation.derivation);
  return found == 1 ? out : std::nullopt;
}

template <class Map>
bool within(const Map& stated, const Map& expected) {
  return std::ranges::all_of(stated, [&](const auto& entry) {
    const auto found = expected.find(entry.first);
    return found != expected.end() && found->second == entry.second;
  });
}

template <class Value>
bool absent_or_equal(const Value& stated, const Value& expected) {
  return stated == Value{} || stated == expected;
}

// Nothing may be stated of a script that is not so; to say less is no lie.
template <class Described>
bool agrees(const Described& stated, const Described& expected) {
  return absent_or_equal(stated.redeem_script, expected.redeem_script) &&
         absent_or_equal(stated.witness_script, expected.witness_script) &&
         absent_or_equal(stated.tap_internal_key, expected.tap_internal_key) &&
         within(stated.derivations, expected.derivations) && within(stated.tap_derivations, expected.tap_derivations);
}

bool agrees_as_input(const PsbtInput& stated, const PsbtInput& expected) {
  return agrees(stated, expected) && absent_or_equal(stated.tap_merkle_root, expected.tap_merkle_root) &&
         within(stated.tap_leaf_scripts, expected.tap_leaf_scripts);
}

// --- Inputs and outputs ---------------------------------------------------------------------------------------------

Checked<TxOut> true_output(const CoinChainRule& chain, const PsbtInput& input, bool taproot, std::size_t at) {
  // BIP 143 commits to the amount of one input only: whoever shows each of two inputs' amounts wrongly in turn has both
  // signed, and the difference goes to the miner. Only the transaction that the outpoint names proves it. BIP 341 commits
  // to all amounts: a wrong one makes the signature worthless.
  if (!input.non_witness_utxo && !(taproot && input.witness_utxo)) {
    return no(Refusal::utxo_missing, fmt::format("input {}", at));
  }
  auto spent = spent_output(input);
  if (!spent) return no(Refusal::utxo_differs, fmt::format("input {}: {}", at, spent.error().code));
  if (spent->value > chain.network->max_money) return no(Refusal::utxo_differs, fmt::format("input {}: its amount", at));
  return std::move(*spent);
}

bool asks_for_all(const PsbtInput& input, bool taproot) {
  if (!input.sighash_type) return true;
  return *input.sighash_type == static_cast<std::uint32_t>(taproot ? Sighash::default_ : Sighash::all);
}

class Explainer {
 public:
  Explainer(const CoinChainRule& chain, const CoinWalletRule& wallet, const Psbt& psbt, const Transaction& transaction)
      : chain_(chain), wallet_(wallet), psbt_(psbt), transaction_(transaction) {}

  Checked<CoinEffect> explain() {
    effect_.txid = txid_of(transaction_);
    effect_.to_sign.version = PsbtVersion::v2;
    effect_.to_sign.transaction_version = transaction_.version;
    effect_.to_sign.fallback_locktime = transaction_.locktime;
    for (std::size_t i = 0; i < psbt_.inputs.size(); ++i) {
      if (auto added = add_input(psbt_.inputs[i], i); !added) return std::unexpected(added.error());
    }
    for (std::size_t i = 0; i < psbt_.outputs.size(); ++i) {
      if (auto added = add_output(psbt_.outputs[i], i); !added) return std::unexpected(added.error());
    }
    return finish();
  }

 private:
  Checked<void> add_input(const PsbtInput& stated, std::size_t at) {
    const bool taproot = wallet_.descriptor.kind() == ScriptKind::p2tr;
    if (!asks_for_all(stated, taproot)) return no(Refusal::sighash_unsupported, fmt::format("input {}", at));
    const auto spent = true_output(chain_, stated, taproot, at);
    if (!spent) return std::unexpected(spent.error());
    const auto foreign = [&](std::string_view why) { return no(Refusal::input_foreign, fmt::format("input {}: {}", at, why)); };
    const auto origin = stated_origin(*wallet_.own, stated);
    if (!origin) return foreign("its derivation is not the wallet's");
    const auto derived = wallet_.descriptor.derive(origin->branch, origin->index);
    if (!derived) return foreign(derived.error().code);
    if (derived->script_pubkey != spent->script) return foreign("it does not pay the wallet's script at its derivation");

    PsbtInput own;
    own.previous = transaction_.inputs[at].previous;
    own.sequence = transaction_.inputs[at].sequence;
    own.witness_utxo = *spent;
    if (!taproot) own.non_witness_utxo = stated.non_witness_utxo;
    describe(own, *derived);
    if (!agrees_as_input(stated, own)) return foreign("its scripts or keys are not the wallet's");
    effect_.coins.push_back(own.previous);
    effect_.to_sign.inputs.push_back(std::move(own));
    satisfaction_weight_ += derived->satisfaction_weight;
    spent_ += Int128{spent->value};
    return {};
  }

  Checked<void> add_output(const PsbtOutput& stated, std::size_t at) {
    CoinOutput out{stated.script, Amount::of(stated.value), stated.script == chain_.cold_script, std::nullopt};
    const std::int64_t dust = dust_limit(stated.script, chain_.network->dust_feerate);
    if (stated.value < dust) return no(Refusal::output_dust, fmt::format("output {}: {}", at, stated.value));
    PsbtOutput own;
    own.value = stated.value;
    own.script = stated.script;
    if (!out.cold && (!stated.derivations.empty() || !stated.tap_derivations.empty())) {
      const auto differs = [&](std::string_view why) { return no(Refusal::change_differs, fmt::format("output {}: {}", at, why)); };
      const auto origin = stated_origin(*wallet_.own, stated);
      if (!origin || origin->branch != kChangeBranch) return differs("its derivation is not of the wallet's change");
      const auto derived = wallet_.descriptor.derive(origin->branch, origin->index);
      if (!derived) return differs(derived.error().code);
      if (derived->script_pubkey != stated.script) return differs("it does not pay the wallet's script at its derivation");
      describe(own, *derived);
      if (!agrees(stated, own)) return differs("its scripts or keys are not the wallet's");
      out.change_index = origin->index;
    }
    paid_ += Int128{stated.value};
    effect_.outputs.push_back(std::move(out));
    effect_.to_sign.outputs.push_back(std::move(own));
    return {};
  }

  Checked<CoinEffect> finish() {
    if (spent_ > Int128{chain_.network->max_money}) return no(Refusal::utxo_differs, "their sum is over all there can be");
    if (paid_ > spent_) return no(Refusal::outputs_exceed_inputs, fmt::format("{} of {}", to_string(paid_), to_string(spent_)));
    effect_.spent = Amount::of(spent_);
    effect_.fee = Amount::of(spent_ - paid_);
    std::sort(effect_.coins.begin(), effect_.coins.end());
    const std::size_t weight = weight_of(transaction_) + kWitnessFlagWeight + satisfaction_weight_;
    if (weight > kMaxWeight) return no(Refusal::transaction_too_large, fmt::format("{} weight units", weight));
    effect_.vsize = (weight + kWitnessScale - 1) / kWitnessScale;
    const auto again = effect_.to_sign.unsigned_transaction();
    HF_CHECK(again.has_value() && *again == transaction_);  // What is signed is what was judged.
    return std::move(effect_);
  }

  const CoinChainRule& chain_;
  const CoinWalletRule& wallet_;
  const Psbt& psbt_;
  const Transaction& transaction_;
  CoinEffect effect_;
  std::size_t satisfaction_weight_ = 0;
  Int128 spent_ = 0;
  Int128 paid_ = 0;
};

}  // namespace

Checked<CoinEffect> explain_coins(const CoinChainRule& chain, const CoinWalletRule& wallet, ByteView bytes) {
  HF_CHECK(wallet.own.has_value());
  const auto psbt = read(bytes);
  if (!psbt) return std::unexpected(psbt.error());
  const auto transaction = read_transaction(chain, *psbt);
  if (!transaction) return std::unexpected(transaction.error());
  return Explainer(chain, wallet, *psbt, *transaction).explain();
}

}  // namespace holdfast::signer
