#include "chain/utxo/codec/transaction.h"

#include "base/hex.h"
#include "chain/utxo/codec/compact.h"
#include "chain/utxo/codec/hash.h"

#include <fmt/format.h>

#include <optional>

namespace holdfast::chain::utxo {

namespace {

constexpr std::uint8_t kMarker = 0x00;
constexpr std::uint8_t kFlagWitness = 0x01;
constexpr std::uint8_t kFlagMweb = 0x08;
constexpr std::size_t kInputMinBytes = 41;   // Outpoint, empty script, sequence.
constexpr std::size_t kOutputMinBytes = 9;   // Value, empty script.
constexpr std::size_t kForgeableBytes = 64;  // As long as two hashes: an inner node of a merkle tree looks like this.
constexpr std::size_t kCoinbaseScriptMin = 2;
constexpr std::size_t kCoinbaseScriptMax = 100;
constexpr std::size_t kStrippedWeight = 3;  // BIP 141: what is no witness counts four times.

bool is_null(const OutPoint& point) { return point.vout == 0xffffffff && point.txid.is_zero(); }

Failure malformed(const WireReader& in, const char* what) {
  return refuse("transaction_malformed", fmt::format("{} at byte {}", what, in.position()));
}

TxIn read_input(WireReader& in) {
  TxIn out;
  out.previous.txid = in.hash();
  out.previous.vout = in.u32();
  out.script_sig = to_bytes(in.var_bytes());
  out.sequence = in.u32();
  return out;
}

void read_inputs(WireReader& in, std::vector<TxIn>& out) {
  const std::size_t count = in.count(kInputMinBytes);
  out.reserve(count);
  for (std::size_t i = 0; i < count && in.ok(); ++i) out.push_back(read_input(in));
}

void read_outputs(WireReader& in, std::vector<TxOut>& out) {
  const std::size_t count = in.count(kOutputMinBytes);
  out.reserve(count);
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    const auto value = static_cast<std::int64_t>(in.u64());
    out.push_back({value, to_bytes(in.var_bytes())});
  }
}

void read_witness(WireReader& in, std::vector<Bytes>& out) {
  const std::size_t count = in.count(1);
  out.reserve(count);
  for (std::size_t i = 0; i < count && in.ok(); ++i) out.push_back(to_bytes(in.var_bytes()));
}

// The flag behind a marker, without taking them; nothing in the legacy form.
std::optional<std::uint8_t> peek_flag(const WireReader& in) {
  const ByteView rest = in.rest();
  if (rest.size() < 2 || rest[0] != kMarker) return std::nullopt;
  return rest[1];
}

Result<Transaction> read_transaction(WireReader& in) {
  Transaction out;
  out.version = static_cast<std::int32_t>(in.u32());
  const auto flag = peek_flag(in);
  if (flag) {
    if (*flag == 0) return refuse("transaction_empty", "no inputs");
    if ((*flag & kFlagMweb) != 0) return refuse("transaction_mweb", "a form of Litecoin's extension blocks");
    if (*flag != kFlagWitness) return malformed(in, "an unknown flag");
    in.bytes(2);
  }
  read_inputs(in, out.inputs);
  if (!in.ok()) return malformed(in, "the inputs end");
  read_outputs(in, out.outputs);
  if (!in.ok()) return malformed(in, "the outputs end");
  if (flag) {
    for (TxIn& input : out.inputs) read_witness(in, input.witness);
    if (!in.ok()) return malformed(in, "the witnesses end");
  }
  out.locktime = in.u32();
  if (!in.ok()) return malformed(in, "the locktime ends");
  if (!in.at_end()) return malformed(in, "more bytes");
  if (out.inputs.empty()) return refuse("transaction_empty", "no inputs");
  if (out.outputs.empty()) return refuse("transaction_empty", "no outputs");
  if (flag && !out.has_witness()) return malformed(in, "a witness flag without a witness");
  return out;
}

std::optional<Error> check_values(const Transaction& transaction, std::int64_t max_money) {
  std::int64_t left = max_money;
  for (std::size_t i = 0; i < transaction.outputs.size(); ++i) {
    const std::int64_t value = transaction.outputs[i].value;
    if (value < 0 || value > left) {
      return Error{ErrorKind::refusal, "transaction_value", fmt::format("output {}: {}", i, value)};
    }
    left -= value;
  }
  return std::nullopt;
}

std::optional<Error> check_inputs(const Transaction& transaction, const DecodeRules& rules) {
  if (transaction.is_coinbase()) {
    const std::size_t size = transaction.inputs[0].script_sig.size();
    if (!rules.from_block) return Error{ErrorKind::refusal, "transaction_coinbase", "outside of a block"};
    if (size < kCoinbaseScriptMin || size > kCoinbaseScriptMax) {
      return Error{ErrorKind::refusal, "transaction_coinbase", fmt::format("a script of {} bytes", size)};
    }
    return std::nullopt;
  }
  std::vector<const OutPoint*> points;
  points.reserve(transaction.inputs.size());
  for (const TxIn& input : transaction.inputs) {
    if (is_null(input.previous)) return Error{ErrorKind::refusal, "transaction_coinbase", "a null input among others"};
    points.push_back(&input.previous);
  }
  const auto value = [](const OutPoint* point) -> const OutPoint& { return *point; };
  std::ranges::sort(points, {}, value);
  const auto twice = std::ranges::adjacent_find(points, {}, value);
  if (twice == points.end()) return std::nullopt;
  return Error{ErrorKind::refusal, "transaction_input_twice",
               fmt::format("{}:{}", display((*twice)->txid), (*twice)->vout)};
}

std::size_t var_size(ByteView bytes) { return compact_size(bytes.size()) + bytes.size(); }

std::size_t stripped_size(const Transaction& transaction) {
  std::size_t size = 8 + compact_size(transaction.inputs.size()) + compact_size(transaction.outputs.size());
  for (const TxIn& input : transaction.inputs) size += 40 + var_size(input.script_sig);
  for (const TxOut& output : transaction.outputs) size += 8 + var_size(output.script);
  return size;
}

// With the marker and the flag.
std::size_t witness_size(const Transaction& transaction) {
  if (!transaction.has_witness()) return 0;
  std::size_t size = 2;
  for (const TxIn& input : transaction.inputs) {
    size += compact_size(input.witness.size());
    for (const Bytes& item : input.witness) size += var_size(item);
  }
  return size;
}

Bytes encode(const Transaction& transaction, bool with_witness) {
  Bytes out;
  out.reserve(stripped_size(transaction) + (with_witness ? witness_size(transaction) : 0));
  put_u32(out, static_cast<std::uint32_t>(transaction.version));
  if (with_witness) put_bytes(out, std::array{kMarker, kFlagWitness});
  put_compact(out, transaction.inputs.size());
  for (const TxIn& input : transaction.inputs) {
    put_bytes(out, input.previous.txid.view());
    put_u32(out, input.previous.vout);
    put_var_bytes(out, input.script_sig);
    put_u32(out, input.sequence);
  }
  put_compact(out, transaction.outputs.size());
  for (const TxOut& output : transaction.outputs) {
    put_u64(out, static_cast<std::uint64_t>(output.value));
    put_var_bytes(out, output.script);
  }
  if (with_witness) {
    for (const TxIn& input : transaction.inputs) {
      put_compact(out, input.witness.size());
      for (const Bytes& item : input.witness) put_var_bytes(out, item);
    }
  }
  put_u32(out, transaction.locktime);
  return out;
}

}  // namespace

