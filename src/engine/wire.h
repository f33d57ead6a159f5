// The protobuf wire format in its one canonical form: fields in ascending order, none twice, none with its default value,
// varints as short as can be. What a Reader takes, a Writer writes back byte for byte.
//
// A message is described once, by a function `fields(visitor, message)` that gives the visitor every field in the order of
// their numbers (fields.h). Writer and Reader are the visitors. So there is one list of fields to keep
// right, where protobuf's generated code would need two translations beside its own; and it is many times as fast,
// because what is hashed and replayed goes straight between bytes and custody's values. That both write the same bytes is
// proved against the generated code (record_test.cc, snapshot_test.cc).
//
//   message := { tag value }*      tag := varint(number << 3 | type)      type := 0 varint | 2 length and bytes
//
// A Writer is given what custody holds: a value out of bounds there is a bug, and ends the process before it is durable.
// A Reader is given anything: hostile bytes are safe, and finish() says whether they were all well formed.
#pragma once

#include "base/amount.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/id.h"
#include "base/instant.h"
#include "custody/address.h"
#include "custody/state.h"

#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace holdfast::engine {

inline constexpr std::size_t kMaxTextBytes = 4096;     // names, references, "by"
inline constexpr std::size_t kMaxBlobBytes = 1 << 18;  // raw transactions, authorisations
inline constexpr std::size_t kMaxListed = 1 << 16;     // things in a list inside one message

// The first and last enumerator of each enum that is stored. Where 0 is none of them, the field is never absent.
template <class Enum>
struct EnumRange {
  Enum first;
  Enum last;
};
template <class Enum>
inline constexpr EnumRange<Enum> kRange;  // fields.h has them

namespace wire {

static_assert(std::endian::native == std::endian::little);

inline constexpr std::uint32_t kVarint = 0;
inline constexpr std::uint32_t kLength = 2;
constexpr std::uint32_t tag(std::uint32_t number, std::uint32_t type) { return number << 3 | type; }

// Values that stand in a varint. from_varint is false for what the type cannot be.
template <std::unsigned_integral T>
std::uint64_t to_varint(T value) {
  return value;
}
template <std::unsigned_integral T>
bool from_varint(std::uint64_t number, T& out) {
  out = static_cast<T>(number);
  return static_cast<std::uint64_t>(out) == number;
}
template <class Tag>
std::uint64_t to_varint(Id<Tag> id) {
  return id.value;
}
template <class Tag>
bool from_varint(std::uint64_t number, Id<Tag>& out) {
  out.value = number;
  return true;
}
inline std::uint64_t to_varint(std::int64_t value) { return static_cast<std::uint64_t>(value); }
inline bool from_varint(std::uint64_t number, std::int64_t& out) {
  out = static_cast<std::int64_t>(number);
  return true;
}
inline std::uint64_t to_varint(Instant at) { return static_cast<std::uint64_t>(at.unix_ms); }
inline bool from_varint(std::uint64_t number, Instant& out) {
  out.unix_ms = static_cast<std::int64_t>(number);
  return true;
}
template <class Enum>
  requires std::is_enum_v<Enum>
std::uint64_t to_varint(Enum value) {
  return static_cast<std::uint64_t>(value);
}
template <class Enum>
  requires std::is_enum_v<Enum>
bool from_varint(std::uint64_t number, Enum& out) {
  out = static_cast<Enum>(number);
  return number >= to_varint(kRange<Enum>.first) && number <= to_varint(kRange<Enum>.last);
}

// Values that stand as bytes; none means the default. from_blob is false for what the type cannot be.
class AmountBytes {
 public:
  explicit AmountBytes(Amount amount) {
    const auto units = static_cast<Uint128>(amount.units());
    const std::array<std::uint64_t, 2> words = {std::byteswap(static_cast<std::uint64_t>(units >> 64)),
                                                std::byteswap(static_cast<std::uint64_t>(units))};
    std::memcpy(bytes_.data(), words.data(), bytes_.size());
    const int zero_bits = std::countr_zero(words[0]) + (words[0] == 0 ? std::countr_zero(words[1]) : 0);
    begin_ = static_cast<std::size_t>(zero_bits) / 8;
  }
  operator ByteView() const { return ByteView(bytes_).subspan(begin_); }

