#include "chain/utxo/watch/watch_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace holdfast::chain::utxo {
namespace {

const WatchIndex::Key kKey = WatchIndex::Key::from(as_bytes("0123456789abcdef"));

// A script of a watchable length that holds `number`; different for each.
Bytes script(std::uint64_t number) {
  constexpr std::array<std::size_t, 4> kLengths{22, 23, 25, 34};
  Bytes out(kLengths[number % kLengths.size()], 0x14);
  std::memcpy(out.data() + 2, &number, sizeof number);
  return out;
}

// Scripts first, first + 1, ... made one at a time: millions of them would not be small.
class Scripts {
 public:
  class Iterator {
   public:
    explicit Iterator(std::uint64_t at) : at_(at) {}
    Bytes operator*() const { return script(at_); }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    std::uint64_t at_;
  };
  Scripts(std::uint64_t first, std::uint64_t count) : first_(first), count_(count) {}
  Iterator begin() const { return Iterator(first_); }
  Iterator end() const { return Iterator(first_ + count_); }

 private:
  std::uint64_t first_;
  std::uint64_t count_;
};

std::uint64_t matches(const WatchIndex& index, std::uint64_t first, std::uint64_t count) {
  std::uint64_t found = 0;
  WatchQueue<std::uint64_t, std::function<void(std::uint64_t)>> queue(index, [&](std::uint64_t) { ++found; });
  for (std::uint64_t i = first; i < first + count; ++i) queue.push(script(i), i);
  queue.drain();
  return found;
}

constexpr std::uint64_t kMany = 3'000'000;

// A false match is expected with a chance of size / 2^42 each: 2 in 3 million. Ten would be the work of a broken hash.
TEST(watch_index, misses_nothing_and_matches_hardly_anything_else) {
  WatchIndex index(kKey, kMany);
  index.add_all(Scripts(0, kMany));
  EXPECT_LE(index.size(), kMany);
  EXPECT_GE(index.size(), kMany - 10);
  EXPECT_EQ(matches(index, 0, kMany), kMany);
  EXPECT_LE(matches(index, kMany, kMany), 10U);
}

TEST(watch_index, grows_from_nothing) {
  WatchIndex index(kKey);
  for (std::uint64_t i = 0; i < 300'000; ++i) {
    index.add(script(i));
    if (i % 7919 != 0) continue;
    const std::uint64_t first = i < 1'000 ? 0 : i - 999;
    EXPECT_EQ(matches(index, first, i + 1 - first), i + 1 - first);
  }
  EXPECT_EQ(matches(index, 0, 300'000), 300'000U);
  EXPECT_LE(matches(index, 300'000, 300'000), 3U);
}

TEST(watch_index, is_small_at_every_size) {
  WatchIndex index(kKey);
  std::uint64_t added = 0;
  for (const std::uint64_t size : {500'000U, 570'000U, 700'000U, 850'000U, 1'000'000U, 1'300'000U, 1'600'000U}) {
    index.add_all(Scripts(added, size - added));
    added = size;
    EXPECT_LE(index.memory_bytes(), size * 8) << size;
  }
}

TEST(watch_index, an_empty_one_knows_nobody) {
  const WatchIndex index(kKey);
  EXPECT_EQ(matches(index, 0, 10'000), 0U);
  EXPECT_EQ(index.size(), 0U);
}

TEST(watch_index, adding_twice_changes_nothing) {
  WatchIndex index(kKey);
  for (int round = 0; round < 100; ++round) index.add_all(Scripts(0, 100));
  EXPECT_EQ(index.size(), 100U);
}

// Hashes of one shard, and of one bucket: what nobody without the key can make still has to be right.
TEST(watch_index, crowded_buckets_spill_and_find) {
  WatchIndex index(kKey);
  for (std::uint64_t i = 0; i < 2'000; ++i) index.add(i);
  for (std::uint64_t i = 0; i < 2'000; ++i) EXPECT_TRUE(index.may_contain(i)) << i;
  EXPECT_EQ(index.size(), 1'999U);  // The tags 0 and 1 are the same.
  for (std::uint64_t i = 2'000; i < 4'000; ++i) EXPECT_FALSE(index.may_contain(i)) << i;
  WatchIndex last(kKey);
  for (std::uint64_t i = 0; i < 2'000; ++i) last.add(~i);
  for (std::uint64_t i = 0; i < 2'000; ++i) EXPECT_TRUE(last.may_contain(~i)) << i;
}

TEST(watch_index, the_queue_answers_in_order) {
  WatchIndex index(kKey);
  for (std::uint64_t i = 0; i < 1'000; i += 3) index.add(script(i));
  std::vector<std::uint64_t> found;
  WatchQueue<std::uint64_t, std::function<void(std::uint64_t)>> queue(index, [&](std::uint64_t i) { found.push_back(i); });
  for (std::uint64_t i = 0; i < 1'000; ++i) queue.push(script(i), i);
  queue.drain();
  EXPECT_EQ(found.size(), 334U);
  EXPECT_TRUE(std::ranges::is_sorted(found));
  EXPECT_TRUE(std::ranges::all_of(found, [](std::uint64_t i) { return i % 3 == 0; }));
}

TEST(watch_index, keys_differ_and_so_do_hashes) {
  EXPECT_NE(WatchIndex::random_key(), WatchIndex::random_key());
  const WatchIndex one(WatchIndex::random_key());
  const WatchIndex other(WatchIndex::random_key());
  EXPECT_NE(one.hash(script(1)), other.hash(script(1)));
}

// The vector of the SipHash paper: key 00..0f, message 00..0e.
TEST(watch_index, hashes_by_siphash) {
  WatchIndex::Key key;
  Bytes message(15);
  for (std::uint8_t i = 0; i < 16; ++i) key.bytes[i] = i;
  for (std::uint8_t i = 0; i < 15; ++i) message[i] = i;
  EXPECT_EQ(WatchIndex(key).hash(message), 0xa129ca6149be45e5U);
}

TEST(watch_index, looks_at_the_five_standard_forms_only) {
  std::vector<std::size_t> lengths;
  for (std::size_t i = 0; i < 100; ++i) {
    if (WatchIndex::is_watchable(i)) lengths.push_back(i);
  }
  EXPECT_EQ(lengths, (std::vector<std::size_t>{22, 23, 25, 34}));
}

}  // namespace
}  // namespace holdfast::chain::utxo
