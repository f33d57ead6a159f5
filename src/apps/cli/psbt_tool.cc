#include "apps/cli/psbt_tool.h"

#include "apps/cli/descriptor_tool.h"
#include "apps/cli/print.h"
#include "apps/cli/table.h"
#include "base/amount.h"
#include "base/hex.h"
#include "chain/utxo/psbt/input_form.h"
#include "chain/utxo/psbt/qr.h"
#include "chain/utxo/psbt/ur.h"
#include "chain/utxo/wallet/address.h"
#include "config/files.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <set>
#include <thread>

namespace holdfast::cli {
namespace {

using namespace chain::utxo;

constexpr std::array<std::uint8_t, 5> kMagic = {'p', 's', 'b', 't', 0xff};
constexpr std::size_t kMaxFileBytes = 2 * kMaxPsbtBytes;  // base64, with room for line breaks
constexpr unsigned kCoinDecimals = 8;

Result<Psbt> read_bytes(ByteView bytes) {
  const bool binary = bytes.size() >= kMagic.size() && std::equal(kMagic.begin(), kMagic.end(), bytes.begin());
  return binary ? read_psbt(bytes) : read_psbt_base64(as_text(bytes));
}

Result<Psbt> read_one(const PsbtPlace& place) {
  if (!place.base64.empty()) return read_psbt_base64(place.base64);
  if (place.files.size() == 1) return read_psbt_file(place.files.front());
  return refuse("file_unreadable", "name one file, or give the text with --base64");
}

Result<void> write_out(const std::string& path, ByteView bytes) {
  std::ofstream file(path, std::ios::binary);
  file << as_text(bytes);
  file.close();
  if (!file) return fault("file_not_written", path + " cannot be written");
  return {};
}

std::string coins(std::int64_t value) { return Amount::of(value).to_decimal(kCoinDecimals); }

// A key by its master's fingerprint, as wallets name it; by itself where the PSBT does not say.
template <class Key, class Derivations>
std::string name_of(const Key& key, const Derivations& derivations, const auto& master) {
  const auto found = derivations.find(key);
  return found == derivations.end() ? to_hex(key.view()).substr(0, 16) : to_hex(master(found->second).view());
}

struct InputSigners {
  std::size_t needed = 0;
  std::size_t keys = 0;
  std::vector<std::string> held;   // Whose signature is there, and holds.
  std::vector<std::string> wrong;  // Whose is there, and does not.
  bool final = false;
};

void judge_ecdsa(const PsbtInput& input, const SigningView& view, std::size_t at, const InputForm& form, InputSigners& out) {
  const Hash32 digest = view.ecdsa_digest(at, form);
  for (const auto& [key, signature] : input.partial_signatures) {
    const std::string name = name_of(key, input.derivations, [](const Derivation& d) { return d.master; });
    (view.ecdsa_holds(at, digest, key, signature) ? out.held : out.wrong).push_back(name);
  }
}

void judge_taproot(const PsbtInput& input, const SigningView& view, std::size_t at, const InputForm& form, InputSigners& out) {
  const auto master = [](const TapDerivation& d) { return d.derivation.master; };
  for (const auto& [key_and_leaf, signature] : input.tap_script_signatures) {
    const auto& [key, leaf] = key_and_leaf;
    const bool holds = view.schnorr_holds(at, key, leaf, signature);
    (holds ? out.held : out.wrong).push_back(name_of(key, input.tap_derivations, master));
  }
  if (!input.tap_key_signature) return;
  out.needed = 1;
  const bool holds = view.schnorr_holds(at, form.output_key, std::nullopt, *input.tap_key_signature);
  (holds ? out.held : out.wrong).push_back("key path");
}

InputSigners signers_of(const PsbtInput& input, const SigningView& view, std::size_t at, const InputForm& form) {
  InputSigners out;
  out.final = !input.final_script_sig.empty() || !input.final_witness.empty();
  switch (form.kind) {
    case InputForm::Kind::unknown: return out;
    case InputForm::Kind::single_key: out.needed = out.keys = 1; break;
    case InputForm::Kind::multisig:
      out.needed = form.multisig.threshold;
      out.keys = form.multisig.keys.size();
      break;
    case InputForm::Kind::taproot:
      out.needed = form.leaves.empty() ? 1 : form.leaves.front().multisig.threshold;
      out.keys = form.leaves.empty() ? 1 : form.leaves.front().multisig.keys.size();
      return judge_taproot(input, view, at, form, out), out;
  }
  judge_ecdsa(input, view, at, form, out);
  return out;
}

Json input_json(const Psbt& psbt, const SigningView& view, std::size_t at, const Network& network) {
  const PsbtInput& input = psbt.inputs[at];
  const TxOut& spent = view.spent(at);
  Json out{{"coin", display(input.previous.txid) + ':' + std::to_string(input.previous.vout)},
           {"amount", coins(spent.value)},
           {"address", address_of_script(network, spent.script).value_or(to_hex(spent.script))}};
  const auto form = view.form(at);
  if (!form) {
    out["signatures"] = form.error().text;
    return out;
  }
  const InputSigners signers = signers_of(input, view, at, *form);
  const std::string count = fmt::format("{} of {} needed", signers.held.size(), signers.needed);
  out["signatures"] = signers.final ? "final" : signers.needed == 0 ? "of a form not known here" : count;
  out["signed_by"] = signers.held;
  out["wrong"] = signers.wrong;
  out["all"] = asks_for_all(input, form->kind);
  return out;
}

// Which masters' keys an output derives from: change, if they are the wallet's own. A claim of who made the PSBT.
Json output_json(const PsbtOutput& output, const Network& network) {
  std::set<std::string> masters;
  for (const auto& [key, derivation] : output.derivations) masters.insert(to_hex(derivation.master.view()));
  for (const auto& [key, derivation] : output.tap_derivations) masters.insert(to_hex(derivation.derivation.master.view()));
  return {{"address", address_of_script(network, output.script).value_or(to_hex(output.script))},
          {"amount", coins(output.value)},
          {"derived_from", masters}};
}

Result<Json> describe_psbt(const Psbt& psbt, const Network& network) {
  const auto view = SigningView::of(psbt);
  if (!view) return Failure(view.error());
  const auto transaction = psbt.unsigned_transaction();
  if (!transaction) return Failure(transaction.error());
  Json inputs = Json::array();
  Json outputs = Json::array();
  Amount in, out;
  for (std::size_t i = 0; i < psbt.inputs.size(); ++i) {
    inputs.push_back(input_json(psbt, **view, i, network));
    in += Amount::of((*view)->spent(i).value);
  }
  for (const PsbtOutput& output : psbt.outputs) {
    outputs.push_back(output_json(output, network));
    out += Amount::of(output.value);
  }
  Json json{{"version", static_cast<int>(psbt.version)}, {"txid", display(txid_of(*transaction))},
            {"inputs", std::move(inputs)}, {"outputs", std::move(outputs)}};
  const auto fee = Amount::difference(in, out);
  if (!fee) return refuse("psbt_malformed", "it pays out more than it spends");
  json["fee"] = fee->to_decimal(kCoinDecimals);
  const auto whole = finalize(psbt);
  const auto signed_form = whole ? extract(*whole) : Result<Transaction>(Failure(whole.error()));
  const auto vsize = signed_form ? std::optional(vsize_of(*signed_form)) : estimate_vsize(psbt);
  if (vsize) {
    json["vsize"] = *vsize;
    json["sat_per_vbyte"] = fmt::format("{:.2f}", static_cast<double>(fee->units()) / static_cast<double>(*vsize));
    json["estimated"] = !signed_form;
  }
  json["complete"] = bool(signed_form);
  return json;
}

void print_psbt(const Settings& settings, const Json& json) {
  if (settings.json) return print_thing(settings, json);
  Table head({"FIELD", "VALUE"});
  for (const char* field : {"txid", "version", "fee", "vsize", "sat_per_vbyte", "estimated", "complete"}) head.add({field, cell(json, field)});
  Table inputs({"INPUT", "AMOUNT", "ADDRESS", "SIGNATURES", "BY", "WRONG"});
  for (const Json& one : json["inputs"]) {
    inputs.add({cell(one, "coin"), cell(one, "amount"), cell(one, "address"), cell(one, "signatures"), cell(one, "signed_by"), cell(one, "wrong")});
  }
  Table outputs({"OUTPUT", "AMOUNT", "DERIVED FROM"});
  for (const Json& one : json["outputs"]) outputs.add({cell(one, "address"), cell(one, "amount"), cell(one, "derived_from")});
  print_text(head.to_text(settings.colour) + '\n' + inputs.to_text(settings.colour) + '\n' + outputs.to_text(settings.colour));
}

Result<void> print_frames(const std::vector<std::string>& frames, bool once) {
  constexpr std::string_view kHome = "\033[H\033[2J";
  for (;;) {
    for (const std::string& frame : frames) {
      print_text(once ? frame + '\n' : std::string(kHome) + frame);
      if (!once) std::this_thread::sleep_for(kQrFrameTime);
    }
    if (once) return {};
  }
}

}  // namespace

Result<Psbt> read_psbt_file(const std::string& path) {
  const auto text = config::read_file(path, kMaxFileBytes);
  if (!text) return Failure(text.error());
  return read_bytes(as_bytes(*text));
}

Result<void> show_psbt(const Settings& settings, const PsbtPlace& place) {
  const auto network = find_network(place.chain);
  if (!network) return std::unexpected(network.error());
  const auto psbt = read_one(place);
  if (!psbt) return std::unexpected(psbt.error());
  const auto json = describe_psbt(*psbt, **network);
  if (!json) return std::unexpected(json.error());
  print_psbt(settings, *json);
  return {};
}

Result<void> combine_psbts(const Settings&, const PsbtPlace& place) {
  auto joined = read_psbt_file(place.files.front());
  for (std::size_t i = 1; joined && i < place.files.size(); ++i) {
    const auto other = read_psbt_file(place.files[i]);
    joined = other ? combine(*joined, *other) : other;
  }
  if (!joined) return std::unexpected(joined.error());
  if (!place.out.empty()) return write_out(place.out, write_psbt(*joined));
  print_text(write_psbt_base64(*joined) + '\n');
  return {};
}

Result<void> finalize_psbt(const Settings&, const PsbtPlace& place) {
  const auto psbt = read_one(place);
  if (!psbt) return std::unexpected(psbt.error());
  const auto whole = finalize(*psbt);
  if (!whole) return std::unexpected(whole.error());
  const auto transaction = extract(*whole);
  if (!transaction) return std::unexpected(transaction.error());
  print_text(to_hex(encode(*transaction)) + '\n');
  return {};
}

Result<void> show_psbt_as_qr(const Settings&, const PsbtPlace& place, const QrPlace& qr) {
  const auto psbt = read_one(place);
  if (!psbt) return std::unexpected(psbt.error());
  const Bytes cbor = cbor_of_psbt(write_psbt(*psbt));
  const std::size_t extra = cbor.size() > qr.fragment_bytes ? cbor.size() / qr.fragment_bytes + 1 : 0;  // As many mixtures again.
  const std::vector<std::string> texts = encode_ur("psbt", cbor, qr.fragment_bytes, extra);
  if (qr.form == QrForm::terminal) {
    const auto frames = qr_terminal(texts);
    if (!frames) return std::unexpected(frames.error());
    return print_frames(*frames, qr.once || texts.size() == 1);
  }
  const auto page = qr.form == QrForm::html ? qr_html(place.files.empty() ? "PSBT" : place.files.front(), texts) : qr_svg(texts);
  if (!page) return std::unexpected(page.error());
  return write_out(qr.out, as_bytes(*page));
}

}  // namespace holdfast::cli