 private:
  std::array<std::uint8_t, 16> bytes_;
  std::size_t begin_;
};
inline AmountBytes to_blob(Amount amount) { return AmountBytes(amount); }
inline bool from_blob(ByteView in, Amount& out) {
  if (in.size() > 16 || in[0] == 0 || (in.size() == 16 && in[0] > 0x7f)) return false;
  std::array<std::uint64_t, 2> words{};
  std::memcpy(reinterpret_cast<std::uint8_t*>(words.data()) + 16 - in.size(), in.data(), in.size());
  out = Amount::of(static_cast<Int128>(static_cast<Uint128>(std::byteswap(words[0])) << 64 | std::byteswap(words[1])));
  return true;
}
template <std::size_t N>
ByteView to_blob(const FixedBytes<N>& value) {
  return value == FixedBytes<N>{} ? ByteView{} : value.view();
}
template <std::size_t N>
bool from_blob(ByteView in, FixedBytes<N>& out) {
  if (in.size() != N) return false;
  std::memcpy(out.bytes.data(), in.data(), N);
  return out != FixedBytes<N>{};
}
inline ByteView to_blob(const custody::Address& address) { return address.view(); }
inline bool from_blob(ByteView in, custody::Address& out) {
  if (in.size() > custody::Address::kMaxSize) return false;
  out = custody::Address(in);
  return true;
}
inline ByteView to_blob(const std::string& text) {
  HF_CHECK(text.size() <= kMaxTextBytes);
  return as_bytes(text);
}
inline bool from_blob(ByteView in, std::string& out) {
  if (in.size() > kMaxTextBytes) return false;
  out = as_text(in);
  return true;
}
// As people read it: "review 2 risk, delay 2h".
class DemandText {
 public:
  explicit DemandText(const policy::Demand& demand) : text_(demand.allows() ? "" : policy::write_demand(demand)) {
    HF_CHECK(text_.size() <= kMaxTextBytes);
  }
  operator ByteView() const { return as_bytes(text_); }

 private:
  std::string text_;
};
inline DemandText to_blob(const policy::Demand& demand) { return DemandText(demand); }
inline bool from_blob(ByteView in, policy::Demand& out) {
  if (in.size() > kMaxTextBytes) return false;
  const auto demand = policy::read_demand(as_text(in));
  if (!demand || demand->allows() || policy::write_demand(*demand) != as_text(in)) return false;
  out = *demand;
  return true;
}
inline ByteView to_blob(const Bytes& bytes) {
  HF_CHECK(bytes.size() <= kMaxBlobBytes);
  return bytes;
}
inline bool from_blob(ByteView in, Bytes& out) {
  if (in.size() > kMaxBlobBytes) return false;
  out.assign(in.begin(), in.end());
  return true;
}

template <class T>
concept Varint = requires(const T& value) { to_varint(value); };
template <class T>
concept Blob = requires(const T& value) { to_blob(value); };
// Lists of messages or hashes. (Lists of ids are packed into one field.)
template <class T>
concept List = !Blob<T> && requires(T& list, typename T::value_type thing) { list.push_back(thing); };

}  // namespace wire

// Writes into memory that it borrows and lets grow: reuse it, and a warm writer does not allocate.
class Writer {
 public:
  explicit Writer(Bytes& memory) : memory_(memory) {}

  // All that was written so far. Good until the next write.
  ByteView written() const { return {memory_.data(), size_}; }

  // Bytes that are no field.
  void raw(ByteView bytes) {
    std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
    size_ += bytes.size();
  }

