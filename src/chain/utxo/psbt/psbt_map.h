// The key-value maps that a PSBT consists of (BIP 174), and how fields are taken out of them one type at a time.
//
//   psbt := "psbt" ff map(global) map(input)* map(output)*
//   map  := ( keylen keytype keydata valuelen value )* 00
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "chain/utxo/codec/compact.h"
#include "chain/utxo/psbt/psbt.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace holdfast::chain::utxo {

using PsbtMap = Unknown;

enum class GlobalType : std::uint8_t {
  unsigned_tx = 0x00,
  xpub = 0x01,
  tx_version = 0x02,
  fallback_locktime = 0x03,
  input_count = 0x04,
  output_count = 0x05,
  modifiable = 0x06,
  version = 0xfb,
};
enum class InputType : std::uint8_t {
  non_witness_utxo = 0x00,
  witness_utxo = 0x01,
  partial_signature = 0x02,
  sighash_type = 0x03,
  redeem_script = 0x04,
  witness_script = 0x05,
  derivation = 0x06,
  final_script_sig = 0x07,
  final_witness = 0x08,
  previous_txid = 0x0e,
  output_index = 0x0f,
  sequence = 0x10,
  required_time = 0x11,
  required_height = 0x12,
  tap_key_signature = 0x13,
  tap_script_signature = 0x14,
  tap_leaf_script = 0x15,
  tap_derivation = 0x16,
  tap_internal_key = 0x17,
  tap_merkle_root = 0x18,
};
enum class OutputType : std::uint8_t {
  redeem_script = 0x00,
  witness_script = 0x01,
  derivation = 0x02,
  amount = 0x03,
  script = 0x04,
  tap_internal_key = 0x05,
  tap_tree = 0x06,
  tap_derivation = 0x07,
};

inline constexpr std::uint32_t kLocktimeThreshold = 500'000'000;  // Below: a height; from here on: a time.
inline constexpr std::size_t kAnySize = std::numeric_limits<std::size_t>::max();

// One map with its closing zero byte. A key that is there twice, or whose type is not in its shortest form, fails.
std::optional<PsbtMap> read_map(WireReader& in);
void put_map(Bytes& out, const PsbtMap& map);

// A map that is being emptied: what is left in the end is what nobody knew. The first thing that is wrong is remembered,
// and everything after it gives nothing.
class MapFields {
 public:
  MapFields(PsbtMap map, std::string where) : map_(std::move(map)), where_(std::move(where)) {}

  // The value of a type that has no key data. Its size has to lie in these bounds.
  template <class Type>
  std::optional<Bytes> single(Type type, std::size_t least = 0, std::size_t most = kAnySize) {
    return take_single(static_cast<std::uint8_t>(type), least, most);
  }
  template <class Type>
  std::optional<std::uint32_t> number(Type type) {
    const auto value = single(type, 4, 4);
    if (!value) return std::nullopt;
    return WireReader(*value).u32();
  }
  // Calls visit(key data, value) for every entry of a type. It answers whether the entry is taken, left, or wrong.
  enum class Verdict : std::uint8_t { taken, left, wrong };
  template <class Type, class Visit>
  void each(Type type, Visit visit) {
    const Bytes first{static_cast<std::uint8_t>(type)};
    for (auto at = map_.lower_bound(first); !error_ && at != map_.end() && at->first.front() == first.front();) {
      const Verdict verdict = visit(ByteView(at->first).subspan(1), at->second);
      if (verdict == Verdict::wrong) fail("psbt_malformed", "a field of type " + std::to_string(first.front()));
      at = verdict == Verdict::taken ? map_.erase(at) : std::next(at);
    }
  }
  // Refuses a field that this version of the format does not have. (With key data it is not that field, but unknown.)
  template <class Type>
  void exclude(Type type) {
    refuse_present(static_cast<std::uint8_t>(type));
  }

  void fail(std::string_view code, const std::string& what);
  const std::optional<Error>& error() const { return error_; }
  PsbtMap take_rest() { return std::move(map_); }

 private:
  std::optional<Bytes> take_single(std::uint8_t type, std::size_t least, std::size_t most);
  void refuse_present(std::uint8_t type);

  PsbtMap map_;
  std::string where_;
  std::optional<Error> error_;
};

// Puts fields into a map that is to be written.
template <class Type>
void put_field(PsbtMap& map, Type type, ByteView value, ByteView key_data = {}) {
  Bytes key{static_cast<std::uint8_t>(type)};
  put_bytes(key, key_data);
  map.insert_or_assign(std::move(key), to_bytes(value));
}
template <class Type>
void put_number(PsbtMap& map, Type type, std::uint32_t value) {
  Bytes bytes;
  put_u32(bytes, value);
  put_field(map, type, bytes);
}

}  // namespace holdfast::chain::utxo
