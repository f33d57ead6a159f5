// Reading and writing the wire format: little-endian numbers and compact sizes. Every read is bounded by the input.
#pragma once

#include "base/bytes.h"

#include <cstdint>
#include <optional>

namespace holdfast::chain::utxo {

// Reads forward over bytes that it borrows. After the first read that fails every other fails, too: check ok() at the end.
class WireReader {
 public:
  explicit WireReader(ByteView in) : in_(in) {}

  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();
  // Canonical only: the shortest form, or the read fails.
  std::uint64_t compact();
  // A compact size that counts things of at least `each` bytes: fails when the rest cannot hold them, so that nobody can
  // make us allocate for what is not there.
  std::size_t count(std::size_t each);
  ByteView bytes(std::size_t size);
  ByteView var_bytes() { return bytes(count(1)); }
  Hash32 hash() { return Hash32::from(bytes(Hash32::kSize)); }

  bool ok() const { return ok_; }
  bool at_end() const { return at_ == in_.size(); }
  std::size_t position() const { return at_; }
  ByteView rest() const { return in_.subspan(at_); }
  void fail();

 private:
  ByteView in_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

void put_u8(Bytes& out, std::uint8_t value);
void put_u16(Bytes& out, std::uint16_t value);
void put_u32(Bytes& out, std::uint32_t value);
void put_u64(Bytes& out, std::uint64_t value);
void put_compact(Bytes& out, std::uint64_t value);
std::size_t compact_size(std::uint64_t value);   // How many bytes put_compact writes: 1, 3, 5 or 9.
void put_bytes(Bytes& out, ByteView bytes);      // As they are.
void put_var_bytes(Bytes& out, ByteView bytes);  // With their compact size in front.

}  // namespace holdfast::chain::utxo