  // All fields of a message, numbered from 1.
  template <class... Ts>
  void in_order(const Ts&... values) {
    std::uint32_t number = 0;
    ((*this)(++number, values), ...);
  }

  template <wire::Varint T>
  void operator()(std::uint32_t number, const T& value) {
    const std::uint64_t plain = wire::to_varint(value);
    if (plain == 0) return;
    varint(wire::tag(number, wire::kVarint));
    varint(plain);
  }

  template <wire::Blob T>
  void operator()(std::uint32_t number, const T& value) {
    const auto blob = wire::to_blob(value);
    const ByteView bytes = blob;
    if (!bytes.empty()) put_bytes(number, bytes);
  }

  template <class T>
  void operator()(std::uint32_t number, const T& message) {
    nested(number, [&] { fields(*this, message); });
  }

  template <class Tag>
  void operator()(std::uint32_t number, const std::vector<Id<Tag>>& ids) {
    HF_CHECK(ids.size() <= kMaxListed);
    if (ids.empty()) return;
    nested(number, [&] {
      for (const Id<Tag> id : ids) varint(id.value);
    });
  }

  template <wire::List T>
  void operator()(std::uint32_t number, const T& list) {
    HF_CHECK(list.size() <= kMaxListed);
    all(number, list);
  }

  // A list without a bound: the tables of a snapshot.
  void all(std::uint32_t number, const std::vector<Hash32>& hashes) {
    for (const Hash32& hash : hashes) put_bytes(number, hash.view());
  }
  template <class List>
  void all(std::uint32_t number, const List& messages) {
    for (const auto& message : messages) (*this)(number, message);
  }

 private:
  // Room for so many more bytes.
  std::uint8_t* room(std::size_t bytes) {
    if (memory_.size() - size_ < bytes) memory_.resize(2 * memory_.size() + bytes);
    return memory_.data() + size_;
  }

  void varint(std::uint64_t number) {
    std::uint8_t* const begin = room(10);
    std::uint8_t* at = begin;
    for (; number >= 0x80; number >>= 7) *at++ = static_cast<std::uint8_t>(number | 0x80);
    *at++ = static_cast<std::uint8_t>(number);
    size_ += static_cast<std::size_t>(at - begin);
  }

  void put_bytes(std::uint32_t number, ByteView bytes) {
    varint(wire::tag(number, wire::kLength));
    varint(bytes.size());
    raw(bytes);
  }

  // Most messages are shorter than 128 bytes: one byte is kept free for the length, and longer ones move up to make room.
  template <class Body>
  void nested(std::uint32_t number, Body&& body) {
    varint(wire::tag(number, wire::kLength));
    varint(0);
    const std::size_t begin = size_;
    body();
    const std::size_t length = size_ - begin;
    std::size_t more = 0;
    for (std::size_t rest = length; rest >= 0x80; rest >>= 7) ++more;
    if (more != 0) {
      room(more);
      std::memmove(memory_.data() + begin + more, memory_.data() + begin, length);
    }
    size_ = begin - 1;
    varint(length);
    size_ += length;
  }

  Bytes& memory_;
  std::size_t size_ = 0;
};

// Reads one message. After the first thing that is wrong it finds no more fields.
class Reader {
 public:
  explicit Reader(ByteView in) : at_(in.data()), end_(in.data() + in.size()) {}

  // Every byte was taken by a field, and every field was what it may be.
  bool finish() const { return at_ == end_ && !failed_; }

  template <class... Ts>
  void in_order(Ts&... values) {
    std::uint32_t number = 0;
    ((*this)(++number, values), ...);
  }

  template <wire::Varint T>
  void operator()(std::uint32_t number, T& out) {
    std::uint64_t plain = 0;
    const bool there = take_tag(wire::tag(number, wire::kVarint));
    if (there && (!take_varint(plain) || plain == 0)) return fail();
    if (!wire::from_varint(plain, out)) fail();
  }

