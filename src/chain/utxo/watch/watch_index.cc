#include "chain/utxo/watch/watch_index.h"

#include "base/check.h"

#include <sodium.h>

namespace holdfast::chain::utxo {

namespace {

constexpr std::size_t kMostTagsPerBucket = 12;

std::size_t buckets_for(std::size_t tags) { return tags / kMostTagsPerBucket + 1; }

}  // namespace

WatchIndex::Key WatchIndex::random_key() {
  HF_CHECK(sodium_init() >= 0);
  Key key;
  randombytes_buf(key.bytes.data(), key.bytes.size());
  return key;
}

WatchIndex::WatchIndex(const Key& key, std::size_t expected) : key_(key), shards_(std::size_t{1} << kShardBits) {
  static_assert(Key::kSize == crypto_shorthash_KEYBYTES);
  // Shards differ by chance: a little room more saves nearly all of them a growth.
  const std::size_t each = expected >> kShardBits;
  for (Shard& shard : shards_) shard.buckets.resize(buckets_for(each + each / 32));
}

std::uint64_t WatchIndex::hash(ByteView script) const {
  std::array<std::uint8_t, crypto_shorthash_BYTES> out;
  crypto_shorthash(out.data(), script.data(), script.size(), key_.bytes.data());
  std::uint64_t value = 0;
  std::memcpy(&value, out.data(), sizeof value);
  return value;
}

void WatchIndex::add(ByteView script) { add(hash(script)); }

void WatchIndex::add(std::uint64_t hash) {
  if (may_contain(hash)) return;
  Shard& shard = shards_[hash >> (64 - kShardBits)];
  if (shard.size >= shard.buckets.size() * kMostTagsPerBucket) grow(shard);
  place(shard.buckets, tag_of(hash));
  ++shard.size;
  ++size_;
}

void WatchIndex::place(std::vector<Bucket>& buckets, std::uint32_t tag) {
  std::size_t at = home_of(tag, buckets.size());
  while (buckets[at].is_full()) at = at + 1 == buckets.size() ? 0 : at + 1;
  for (std::uint32_t& slot : buckets[at].tags) {
    if (slot != 0) continue;
    slot = tag;
    return;
  }
}

void WatchIndex::grow(Shard& shard) {
  std::vector<Bucket> larger(shard.buckets.size() + shard.buckets.size() / 4 + 1);
  for (const Bucket& bucket : shard.buckets) {
    for (const std::uint32_t tag : bucket.tags) {
      if (tag != 0) place(larger, tag);
    }
  }
  shard.buckets = std::move(larger);
}

std::size_t WatchIndex::memory_bytes() const {
  std::size_t bytes = sizeof *this + shards_.capacity() * sizeof(Shard);
  for (const Shard& shard : shards_) bytes += shard.buckets.capacity() * sizeof(Bucket);
  return bytes;
}

}  // namespace holdfast::chain::utxo
