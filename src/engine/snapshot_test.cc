// Snapshots: there and back, one form only, damage, and the folder they are kept in.
#include "engine/snapshot.h"

#include "custody.pb.h"
#include "custody/custody.h"
#include "engine/test_events.h"
#include "journal/test_folder.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

namespace holdfast::engine {
namespace {

constexpr std::size_t kMagicBytes = 8;

template <class Key, class Thing>
void fill(custody::Table<Key, Thing>& table, RandomFields& random) {
  for (auto left = random.below(5); left > 0; --left) {
    Thing thing;
    random.fill(thing);
    thing.id = table.next_id();
    table.add(thing.id, std::move(thing));
  }
}

template <class Key, class Value>
void fill(std::map<Key, Value>& map, RandomFields& random) {
  for (auto left = random.below(5); left > 0; --left) {
    Key key;
    random.fill(key.first);
    random.fill(key.second);
    random.fill(map[key]);
  }
}

custody::ForeignSpend random_foreign(RandomFields& random) {
  custody::ForeignSpend out;
  random.fill(out.txid);
  random.fill(out.max_fee);
  random.fill(out.priority_fee);
  return out;
}

// Not a state that any events lead to: only that every part of it is something.
custody::State random_state(std::uint64_t seed) {
  RandomFields random(seed);
  custody::State state;
  fill(state.chains, random);
  fill(state.assets, random);
  fill(state.signers, random);
  fill(state.wallets, random);
  fill(state.customers, random);
  if (state.customers.size() != 0) fill(state.customer_keys, random);
  custody::Table<custody::CustomerKeyId, custody::CustomerKey> keys;
  for (custody::CustomerKey key : state.customer_keys) {
    key.customer = {1 + random.below(state.customers.size())};
    keys.add(key.id, key);
  }
  state.customer_keys = keys;
  fill(state.deposits, random);
  fill(state.withdrawals, random);
  fill(state.freezes, random);
  fill(state.incidents, random);
  if (state.wallets.size() != 0) fill(state.spends, random);
  custody::Table<custody::SpendId, custody::Spend> spends;
  for (custody::Spend spend : state.spends) {
    spend.wallet = {1};
    spend.money.amount = Amount::of(static_cast<Int128>(random.below(1'000'000)));
    spends.add(spend.id, spend);
  }
  state.spends = spends;
  state.progress.resize(state.chains.size());
  for (auto& progress : state.progress) random.fill(progress);
  for (auto left = random.below(5); left > 0; --left) {
    custody::DepositAddress address;
    random.fill(address);
    state.deposit_addresses[{address.chain, address.address}] = address;
    custody::WalletId wallet;
    random.fill(wallet);
    random.fill(state.mined_nonce[wallet]);
    state.foreign_spends[{wallet, left}] = random_foreign(random);
    state.foreign_txids.insert(random_foreign(random).txid);
  }
  fill(state.unswept, random);
  fill(state.unfinal_deposits, random);
  ledger::Balances balances;
  Chunked<ledger::Hold> holds;
  for (auto left = random.below(5); left > 0; --left) {
    Amount amount;
    random.fill(amount);
    balances[left << 56 | 1] = left % 2 == 0 ? amount.units() : -amount.units();
    ledger::Hold hold;
    random.fill(hold);
    holds.push_back(hold);
  }
  state.books = ledger::Books::restore(std::move(balances), std::move(holds), random.below(1000));
  custody::rebuild_indexes(state);
  return state;
}

journal::Frontier tree_of(std::uint64_t size) {
  journal::Frontier tree;
  for (std::uint64_t i = 0; i < size; ++i) tree.append(journal::leaf_hash(as_bytes(std::to_string(i))));
  return tree;
}

TEST(snapshot, a_state_is_read_back) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    const custody::State state = random_state(seed);
    const journal::Frontier tree = tree_of(seed % 40);
    const Bytes bytes = encode_snapshot(state, tree);
    const auto again = decode_snapshot(bytes);
    RC_ASSERT(again.has_value());
    RC_ASSERT(again->state == state);
    RC_ASSERT(again->tree.size() == tree.size());
    RC_ASSERT(again->tree.root() == tree.root());
    RC_ASSERT(encode_snapshot(again->state, again->tree) == bytes);
  }));
}

