// A hash table whose index lies in one piece of memory: a key that is not there costs one wait for memory, one that is there two, where
// a table of linked nodes waits three or four times. What is added stays, in the order in which it came.
#pragma once

#include "base/chunked.h"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace holdfast {

template <class Key, class Value, class Hash>
class FlatMap {
 public:
  using value_type = std::pair<Key, Value>;

  // Null: it is not there. As what operator[] gives, good until something is added.
  const Value* find(const Key& key) const {
    const std::uint32_t entry = places_[place(key, tag_of(key))].entry;
    return entry == kFree ? nullptr : &entries_[entry].second;
  }
  bool contains(const Key& key) const { return find(key) != nullptr; }

  Value& operator[](const Key& key) {
    const std::uint32_t tag = tag_of(key);
    std::size_t at = place(key, tag);
    if (places_[at].entry == kFree) {
      if (2 * (entries_.size() + 1) > places_.size()) {
        grow();
        at = place(key, tag);
      }
      places_[at] = {tag, static_cast<std::uint32_t>(entries_.size())};
      entries_.push_back({key, Value{}});
    }
    return entries_[places_[at].entry].second;
  }

  std::size_t size() const { return entries_.size(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

  // Whatever the order.
  friend bool operator==(const FlatMap& a, const FlatMap& b) {
    if (a.size() != b.size()) return false;
    for (const auto& [key, value] : a) {
      const Value* other = b.find(key);
      if (!other || !(*other == value)) return false;
    }
    return true;
  }

 private:
  static constexpr std::uint32_t kFree = UINT32_MAX;
  struct Place {
    std::uint32_t tag = 0;  // Of the key: most others are told apart by it.
    std::uint32_t entry = kFree;
  };

  static std::uint32_t tag_of(const Key& key) {
    return static_cast<std::uint32_t>((std::uint64_t{Hash{}(key)} * 0x9E37'79B9'7F4A'7C15U) >> 32);
  }

  // Where it is, or would be.
  std::size_t place(const Key& key, std::uint32_t tag) const {
    std::size_t at = tag & (places_.size() - 1);
    while (places_[at].entry != kFree && !(places_[at].tag == tag && entries_[places_[at].entry].first == key)) {
      at = (at + 1) & (places_.size() - 1);
    }
    return at;
  }

  void grow() {
    std::vector<Place> old(places_.size() * 2);
    old.swap(places_);
    for (const Place& each : old) {
      if (each.entry == kFree) continue;
      std::size_t at = each.tag & (places_.size() - 1);
      while (places_[at].entry != kFree) at = (at + 1) & (places_.size() - 1);
      places_[at] = each;
    }
  }

  std::vector<Place> places_ = std::vector<Place>(8);  // A power of two, at most half full.
  Chunked<value_type> entries_;
};

}  // namespace holdfast
