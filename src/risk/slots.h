// Gives each key of a group a small number, its slot, for as long as it is kept; slots that are free again are used again.
#pragma once

#include "risk/rows.h"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace holdfast::risk {

// One number, or two for a pair. They have to be exact names (ids, not hashes): two keys are one only where they are equal.
using SlotKey = std::array<std::uint64_t, 2>;

// Open addressing with linear probing; a hole is closed by moving back what probed over it, so there are no tombstones.
class Slots {
 public:
  std::uint32_t find(const SlotKey& key) const;  // kNone when it has none.
  // A hint: find() of this key comes soon.
  void expect(const SlotKey& key) const { __builtin_prefetch(&places_[home(key)]); }
  // Its slot, and whether it is new.
  struct Found {
    std::uint32_t slot;
    bool fresh;
  };
  Found find_or_add(const SlotKey& key);
  // Precondition: the slot is in use.
  void remove(std::uint32_t slot);

  const SlotKey& key(std::uint32_t slot) const { return keys_[slot]; }
  std::size_t in_use() const { return keys_.size() - free_.size(); }
  // One more than the greatest slot ever in use.
  std::size_t reach() const { return keys_.size(); }
  std::size_t bytes() const;

 private:
  std::size_t home(const SlotKey& key) const;
  // Where it is, or where it would be. Remembers the last answer: whoever looks at a key adds to it next.
  std::size_t place(const SlotKey& key) const;
  void grow();

  std::vector<std::uint32_t> places_ = std::vector<std::uint32_t>(16, kNone);  // A power of two, at most half full.
  std::vector<SlotKey> keys_;                                                 // By slot.
  std::vector<std::uint32_t> free_;
  mutable SlotKey last_key_{};
  mutable std::size_t last_place_ = kNowhere;
  static constexpr std::size_t kNowhere = SIZE_MAX;
};

}  // namespace holdfast::risk