TEST(snapshot, is_written_as_generated_code_writes_it) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    const Bytes bytes = encode_snapshot(random_state(seed), tree_of(seed % 40));
    const std::string content(as_text(bytes).substr(kMagicBytes, bytes.size() - kMagicBytes - Hash32::kSize));
    record::Snapshot message;
    RC_ASSERT(message.ParseFromString(content));
    message.DiscardUnknownFields();
    RC_ASSERT(message.SerializeAsString() == content);
  }));
}

TEST(snapshot, any_changed_byte_is_damage) {
  const Bytes bytes = encode_snapshot(random_state(7), tree_of(5));
  ASSERT_TRUE(decode_snapshot(bytes));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    Bytes damaged = bytes;
    damaged[at] ^= 1;
    const auto snapshot = decode_snapshot(damaged);
    ASSERT_FALSE(snapshot.has_value()) << at;
    EXPECT_EQ(snapshot.error().code, "snapshot_damaged");
    EXPECT_EQ(snapshot.error().kind, ErrorKind::corruption);
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode_snapshot(ByteView(bytes).first(size)));
}

class snapshot_folder : public ::testing::Test {
 protected:
  void put(std::uint64_t size) {
    ASSERT_TRUE(snapshots_.put(size, encode_snapshot(random_state(size), tree_of(size))));
  }
  std::uint64_t newest() {
    const auto snapshot = snapshots_.newest();
    return snapshot ? snapshot->tree.size() : 0;
  }
  std::string path(std::uint64_t size) const { return path_ + "/snapshot-" + std::to_string(size) + ".hfsnap"; }
  void damage(std::uint64_t size) {
    std::filesystem::resize_file(path(size), std::filesystem::file_size(path(size)) - 1);
  }

  journal::TestFolder folder_;
  std::string path_ = folder_.file("");
  SnapshotFolder snapshots_{path_};
};

TEST_F(snapshot_folder, an_empty_one_has_none) { EXPECT_EQ(newest(), 0u); }

TEST_F(snapshot_folder, gives_the_newest_and_keeps_two) {
  for (const std::uint64_t size : {9u, 10u, 100u}) put(size);
  EXPECT_EQ(newest(), 100u);
  EXPECT_FALSE(std::filesystem::exists(path(9)));
  EXPECT_TRUE(std::filesystem::exists(path(10)));
}

TEST_F(snapshot_folder, nobody_else_may_read_it) {
  put(3);
  struct stat status{};
  ASSERT_EQ(::stat(path(3).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
}

TEST_F(snapshot_folder, passes_over_a_damaged_one) {
  put(3);
  put(4);
  damage(4);
  EXPECT_EQ(newest(), 3u);
  damage(3);
  EXPECT_EQ(newest(), 0u);
}

TEST_F(snapshot_folder, passes_over_what_has_another_ones_name) {
  put(3);
  std::filesystem::copy_file(path(3), path(5));
  std::ofstream(path_ + "/snapshot-7x.hfsnap") << "not one";
  EXPECT_EQ(newest(), 3u);
}

TEST_F(snapshot_folder, an_unfinished_one_is_not_there) {
  put(3);
  std::ofstream(path_ + "/snapshot.unfinished") << "half";
  EXPECT_EQ(newest(), 3u);
  put(4);
  EXPECT_FALSE(std::filesystem::exists(path_ + "/snapshot.unfinished"));
  EXPECT_EQ(newest(), 4u);
}

TEST(snapshot_folder_missing, is_a_fault) {
  SnapshotFolder snapshots("/nonexistent/folder");
  EXPECT_FALSE(snapshots.newest());
  const auto put = snapshots.put(1, {});
  ASSERT_FALSE(put.has_value());
  EXPECT_EQ(put.error().code, "snapshot_not_written");
}

}  // namespace
}  // namespace holdfast::engine
