#include "signer/control_proof.h"

#include "base/check.h"
#include "chain/utxo/codec/sighash.h"
#include "chain/utxo/psbt/bip322.h"
#include "chain/utxo/psbt/sign_input.h"

#include <algorithm>
#include <array>
#include <optional>

namespace holdfast::signer {
namespace {

using namespace chain::utxo;

// --- The message -----------------------------------------------------------------------------------------------------

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t bytes = 0;
};

// The first one of a text that is not empty. None when it is no UTF-8.
std::optional<CodePoint> first_of(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  if (at(0) < 0x80) return CodePoint{at(0), 1};
  const std::size_t bytes = (at(0) & 0xe0U) == 0xc0 ? 2 : (at(0) & 0xf0U) == 0xe0 ? 3 : (at(0) & 0xf8U) == 0xf0 ? 4 : 0;
  if (bytes == 0 || text.size() < bytes) return std::nullopt;
  std::uint32_t value = at(0) & (0xffU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((at(i) & 0xc0U) != 0x80) return std::nullopt;
    value = value << 6U | (at(i) & 0x3fU);
  }
  constexpr std::array<std::uint32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < kLeast[bytes] || value > 0x10ffff || surrogate) return std::nullopt;
  return CodePoint{value, bytes};
}

// Controls, and what is not seen or turns the reading around.
bool is_shown(std::uint32_t value) {
  struct Range {
    std::uint32_t first;
    std::uint32_t last;
  };
  constexpr std::array<Range, 11> kHidden = {{{0x00, 0x09}, {0x0b, 0x1f}, {0x7f, 0x9f}, {0xad, 0xad}, {0x61c, 0x61c}, {0x180e, 0x180e},
                                              {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xe0000, 0x10ffff}}};
  return std::ranges::none_of(kHidden, [&](const Range& range) { return value >= range.first && value <= range.last; });
}

Result<std::string> message_of(const Psbt& stated) {
  auto message = bip322_message(stated);
  if (!message) return refuse("proof_message_missing", "it carries no message, so it is no proof of control as `make` writes it");
  if (message->empty() || message->size() > kMaxProofMessageBytes || !is_readable(*message)) {
    return refuse("proof_message_unreadable", "nobody could see what is signed");
  }
  return std::move(*message);
}

// --- The transaction -------------------------------------------------------------------------------------------------

bool asks_for_all(const PsbtInput& input, ScriptKind kind) {
  if (!input.sighash_type || *input.sighash_type == static_cast<std::uint32_t>(Sighash::all)) return true;
  return kind == ScriptKind::p2tr && *input.sighash_type == static_cast<std::uint32_t>(Sighash::default_);
}

// All of it but what it spends, which the descriptor has to say.
Result<void> check_form(const Transaction& transaction) {
  constexpr std::uint8_t kReturn = 0x6a;
  if (transaction.inputs.size() != 1) return refuse("proof_input_count", "a proof of control has one input");
  if (transaction.outputs.size() != 1) return refuse("proof_output_count", "a proof of control has one output");
  const TxOut& output = transaction.outputs.front();
  if (output.value != 0 || output.script != Bytes{kReturn}) return refuse("proof_pays", "a proof of control pays nothing to nobody");
  if (transaction.version != 0 || transaction.locktime != 0 || transaction.inputs.front().sequence != 0) {
    return refuse("proof_transaction_differs", "its version, locktime and sequence are to be 0");
  }
  return {};
}

// Which of its scripts it is, for the PSBT to say: every key's derivation ends in the same index.
Result<std::uint32_t> index_of(const PsbtInput& input) {
  std::optional<std::uint32_t> index;
  bool same = true;
  const auto look = [&](const Derivation& stated) {
    same = same && !stated.path.empty() && (!index || *index == stated.path.back());
    if (!stated.path.empty()) index = stated.path.back();
  };
  for (const auto& [key, derivation] : input.derivations) look(derivation);
  for (const auto& [key, derivation] : input.tap_derivations) look(derivation.derivation);
  if (!index || !same) return refuse("proof_index_missing", "its keys' derivations name no index, or several");
  if (*index > kMaxProofIndex) return refuse("proof_index_too_high", std::to_string(*index));
  return *index;
}

struct Place {
  const CoinChainRule* chain;
  const CoinWalletRule* wallet;
  std::uint32_t branch;
  DerivedOutput output;
};

Result<Place> place_of(const Policy& policy, const Bytes& script, std::uint32_t index) {
  for (const CoinChainRule& chain : policy.coin_chains) {
    for (const CoinWalletRule& wallet : chain.wallets) {
      for (const std::uint32_t branch : {kReceiveBranch, kChangeBranch}) {
        auto output = wallet.descriptor.derive(branch, index);
        if (output && output->script_pubkey == script) return Place{&chain, &wallet, branch, std::move(*output)};
      }
    }
  }
  return refuse("proof_script_foreign", "what it spends is of no wallet in the policy, at index " + std::to_string(index));
}

}  // namespace

bool is_readable(std::string_view text) {
  while (!text.empty()) {
    const auto first = first_of(text);
    if (!first || !is_shown(first->value)) return false;
    text.remove_prefix(first->bytes);
  }
  return true;
}

Result<ControlProof> explain_control_proof(const Policy& policy, const Psbt& stated) {
  const auto message = message_of(stated);
  if (!message) return Failure(message.error());
  const auto transaction = stated.unsigned_transaction();
  if (!transaction) return Failure(transaction.error());
  if (auto checked = check_form(*transaction); !checked) return Failure(checked.error());
  const PsbtInput& input = stated.inputs.front();
  const auto spent = spent_output(input);
  if (!spent) return Failure(spent.error());
  if (!asks_for_all(input, classify(spent->script))) return refuse("proof_sighash", "it asks for less than the whole transaction");
  const auto index = index_of(input);
  if (!index) return Failure(index.error());
  auto place = place_of(policy, spent->script, *index);
  if (!place) return Failure(place.error());
  if (spent->value != 0) return refuse("proof_amount", "what it spends is said to be worth something");

  ControlProof out{place->chain, place->wallet, place->branch, *index, place->output.script_pubkey, *message,
                   bip322_to_sign(*message, place->output)};
  const auto own = out.to_sign.unsigned_transaction();
  HF_CHECK(own.has_value());
  if (own->inputs.front().previous != transaction->inputs.front().previous) {
    return refuse("proof_outpoint_differs", "it is not of this message and address");
  }
  HF_CHECK(*own == *transaction);  // Nothing else is left that could differ: what is signed is what was judged.
  out.to_sign.inputs.front().partial_signatures = input.partial_signatures;
  out.to_sign.inputs.front().tap_script_signatures = input.tap_script_signatures;
  return out;
}

Result<Psbt> sign_control_proof(const ControlProof& proof, const Keys& keys) {
  const auto id = keys.seed_id();
  if (!id) return refuse("key_missing", "the key file holds no seed");
  Psbt clean = proof.to_sign;
  clean.inputs.front().partial_signatures.clear();
  clean.inputs.front().tap_script_signatures.clear();
  const auto signatures = keys.sign_inputs(clean);
  if (!signatures) return Failure(signatures.error());
  const auto digests = digests_for(clean, Fingerprint::from(id->view().first(Fingerprint::kSize)));
  if (!digests) return Failure(digests.error());
  Psbt out = proof.to_sign;
  for (const InputDigest& digest : *digests) {
    if (add_signature(out, digest, signatures->front())) return out;
  }
  return refuse("key_missing", "its signature is of no key of the wallet");
}

}  // namespace holdfast::signer
