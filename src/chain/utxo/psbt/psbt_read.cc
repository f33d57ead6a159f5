// Reading of PSBTs, versions 0 and 2.
#include "chain/utxo/psbt/psbt.h"
#include "chain/utxo/psbt/psbt_base64.h"
#include "chain/utxo/psbt/psbt_map.h"

#include <algorithm>
#include <set>

namespace holdfast::chain::utxo {

namespace {

using Verdict = MapFields::Verdict;

constexpr std::string_view kMagic = "psbt\xff";
constexpr std::size_t kCompressedKey = PublicKey33::kSize;
constexpr std::size_t kUncompressedKey = 65;
constexpr std::size_t kXpub = 78;
constexpr std::size_t kXpubDepthAt = 4;
constexpr std::size_t kXpubKeyAt = 45;
constexpr std::size_t kMaxPath = 255;
constexpr std::size_t kSchnorr = 64;
constexpr std::size_t kControlBase = 33;
constexpr std::size_t kMaxTapDepth = 128;

bool read_derivation(WireReader& in, Derivation& out) {
  out.master = Fingerprint::from(in.bytes(Fingerprint::kSize));
  while (in.ok() && !in.at_end() && out.path.size() <= kMaxPath) out.path.push_back(in.u32());
  return in.ok() && in.at_end() && out.path.size() <= kMaxPath;
}

bool read_tap_derivation(ByteView value, TapDerivation& out) {
  WireReader in(value);
  const std::size_t leaves = in.count(Hash32::kSize);
  for (std::size_t i = 0; i < leaves; ++i) out.leaves.push_back(in.hash());
  return in.ok() && read_derivation(in, out.derivation);
}

// Takes what a key of 33 bytes has. Uncompressed keys are nothing that we spend from: they stay with the unknown.
template <class Value, class Read>
auto by_public_key(std::map<PublicKey33, Value>& out, Read read) {
  return [&out, read](ByteView key, const Bytes& value) {
    if (key.size() == kUncompressedKey && key.front() == 0x04) return Verdict::left;
    if (key.size() != kCompressedKey || !is_valid(PublicKey33::from(key))) return Verdict::wrong;
    return read(value, out[PublicKey33::from(key)]) ? Verdict::taken : Verdict::wrong;
  };
}

auto derivations_into(std::map<PublicKey33, Derivation>& out) {
  return by_public_key(out, [](const Bytes& value, Derivation& derivation) {
    WireReader in(value);
    return read_derivation(in, derivation);
  });
}

auto tap_derivations_into(std::map<XOnlyKey, TapDerivation>& out) {
  return [&out](ByteView key, const Bytes& value) {
    if (key.size() != XOnlyKey::kSize || !is_valid(XOnlyKey::from(key))) return Verdict::wrong;
    return read_tap_derivation(value, out[XOnlyKey::from(key)]) ? Verdict::taken : Verdict::wrong;
  };
}

std::optional<XOnlyKey> x_only_of(MapFields& fields, const std::optional<Bytes>& value) {
  if (!value) return std::nullopt;
  const XOnlyKey key = XOnlyKey::from(*value);
  if (!is_valid(key)) fields.fail("psbt_malformed", "an internal key that is no key");
  return key;
}

// A tree in depth-first order: every leaf goes to the leftmost place that is free, and no place is left over.
bool is_tap_tree(ByteView tree) {
  WireReader in(tree);
  std::vector<bool> right{};  // The way to the last leaf.
  for (bool first = true; !in.at_end(); first = false) {
    const std::size_t depth = in.u8();
    const std::uint8_t leaf_version = in.u8();
    in.var_bytes();
    if (!in.ok() || depth > kMaxTapDepth || (leaf_version & 1U) != 0) return false;
    if (!first) {
      while (!right.empty() && right.back()) right.pop_back();
      if (right.empty()) return false;
      right.back() = true;
    }
    if (depth < right.size()) return false;
    right.resize(depth, false);
  }
  return !tree.empty() && std::ranges::all_of(right, [](bool is_right) { return is_right; });
}

void read_utxos(MapFields& fields, PsbtInput& input) {
  if (const auto raw = fields.single(InputType::non_witness_utxo)) {
    auto previous = decode_transaction(*raw, {.from_block = true});
    if (!previous) return fields.fail(previous.error().code, "non-witness UTXO: " + previous.error().text);
    input.non_witness_utxo = std::move(*previous);
  }
  if (const auto raw = fields.single(InputType::witness_utxo)) {
    WireReader in(*raw);
    const std::uint64_t value = in.u64();
    Bytes script = to_bytes(in.var_bytes());
    if (!in.ok() || !in.at_end()) return fields.fail("psbt_malformed", "witness UTXO");
    if (value > static_cast<std::uint64_t>(kMaxMoneyLitecoin)) return fields.fail("transaction_value", "witness UTXO");
    input.witness_utxo = TxOut{static_cast<std::int64_t>(value), std::move(script)};
  }
}

void read_final(MapFields& fields, PsbtInput& input) {
  input.final_script_sig = fields.single(InputType::final_script_sig).value_or(Bytes{});
  const auto raw = fields.single(InputType::final_witness);
  if (!raw) return;
  WireReader in(*raw);
  const std::size_t items = in.count(1);
  for (std::size_t i = 0; i < items && in.ok(); ++i) input.final_witness.push_back(to_bytes(in.var_bytes()));
  if (!in.ok() || !in.at_end()) fields.fail("psbt_malformed", "final witness");
}

Verdict read_leaf_script(PsbtInput& input, ByteView control, const Bytes& script) {
  const bool fits = control.size() >= kControlBase && (control.size() - kControlBase) % Hash32::kSize == 0 &&
                    (control.size() - kControlBase) / Hash32::kSize <= kMaxTapDepth;
  if (!fits || script.empty()) return Verdict::wrong;
  input.tap_leaf_scripts.emplace(to_bytes(control), script);
  return Verdict::taken;
}

Verdict read_script_signature(PsbtInput& input, ByteView key, const Bytes& signature) {
  const bool sized = signature.size() == kSchnorr || signature.size() == kSchnorr + 1;
  if (key.size() != XOnlyKey::kSize + Hash32::kSize || !sized) return Verdict::wrong;
  const XOnlyKey signer = XOnlyKey::from(key.first(XOnlyKey::kSize));
  if (!is_valid(signer)) return Verdict::wrong;
  input.tap_script_signatures[{signer, Hash32::from(key.subspan(XOnlyKey::kSize))}] = signature;
  return Verdict::taken;
}

void read_taproot(MapFields& fields, PsbtInput& input) {
  input.tap_key_signature = fields.single(InputType::tap_key_signature, kSchnorr, kSchnorr + 1);
  fields.each(InputType::tap_script_signature, [&](ByteView key, const Bytes& signature) {
    return read_script_signature(input, key, signature);
  });
  fields.each(InputType::tap_leaf_script,
              [&](ByteView control, const Bytes& script) { return read_leaf_script(input, control, script); });
  fields.each(InputType::tap_derivation, tap_derivations_into(input.tap_derivations));
  input.tap_internal_key = x_only_of(fields, fields.single(InputType::tap_internal_key, XOnlyKey::kSize, XOnlyKey::kSize));
  if (const auto root = fields.single(InputType::tap_merkle_root, Hash32::kSize, Hash32::kSize)) {
    input.tap_merkle_root = Hash32::from(*root);
  }
}

// Version 2 only: what the unsigned transaction says in version 0.
void read_spent(MapFields& fields, PsbtInput& input) {
  const auto txid = fields.single(InputType::previous_txid, Txid::kSize, Txid::kSize);
  const auto vout = fields.number(InputType::output_index);
  if (!txid || !vout) return fields.fail("psbt_version", "no outpoint");
  input.previous = {Txid::from(*txid), *vout};
  input.sequence = fields.number(InputType::sequence).value_or(kSequenceFinal);
  input.required_time_locktime = fields.number(InputType::required_time);
  input.required_height_locktime = fields.number(InputType::required_height);
  if (input.required_time_locktime && *input.required_time_locktime < kLocktimeThreshold) {
    fields.fail("psbt_malformed", "a required time that is a height");
  }
  if (input.required_height_locktime &&
      (*input.required_height_locktime == 0 || *input.required_height_locktime >= kLocktimeThreshold)) {
    fields.fail("psbt_malformed", "a required height that is none");
  }
}

std::optional<Error> read_input(PsbtMap map, PsbtVersion version, std::size_t index, PsbtInput& input) {
  MapFields fields(std::move(map), "input " + std::to_string(index));
  if (version == PsbtVersion::v2) {
    read_spent(fields, input);
  } else {
    for (const InputType type : {InputType::previous_txid, InputType::output_index, InputType::sequence,
                                 InputType::required_time, InputType::required_height}) {
      fields.exclude(type);
    }
  }
  read_utxos(fields, input);
  fields.each(InputType::partial_signature, by_public_key(input.partial_signatures, [](const Bytes& value, Bytes& out) {
                out = value;
                return !value.empty();
              }));
  input.sighash_type = fields.number(InputType::sighash_type);
  input.redeem_script = fields.single(InputType::redeem_script).value_or(Bytes{});
  input.witness_script = fields.single(InputType::witness_script).value_or(Bytes{});
  fields.each(InputType::derivation, derivations_into(input.derivations));
  read_final(fields, input);
  read_taproot(fields, input);
  input.unknown = fields.take_rest();
  return fields.error();
}

// Version 2 only.
void read_amount(MapFields& fields, PsbtOutput& output) {
  const auto amount = fields.single(OutputType::amount, 8, 8);
  auto script = fields.single(OutputType::script);
  if (!amount || !script) return fields.fail("psbt_version", "no amount or no script");
  const std::uint64_t value = WireReader(*amount).u64();
  if (value > static_cast<std::uint64_t>(kMaxMoneyLitecoin)) return fields.fail("transaction_value", "out of range");
  output.value = static_cast<std::int64_t>(value);
  output.script = std::move(*script);
}

std::optional<Error> read_output(PsbtMap map, PsbtVersion version, std::size_t index, PsbtOutput& output) {
  MapFields fields(std::move(map), "output " + std::to_string(index));
  if (version == PsbtVersion::v2) {
    read_amount(fields, output);
  } else {
    fields.exclude(OutputType::amount);
    fields.exclude(OutputType::script);
  }
  output.redeem_script = fields.single(OutputType::redeem_script).value_or(Bytes{});
  output.witness_script = fields.single(OutputType::witness_script).value_or(Bytes{});
  fields.each(OutputType::derivation, derivations_into(output.derivations));
  output.tap_internal_key = x_only_of(fields, fields.single(OutputType::tap_internal_key, XOnlyKey::kSize, XOnlyKey::kSize));
  if (auto tree = fields.single(OutputType::tap_tree)) {
    if (!is_tap_tree(*tree)) fields.fail("psbt_malformed", "a Taproot tree that is none");
    output.tap_tree = std::move(*tree);
  }
  fields.each(OutputType::tap_derivation, tap_derivations_into(output.tap_derivations));
  output.unknown = fields.take_rest();
  return fields.error();
}

// The transaction of version 0. It may have no inputs yet, which nothing but this form can say; that is why it is not read
// as the network's transactions are.
void read_unsigned(MapFields& fields, ByteView raw, Psbt& psbt) {
  constexpr std::size_t kLeastInput = 41;
  constexpr std::size_t kLeastOutput = 9;
  WireReader in(raw);
  psbt.transaction_version = static_cast<std::int32_t>(in.u32());
  bool is_signed = false;
  psbt.inputs.resize(in.count(kLeastInput));
  for (PsbtInput& input : psbt.inputs) {
    input.previous.txid = in.hash();
    input.previous.vout = in.u32();
    is_signed = !in.var_bytes().empty() || is_signed;
    input.sequence = in.u32();
  }
  psbt.outputs.resize(in.count(kLeastOutput));
  for (PsbtOutput& output : psbt.outputs) {
    const std::uint64_t value = in.u64();
    if (value > static_cast<std::uint64_t>(kMaxMoneyLitecoin)) fields.fail("transaction_value", "out of range");
    output.value = static_cast<std::int64_t>(std::min<std::uint64_t>(value, kMaxMoneyLitecoin));
    output.script = to_bytes(in.var_bytes());
  }
  psbt.fallback_locktime = in.u32();
  if (!in.ok() || !in.at_end()) return fields.fail("psbt_malformed", "the unsigned transaction");
  if (is_signed) fields.fail("psbt_signed", "the unsigned transaction has a scriptSig");
}

Verdict read_xpub(Psbt& psbt, ByteView key, const Bytes& value) {
  if (key.size() != kXpub || !is_valid(PublicKey33::from(key.subspan(kXpubKeyAt)))) return Verdict::wrong;
  Derivation derivation;
  WireReader in(value);
  if (!read_derivation(in, derivation) || derivation.path.size() != key[kXpubDepthAt]) return Verdict::wrong;
  psbt.xpubs.emplace(to_bytes(key), std::move(derivation));
  return Verdict::taken;
}

struct Counts {
  std::uint64_t inputs = 0;
  std::uint64_t outputs = 0;
};

std::optional<std::uint64_t> count_of(MapFields& fields, GlobalType type) {
  const auto value = fields.single(type);
  if (!value) return std::nullopt;
  WireReader in(*value);
  const std::uint64_t count = in.compact();
  if (!in.ok() || !in.at_end()) fields.fail("psbt_malformed", "a count");
  return count;
}

void read_global_v2(MapFields& fields, Psbt& psbt, Counts& counts) {
  fields.exclude(GlobalType::unsigned_tx);
  const auto transaction_version = fields.number(GlobalType::tx_version);
  const auto inputs = count_of(fields, GlobalType::input_count);
  const auto outputs = count_of(fields, GlobalType::output_count);
  if (!transaction_version || !inputs || !outputs) return fields.fail("psbt_version", "lacks what version 2 needs");
  psbt.transaction_version = static_cast<std::int32_t>(*transaction_version);
  psbt.fallback_locktime = fields.number(GlobalType::fallback_locktime).value_or(0);
  if (const auto flags = fields.single(GlobalType::modifiable, 1, 1)) psbt.modifiable = flags->front();
  counts = {*inputs, *outputs};
}

void read_global_v0(MapFields& fields, Psbt& psbt, Counts& counts) {
  for (const GlobalType type : {GlobalType::tx_version, GlobalType::fallback_locktime, GlobalType::input_count,
                                GlobalType::output_count, GlobalType::modifiable}) {
    fields.exclude(type);
  }
  const auto raw = fields.single(GlobalType::unsigned_tx);
  if (!raw) return fields.fail("psbt_malformed", "no unsigned transaction");
  read_unsigned(fields, *raw, psbt);
  counts = {psbt.inputs.size(), psbt.outputs.size()};
}

std::optional<Error> read_global(PsbtMap map, Psbt& psbt, Counts& counts) {
  MapFields fields(std::move(map), "global");
  const std::uint32_t version = fields.number(GlobalType::version).value_or(0);
  if (version == 0) {
    read_global_v0(fields, psbt, counts);
  } else if (version == 2) {
    psbt.version = PsbtVersion::v2;
    read_global_v2(fields, psbt, counts);
  } else {
    fields.fail("psbt_version", "version " + std::to_string(version));
  }
  fields.each(GlobalType::xpub, [&](ByteView key, const Bytes& value) { return read_xpub(psbt, key, value); });
  psbt.unknown = fields.take_rest();
  return fields.error();
}

// What no transaction may be, whichever way it is written.
std::optional<Error> transaction_fault(const Psbt& psbt) {
  const auto no = [](std::string_view code, std::string text) { return Error{ErrorKind::refusal, code, std::move(text)}; };
  std::set<OutPoint> seen;
  for (const PsbtInput& input : psbt.inputs) {
    if (!seen.insert(input.previous).second) return no("transaction_input_twice", display(input.previous.txid));
  }
  std::int64_t left = kMaxMoneyLitecoin;
  for (const PsbtOutput& output : psbt.outputs) {
    if (output.value > left) return no("transaction_value", "the sum of all outputs is out of range");
    left -= output.value;
  }
  const auto transaction = psbt.unsigned_transaction();
  return transaction ? std::nullopt : std::optional<Error>(transaction.error());
}

}  // namespace

Result<Psbt> read_psbt(ByteView bytes) {
  if (bytes.size() > kMaxPsbtBytes) return refuse("psbt_too_large");
  WireReader in(bytes);
  if (as_text(in.bytes(kMagic.size())) != kMagic) return refuse("psbt_malformed", "does not begin as a PSBT");
  const auto cut_short = [&in] { return refuse("psbt_malformed", "a map at byte " + std::to_string(in.position())); };
  Psbt psbt;
  Counts counts;
  auto global = read_map(in);
  if (!global) return cut_short();
  if (auto error = read_global(std::move(*global), psbt, counts)) return Failure(std::move(*error));
  for (std::size_t i = 0; i < counts.inputs; ++i) {
    auto map = read_map(in);
    if (!map) return cut_short();
    if (i == psbt.inputs.size()) psbt.inputs.emplace_back();
    if (auto error = read_input(std::move(*map), psbt.version, i, psbt.inputs[i])) return Failure(std::move(*error));
  }
  for (std::size_t i = 0; i < counts.outputs; ++i) {
    auto map = read_map(in);
    if (!map) return cut_short();
    if (i == psbt.outputs.size()) psbt.outputs.emplace_back();
    if (auto error = read_output(std::move(*map), psbt.version, i, psbt.outputs[i])) return Failure(std::move(*error));
  }
  if (!in.at_end()) return refuse("psbt_malformed", "bytes behind the last map");
  if (auto error = transaction_fault(psbt)) return Failure(std::move(*error));
  return psbt;
}

Result<Psbt> read_psbt_base64(std::string_view text) {
  if (text.size() > 2 * kMaxPsbtBytes) return refuse("psbt_too_large");
  const auto bytes = from_base64(text);
  if (!bytes) return refuse("psbt_malformed", "not base64");
  return read_psbt(*bytes);
}

}  // namespace holdfast::chain::utxo
