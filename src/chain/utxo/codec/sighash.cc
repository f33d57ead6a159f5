#include "chain/utxo/codec/sighash.h"

#include "base/check.h"
#include "chain/utxo/codec/compact.h"
#include "chain/utxo/codec/hash.h"
#include "chain/utxo/codec/script.h"

#include <fmt/format.h>

namespace holdfast::chain::utxo {

namespace {

constexpr std::uint8_t kNone = static_cast<std::uint8_t>(Sighash::none);
constexpr std::uint8_t kSingle = static_cast<std::uint8_t>(Sighash::single);
constexpr std::uint8_t kAnyoneCanPay = static_cast<std::uint8_t>(Sighash::anyone_can_pay);
constexpr std::uint8_t kV0OutputMask = 0x1f;
constexpr std::uint8_t kTaprootOutputMask = 0x03;
constexpr std::uint8_t kEpoch = 0;
constexpr std::uint8_t kKeyVersion = 0;                   // BIP 342
constexpr std::uint32_t kNoCodeSeparator = 0xffffffff;  // No OP_CODESEPARATOR was executed.
constexpr std::size_t kP2wpkhBytes = 2 + Hash20::kSize;

bool is_taproot_type(std::uint8_t type) {
  return type <= kSingle || (type > kAnyoneCanPay && type <= (kAnyoneCanPay | kSingle));
}

void put_outpoint(Bytes& out, const OutPoint& point) {
  put_bytes(out, point.txid.view());
  put_u32(out, point.vout);
}

void put_output(Bytes& out, const TxOut& output) {
  put_u64(out, static_cast<std::uint64_t>(output.value));
  put_var_bytes(out, output.script);
}

Bytes output_bytes(const TxOut& output) {
  Bytes out;
  put_output(out, output);
  return out;
}

Hash32 hash_again(const Hash32& hash) { return sha256(hash.view()); }

}  // namespace

SighashCache::SighashCache(const Transaction& transaction, std::span<const TxOut> spent)
    : transaction_(transaction), spent_(spent) {
  HF_CHECK(spent.size() == transaction.inputs.size());
  Bytes prevouts, sequences, outputs, amounts, scripts;
  for (const TxIn& input : transaction.inputs) {
    put_outpoint(prevouts, input.previous);
    put_u32(sequences, input.sequence);
  }
  for (const TxOut& output : transaction.outputs) put_output(outputs, output);
  for (const TxOut& output : spent) {
    put_u64(amounts, static_cast<std::uint64_t>(output.value));
    put_var_bytes(scripts, output.script);
  }
  prevouts_ = sha256(prevouts);
  sequences_ = sha256(sequences);
  outputs_ = sha256(outputs);
  amounts_ = sha256(amounts);
  scripts_ = sha256(scripts);
}

Hash32 SighashCache::v0(std::size_t input, ByteView script_code, std::uint8_t sighash_type) const {
  HF_CHECK(input < transaction_.inputs.size());
  const bool all_inputs = (sighash_type & kAnyoneCanPay) == 0;
  const std::uint8_t base = sighash_type & kV0OutputMask;
  const bool all_outputs = base != kNone && base != kSingle;
  Hash32 outputs;  // Zero where nothing is committed to.
  if (all_outputs) outputs = hash_again(outputs_);
  if (base == kSingle && input < transaction_.outputs.size()) outputs = sha256d(output_bytes(transaction_.outputs[input]));
  const TxIn& in = transaction_.inputs[input];
  Bytes message;
  message.reserve(script_code.size() + 200);
  put_u32(message, static_cast<std::uint32_t>(transaction_.version));
  put_bytes(message, (all_inputs ? hash_again(prevouts_) : Hash32()).view());
  put_bytes(message, (all_inputs && all_outputs ? hash_again(sequences_) : Hash32()).view());
  put_outpoint(message, in.previous);
  put_var_bytes(message, script_code);
  put_u64(message, static_cast<std::uint64_t>(spent_[input].value));
  put_u32(message, in.sequence);
  put_bytes(message, outputs.view());
  put_u32(message, transaction_.locktime);
  put_u32(message, sighash_type);
  return sha256d(message);
}

Result<Hash32> SighashCache::taproot(std::size_t input, std::uint8_t sighash_type, const std::optional<Hash32>& leaf,
                                     ByteView annex) const {
  HF_CHECK(input < transaction_.inputs.size());
  const std::uint8_t base = sighash_type & kTaprootOutputMask;
  if (!is_taproot_type(sighash_type)) return refuse("sighash_invalid", fmt::format("type {:#x}", sighash_type));
  if (base == kSingle && input >= transaction_.outputs.size()) {
    return refuse("sighash_invalid", fmt::format("SINGLE without an output {}", input));
  }
  Bytes message{kEpoch, sighash_type};
  message.reserve(300);
  put_u32(message, static_cast<std::uint32_t>(transaction_.version));
  put_u32(message, transaction_.locktime);
  const bool all_inputs = (sighash_type & kAnyoneCanPay) == 0;
  if (all_inputs) {
    for (const Hash32* hash : {&prevouts_, &amounts_, &scripts_, &sequences_}) put_bytes(message, hash->view());
  }
  if (base != kNone && base != kSingle) put_bytes(message, outputs_.view());
  put_u8(message, static_cast<std::uint8_t>((leaf ? 2 : 0) | (annex.empty() ? 0 : 1)));
  if (all_inputs) {
    put_u32(message, static_cast<std::uint32_t>(input));
  } else {
    put_outpoint(message, transaction_.inputs[input].previous);
    put_output(message, spent_[input]);
    put_u32(message, transaction_.inputs[input].sequence);
  }
  if (!annex.empty()) {
    Bytes sized;
    put_var_bytes(sized, annex);
    put_bytes(message, sha256(sized).view());
  }
  if (base == kSingle) put_bytes(message, sha256(output_bytes(transaction_.outputs[input])).view());
  if (leaf) {
    put_bytes(message, leaf->view());
    put_u8(message, kKeyVersion);
    put_u32(message, kNoCodeSeparator);
  }
  return tagged_hash("TapSighash", {message});
}

Bytes p2wpkh_script_code(ByteView script_pubkey) {
  HF_CHECK(script_pubkey.size() == kP2wpkhBytes);
  return p2pkh_script(Hash20::from(script_pubkey.subspan(2)));
}

}  // namespace holdfast::chain::utxo
