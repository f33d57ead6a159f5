// Might this scriptPubKey be one of ours? Answered for millions of own scripts as fast as memory is, while a block is read.
//
// A yes may be wrong, with a chance of size() / 2^42 for each script asked about (10 million own scripts: 2.4 in a million),
// and is settled by looking into the real table. A no is never wrong.
//
//   hash   = SipHash-2-4(key, script)        64 bits; the key is random and secret, so that nobody can craft matches
//   shard  = the top 10 bits of it           1024 shards, each growing by itself: no growth touches more than 1/1024 of all
//   tag    = its low 32 bits, 1 for 0        all that is stored of a script
//   bucket = 16 tags, one cache line         tag * buckets / 2^32; from a full bucket on to the next
//
// A shard grows by a quarter when its buckets are three quarters full: 5.4 to 6.8 bytes per script. What is in stays in:
// addresses are watched forever. Not for several threads at once: the follower owns it, and adds between blocks.
#pragma once

#include "base/bytes.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace holdfast::chain::utxo {

class WatchIndex {
 public:
  using Key = FixedBytes<16>;
  static Key random_key();

  // Room for `expected` scripts is made at once; more only costs growing.
  explicit WatchIndex(const Key& key, std::size_t expected = 0);

  // Only these lengths are ours: P2WPKH, P2SH, P2PKH, P2WSH and P2TR. Asking before hashing saves most of the work.
  static constexpr bool is_watchable(std::size_t bytes) {
    return bytes == 22 || bytes == 23 || bytes == 25 || bytes == 34;
  }

  // Precondition of both: is_watchable(script.size()). Adding twice changes nothing.
  void add(ByteView script);
  bool may_contain(ByteView script) const { return may_contain(hash(script)); }

  // Takes all of a range of scripts (ByteView, Bytes, arrays of bytes); faster than one by one.
  template <class Range>
  void add_all(const Range& scripts);

  // The same in steps, so that many look-ups wait for memory together: see WatchQueue.
  std::uint64_t hash(ByteView script) const;
  void prefetch(std::uint64_t hash) const;
  bool may_contain(std::uint64_t hash) const;
  void add(std::uint64_t hash);

  std::size_t size() const { return size_; }  // Scripts, but for those that could not be told from an earlier one.
  std::size_t memory_bytes() const;           // Of all that it holds.

 private:
  static constexpr std::size_t kShardBits = 10;
  static constexpr std::size_t kTags = 16;

  struct alignas(64) Bucket {
    std::array<std::uint32_t, kTags> tags{};  // Filled from the front; 0: empty.

    bool contains(std::uint32_t tag) const {
      unsigned found = 0;
      for (const std::uint32_t each : tags) found |= static_cast<unsigned>(each == tag);
      return found != 0;
    }
    bool is_full() const { return tags[kTags - 1] != 0; }
  };
  struct Shard {
    std::vector<Bucket> buckets;
    std::size_t size = 0;
  };

  static std::uint32_t tag_of(std::uint64_t hash) {
    const auto tag = static_cast<std::uint32_t>(hash);
    return tag == 0 ? 1 : tag;
  }
  static std::size_t home_of(std::uint32_t tag, std::size_t buckets) {
    return static_cast<std::size_t>((std::uint64_t{tag} * buckets) >> 32);
  }
  const Shard& shard_of(std::uint64_t hash) const { return shards_[hash >> (64 - kShardBits)]; }
  static void place(std::vector<Bucket>& buckets, std::uint32_t tag);
  static void grow(Shard& shard);

  Key key_;
  std::vector<Shard> shards_;
  std::size_t size_ = 0;
};

inline void WatchIndex::prefetch(std::uint64_t hash) const {
  const auto& buckets = shard_of(hash).buckets;
  __builtin_prefetch(&buckets[home_of(tag_of(hash), buckets.size())]);
}

inline bool WatchIndex::may_contain(std::uint64_t hash) const {
  const auto& buckets = shard_of(hash).buckets;
  const std::uint32_t tag = tag_of(hash);
  // Ends: a shard is never full.
  for (std::size_t at = home_of(tag, buckets.size());; at = at + 1 == buckets.size() ? 0 : at + 1) {
    if (buckets[at].contains(tag)) return true;
    if (!buckets[at].is_full()) return false;
  }
}

// Holds a few scripts back until their places have come from memory, then hands those that may be ours to `found`, in the
// order in which they were pushed. Every script has to be watchable. Borrows the index, which must not change meanwhile.
template <class Item, class Found>
class WatchQueue {
 public:
  WatchQueue(const WatchIndex& index, Found found) : index_(index), found_(std::move(found)) {}

  void push(ByteView script, const Item& item) {
    if (count_ == kHeld) drain();
    hashes_[count_] = index_.hash(script);
    items_[count_] = item;
    index_.prefetch(hashes_[count_++]);
  }
  // Without it the last ones are never answered.
  void drain() {
    for (std::size_t i = 0; i < count_; ++i) {
      if (index_.may_contain(hashes_[i])) found_(items_[i]);
    }
    count_ = 0;
  }

 private:
  static constexpr std::size_t kHeld = 32;
  const WatchIndex& index_;
  Found found_;
  std::size_t count_ = 0;
  std::array<std::uint64_t, kHeld> hashes_{};
  std::array<Item, kHeld> items_{};
};

template <class Range>
void WatchIndex::add_all(const Range& scripts) {
  std::array<std::uint64_t, 32> held{};
  std::size_t count = 0;
  const auto drain = [&] {
    for (std::size_t i = 0; i < count; ++i) add(held[i]);
    count = 0;
  };
  for (const auto& script : scripts) {
    held[count] = hash(ByteView(script));
    prefetch(held[count++]);
    if (count == held.size()) drain();
  }
  drain();
}

}  // namespace holdfast::chain::utxo