bool Transaction::has_witness() const {
  return std::ranges::any_of(inputs, [](const TxIn& input) { return !input.witness.empty(); });
}

bool Transaction::is_coinbase() const { return inputs.size() == 1 && is_null(inputs[0].previous); }

Result<Transaction> decode_transaction(ByteView raw, const DecodeRules& rules) {
  if (raw.size() > kMaxTransactionWeight) return refuse("transaction_too_large", fmt::format("{} bytes", raw.size()));
  WireReader in(raw);
  auto out = read_transaction(in);
  if (!out) return out;
  if (const std::size_t weight = weight_of(*out); weight > kMaxTransactionWeight) {
    return refuse("transaction_too_large", fmt::format("weight {}", weight));
  }
  if (auto error = check_values(*out, rules.max_money)) return Failure(std::move(*error));
  if (auto error = check_inputs(*out, rules)) return Failure(std::move(*error));
  if (!rules.from_block && stripped_size(*out) == kForgeableBytes) {
    return refuse("transaction_64_bytes", "it could be an inner node of a merkle tree");
  }
  return out;
}

Bytes encode(const Transaction& transaction) { return encode(transaction, transaction.has_witness()); }

Bytes encode_without_witness(const Transaction& transaction) { return encode(transaction, false); }

Txid txid_of(const Transaction& transaction) { return sha256d(encode_without_witness(transaction)); }

Hash32 wtxid_of(const Transaction& transaction) { return sha256d(encode(transaction)); }

std::size_t weight_of(const Transaction& transaction) {
  return (kStrippedWeight + 1) * stripped_size(transaction) + witness_size(transaction);
}

std::size_t vsize_of(const Transaction& transaction) {
  return (weight_of(transaction) + kStrippedWeight) / (kStrippedWeight + 1);
}

std::string display(const Hash32& id) {
  Hash32 reversed = id;
  std::ranges::reverse(reversed.bytes);
  return to_hex(reversed.view());
}

std::optional<Hash32> id_from_display(std::string_view text) {
  if (text.size() != 2 * Hash32::kSize) return std::nullopt;  // Without 0x, too.
  auto id = fixed_from_hex<Hash32::kSize>(text);
  if (id) std::ranges::reverse(id->bytes);
  return id;
}

}  // namespace holdfast::chain::utxo
