#include "chain/utxo/codec/compact.h"

namespace holdfast::chain::utxo {

namespace {

// The first byte of a compact size: below 0xfd the value itself, else how the value follows.
constexpr std::uint8_t kIn16Bits = 0xfd;
constexpr std::uint8_t kIn32Bits = 0xfe;
constexpr std::uint8_t kIn64Bits = 0xff;

template <class T>
T little_endian(ByteView bytes) {
  T out = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) out = static_cast<T>(out | static_cast<T>(bytes[i]) << (8 * i));
  return out;
}

template <class T>
void put(Bytes& out, T value) {
  for (std::size_t i = 0; i < sizeof value; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

}  // namespace

std::uint8_t WireReader::u8() { return little_endian<std::uint8_t>(bytes(sizeof(std::uint8_t))); }
std::uint16_t WireReader::u16() { return little_endian<std::uint16_t>(bytes(sizeof(std::uint16_t))); }
std::uint32_t WireReader::u32() { return little_endian<std::uint32_t>(bytes(sizeof(std::uint32_t))); }
std::uint64_t WireReader::u64() { return little_endian<std::uint64_t>(bytes(sizeof(std::uint64_t))); }

std::uint64_t WireReader::compact() {
  const std::uint8_t first = u8();
  if (first < kIn16Bits) return first;
  const std::uint64_t value = first == kIn16Bits ? u16() : first == kIn32Bits ? u32() : u64();
  const std::size_t size = first == kIn16Bits ? 3 : first == kIn32Bits ? 5 : 9;
  if (ok_ && compact_size(value) != size) fail();
  return ok_ ? value : 0;
}

std::size_t WireReader::count(std::size_t each) {
  const std::uint64_t value = compact();
  if (value > (in_.size() - at_) / each) fail();
  return ok_ ? static_cast<std::size_t>(value) : 0;
}

ByteView WireReader::bytes(std::size_t size) {
  if (!ok_ || size > in_.size() - at_) {
    fail();
    return {};
  }
  const ByteView out = in_.subspan(at_, size);
  at_ += size;
  return out;
}

void WireReader::fail() { ok_ = false; }

void put_u8(Bytes& out, std::uint8_t value) { put(out, value); }
void put_u16(Bytes& out, std::uint16_t value) { put(out, value); }
void put_u32(Bytes& out, std::uint32_t value) { put(out, value); }
void put_u64(Bytes& out, std::uint64_t value) { put(out, value); }

std::size_t compact_size(std::uint64_t value) {
  if (value < kIn16Bits) return 1;
  if (value <= 0xffff) return 3;
  return value <= 0xffffffff ? 5 : 9;
}

void put_compact(Bytes& out, std::uint64_t value) {
  switch (compact_size(value)) {
    case 1: return put_u8(out, static_cast<std::uint8_t>(value));
    case 3: put_u8(out, kIn16Bits); return put_u16(out, static_cast<std::uint16_t>(value));
    case 5: put_u8(out, kIn32Bits); return put_u32(out, static_cast<std::uint32_t>(value));
    default: put_u8(out, kIn64Bits); return put_u64(out, value);
  }
}

void put_bytes(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

void put_var_bytes(Bytes& out, ByteView bytes) {
  put_compact(out, bytes.size());
  put_bytes(out, bytes);
}

}  // namespace holdfast::chain::utxo
