// The facts that some window may still hold, oldest first, each with its place in the chain of every key that it has.
#pragma once

#include "base/instant.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace holdfast::risk {

inline constexpr std::uint32_t kNone = UINT32_MAX;

// A row is named by the low 32 bits of its number, so at most 2^31 are kept at once. Its words: time, value, and for each
// group the key's slot (kNone where the fact has no such key) with the number of the same key's next row.
class Rows {
 public:
  explicit Rows(std::size_t groups) : words_(2 + groups) {}

  struct Link {
    std::uint32_t slot = kNone;
    std::uint32_t next = 0;  // Of meaning only where a later row of the key is there.
  };

  std::size_t size() const { return size_; }
  std::uint32_t oldest() const { return oldest_; }

  // Links are to be filled in by the caller.
  std::uint32_t push(Instant at, std::int64_t value);
  void pop();

  Instant at(std::uint32_t row) const { return {static_cast<std::int64_t>(words(row)[0])}; }
  // Grows with each row, also where their numbers wrap.
  std::uint32_t order(std::uint32_t row) const { return row - oldest_; }
  std::int64_t value(std::uint32_t row) const { return static_cast<std::int64_t>(words(row)[1]); }
  Link link(std::uint32_t row, std::size_t group) const {
    const std::uint64_t word = words(row)[2 + group];
    return {static_cast<std::uint32_t>(word >> 32), static_cast<std::uint32_t>(word)};
  }
  void set(std::uint32_t row, std::size_t group, Link link) {
    words(row)[2 + group] = std::uint64_t{link.slot} << 32 | link.next;
  }
  // A hint: the row is looked at soon.
  void expect(std::uint32_t row) const { __builtin_prefetch(words(row)); }
  std::size_t bytes() const;

 private:
  static constexpr std::uint32_t kChunkBits = 12;
  static constexpr std::uint32_t kChunkRows = 1U << kChunkBits;

  std::uint64_t* words(std::uint32_t row) const {
    const std::size_t chunk = row >> kChunkBits & (ring_.size() - 1);
    return ring_[chunk].get() + (row & (kChunkRows - 1)) * words_;
  }
  void make_room(std::uint32_t row);

  std::size_t words_;
  // A power of two of places: a row's chunk stands where its number says, also after the numbers wrapped.
  std::vector<std::unique_ptr<std::uint64_t[]>> ring_{1};
  std::uint32_t oldest_ = 0;
  std::size_t size_ = 0;
};

}  // namespace holdfast::risk
