#include "chain/utxo/node/mweb.h"

#include "base/check.h"
#include "chain/utxo/codec/compact.h"

namespace holdfast::chain::utxo {

namespace {

constexpr std::size_t kVersionBytes = 4;
constexpr std::size_t kMarkerBytes = 2;  // The zero where a legacy transaction counts its inputs, and the flags.
constexpr std::size_t kLocktimeBytes = 4;
constexpr std::size_t kOutPointBytes = 36;
constexpr std::size_t kSmallestInput = kOutPointBytes + 1 + 4;
constexpr std::size_t kSmallestOutput = 8 + 1;
constexpr std::uint8_t kWitnessFlag = 1;
constexpr std::uint8_t kMwebFlag = 8;

std::size_t skip_inputs(WireReader& reader) {
  const std::size_t count = reader.count(kSmallestInput);
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    reader.bytes(kOutPointBytes);
    reader.var_bytes();
    reader.u32();
  }
  return count;
}

std::size_t skip_outputs(WireReader& reader) {
  const std::size_t count = reader.count(kSmallestOutput);
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    reader.u64();
    reader.var_bytes();
  }
  return count;
}

void skip_witnesses(WireReader& reader, std::size_t inputs) {
  for (std::size_t i = 0; i < inputs && reader.ok(); ++i) {
    const std::size_t items = reader.count(1);
    for (std::size_t item = 0; item < items && reader.ok(); ++item) reader.var_bytes();
  }
}

}  // namespace

bool has_mweb_flag(ByteView raw) {
  return raw.size() > kVersionBytes + kMarkerBytes && raw[kVersionBytes] == 0 && (raw[kVersionBytes + 1] & kMwebFlag) != 0;
}

std::optional<Bytes> without_mweb(ByteView raw) {
  HF_CHECK(has_mweb_flag(raw));
  const std::uint8_t flags = raw[kVersionBytes + 1];
  if ((flags & ~(kWitnessFlag | kMwebFlag)) != 0) return std::nullopt;
  constexpr std::size_t kBegin = kVersionBytes + kMarkerBytes;
  WireReader reader(raw.subspan(kBegin));
  const std::size_t inputs = skip_inputs(reader);
  const std::size_t outputs = skip_outputs(reader);
  if ((flags & kWitnessFlag) != 0) skip_witnesses(reader, inputs);
  const ByteView kept = raw.subspan(kBegin, reader.ok() ? reader.position() : 0);
  if (!reader.ok() || inputs == 0 || outputs == 0 || reader.rest().size() <= kLocktimeBytes) return std::nullopt;
  Bytes out;
  put_bytes(out, raw.first(kVersionBytes));
  if ((flags & kWitnessFlag) != 0) put_bytes(out, Bytes{0, kWitnessFlag});
  put_bytes(out, kept);
  put_bytes(out, raw.last(kLocktimeBytes));
  return out;
}

}  // namespace holdfast::chain::utxo