  template <wire::Blob T>
  void operator()(std::uint32_t number, T& out) {
    ByteView bytes;
    if (take_bytes(number, bytes) && (bytes.empty() || !wire::from_blob(bytes, out))) fail();
  }

  template <class T>
  void operator()(std::uint32_t number, T& message) {
    if (!take_message(number, message)) fail();
  }

  template <class Tag>
  void operator()(std::uint32_t number, std::vector<Id<Tag>>& ids) {
    ByteView bytes;
    if (!take_bytes(number, bytes)) return;
    Reader packed(bytes);
    do {
      Id<Tag> id;
      if (ids.size() == kMaxListed || !packed.take_varint(id.value)) return fail();
      ids.push_back(id);
    } while (packed.at_ != packed.end_);
  }

  template <wire::List T>
  void operator()(std::uint32_t number, T& list) {
    all(number, list);
    if (list.size() > kMaxListed) fail();
  }

  // Lists without a bound but the input's own: each thing takes at least two bytes of it.
  void all(std::uint32_t number, std::vector<Hash32>& hashes) {
    for (ByteView bytes; take_bytes(number, bytes);) {
      if (bytes.size() != Hash32::kSize) return fail();
      hashes.push_back(Hash32::from(bytes));
    }
  }
  template <class List>
  void all(std::uint32_t number, List& list) {
    for (typename List::value_type thing; take_message(number, thing); thing = {}) list.push_back(std::move(thing));
  }
  template <class Key, class T>
  void all(std::uint32_t number, custody::Table<Key, T>& table) {
    for (T thing; take_message(number, thing); thing = T{}) {
      if (thing.id != table.next_id()) return fail();
      table.add(thing.id, std::move(thing));
    }
  }

  // The number of the length-delimited field that comes next; nothing where none does. Takes nothing.
  std::optional<std::uint32_t> next_message() const {
    Reader ahead = *this;
    std::uint64_t found = 0;
    if (!ahead.take_varint(found) || found > UINT32_MAX || (found & 7) != wire::kLength) return std::nullopt;
    return static_cast<std::uint32_t>(found >> 3);
  }

 private:
  void fail() {
    failed_ = true;
    at_ = end_;
  }

  // False, and nothing taken, when another field comes next.
  bool take_tag(std::uint32_t tag) {
    const std::uint8_t* at = at_;
    for (; tag >= 0x80; tag >>= 7) {
      if (at == end_ || *at++ != static_cast<std::uint8_t>(tag | 0x80)) return false;
    }
    if (at == end_ || *at++ != tag) return false;
    at_ = at;
    return true;
  }

  bool take_varint(std::uint64_t& out) {
    out = 0;
    for (unsigned shift = 0; at_ != end_ && shift < 64; shift += 7) {
      const std::uint8_t byte = *at_++;
      out |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      return (shift < 63 || byte == 1) && (shift == 0 || byte != 0);  // in 64 bits, and as short as can be
    }
    return false;
  }

  // False when another field comes next, or this one is damaged.
  bool take_bytes(std::uint32_t number, ByteView& out) {
    std::uint64_t size = 0;
    if (!take_tag(wire::tag(number, wire::kLength))) return false;
    if (!take_varint(size) || size > static_cast<std::uint64_t>(end_ - at_)) {
      fail();
      return false;
    }
    out = {at_, static_cast<std::size_t>(size)};
    at_ += size;
    return true;
  }

  template <class T>
  bool take_message(std::uint32_t number, T& out) {
    ByteView bytes;
    if (!take_bytes(number, bytes)) return false;
    Reader inside(bytes);
    fields(inside, out);
    if (!inside.finish()) fail();
    return inside.finish();
  }

  const std::uint8_t* at_;
  const std::uint8_t* end_;
  bool failed_ = false;
};

}  // namespace holdfast::engine
