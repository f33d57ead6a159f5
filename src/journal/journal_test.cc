#include "journal/journal.h"

#include "journal/test_storage.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <functional>
#include <string>
#include <vector>

namespace holdfast::journal {
namespace {

// A journal of blocks of 1, 2, 3, ... records.
std::uint64_t write_blocks(Storage& storage, std::uint64_t blocks, const LogKey& key = test_key()) {
  auto log = Journal::open(storage, key, ignore_records());
  EXPECT_TRUE(log) << log.error().text;
  Batch batch;
  for (std::uint64_t size = 1; size <= blocks; ++size) {
    fill(batch, (*log)->head().size, size);
    EXPECT_TRUE((*log)->append(batch));
  }
  return (*log)->head().size;
}

struct Outcome {
  std::string code;  // Empty when the replay went well.
  std::string text;
  std::uint64_t shown = 0;
  Replayed replayed;
};

Outcome replay_with(Storage& storage, const ReplayOptions& options, const LogKey& key = test_key()) {
  Expecting expecting{options.from ? options.from->size() : 0};
  auto replayed = replay(storage, {&key.verifier(), 1}, std::ref(expecting), options);
  Outcome out{.code = "", .text = "", .shown = expecting.next, .replayed = {}};
  if (replayed) {
    out.replayed = *std::move(replayed);
  } else {
    out.code = replayed.error().code;
    out.text = replayed.error().text;
  }
  return out;
}

class JournalOnThreads : public ::testing::TestWithParam<bool> {
 protected:
  ReplayOptions options() const {
    ReplayOptions out;
    out.second_thread = GetParam();
    return out;
  }
  MemoryStorage storage_;
  LogKey key_ = test_key();
};
INSTANTIATE_TEST_SUITE_P(OneOrTwo, JournalOnThreads, ::testing::Bool());

TEST_P(JournalOnThreads, an_empty_journal_has_a_signed_head) {
  const auto log = Journal::open(storage_, key_, ignore_records(), {.replay = options(), .earlier_keys = {}});
  ASSERT_TRUE(log);
  EXPECT_EQ((*log)->head().size, 0u);
  const auto checkpoint = open_checkpoint((*log)->head().checkpoint, {&key_.verifier(), 1});
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(checkpoint->root, empty_root());
  EXPECT_TRUE(storage_.blocks.empty());
}

TEST_P(JournalOnThreads, what_was_appended_is_replayed) {
  const std::uint64_t size = write_blocks(storage_, 60);
  Expecting expecting;
  const auto log = Journal::open(storage_, key_, std::ref(expecting), {.replay = options(), .earlier_keys = {}});
  ASSERT_TRUE(log) << log.error().text;
  EXPECT_EQ(expecting.next, size);
  EXPECT_EQ((*log)->head().size, size);
  EXPECT_EQ((*log)->head().checkpoint, storage_.blocks.back().checkpoint);
  EXPECT_FALSE((*log)->torn_tail());
  Batch batch;
  fill(batch, size, 5);
  ASSERT_TRUE((*log)->append(batch));
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(replay_with(storage_, options()).shown, size + 5);
}

TEST_P(JournalOnThreads, replays_more_than_its_queue_holds) {
  auto log = Journal::open(storage_, key_, ignore_records());
  ASSERT_TRUE(log);
  Batch batch;
  for (int block = 0; block < 12; ++block) {
    fill(batch, (*log)->head().size, 7000);
    ASSERT_TRUE((*log)->append(batch));
  }
  EXPECT_EQ(replay_with(storage_, options()).shown, 84000u);
}

TEST_P(JournalOnThreads, the_visitor_s_error_ends_the_replay) {
  write_blocks(storage_, 60);
  std::uint64_t seen = 0;
  const auto visit = [&](std::uint64_t index, ByteView) -> Result<void> {
    ++seen;
    if (index == 700) return refuse("record_unknown");
    return {};
  };
  const auto replayed = replay(storage_, {&key_.verifier(), 1}, visit, options());
  ASSERT_FALSE(replayed);
  EXPECT_EQ(replayed.error().code, "record_unknown");
  EXPECT_EQ(seen, 701u);
}

struct Damage {
  std::string name;
  std::function<void(std::vector<MemoryStorage::Block>&)> damage;
  std::string code;
  std::string place;  // Must be named in the text.
};

// Block i (from 0) of ten begins at index i(i+1)/2 and holds i+1 records; there are 55.
const std::vector<Damage>& damages() {
  using Blocks = std::vector<MemoryStorage::Block>;
  static const std::vector<Damage> kDamages = {
      {"a bit of a record", [](Blocks& b) { b[4].records[7] ^= 4; }, "journal_damaged", "block at index 10"},
      {"a bit of a record of the last block", [](Blocks& b) { b[9].records[7] ^= 4; }, "journal_damaged",
       "block at index 45"},
      {"a length", [](Blocks& b) { b[4].records[0] ^= 0x40; }, "journal_damaged", "block at index 10"},
      {"records cut short", [](Blocks& b) { b[4].records.pop_back(); }, "journal_damaged", "record 14 is malformed"},
      {"no records", [](Blocks& b) { b[4].records.clear(); }, "journal_damaged", "block at index 10"},
      {"one record less", [](Blocks& b) { b[1].records.resize(b[1].records.size() / 2); }, "journal_damaged",
       "block at index 1"},
      {"a bit of a hash", [](Blocks& b) { b[4].root.bytes[31] ^= 1; }, "journal_damaged", "block at index 10"},
      {"a count", [](Blocks& b) { b[4].count ^= 1; }, "journal_damaged", "block at index 10"},
      {"an index", [](Blocks& b) { b[4].first_index ^= 1; }, "journal_damaged", "index 10 should stand here"},
      {"a checkpoint's size", [](Blocks& b) { b[4].checkpoint[kTestLog.size() + 1] ^= 1; }, "journal_damaged",
       "block at index 10"},
      {"no checkpoint", [](Blocks& b) { b[4].checkpoint.clear(); }, "journal_damaged", "block at index 10"},
      {"the last checkpoint's size", [](Blocks& b) { b[9].checkpoint[kTestLog.size() + 1] ^= 1; },
       "journal_signed_by_another", "last checkpoint"},
      {"the last signature", [](Blocks& b) { b[9].checkpoint[b[9].checkpoint.size() - 20] ^= 1; },
       "journal_signed_by_another", "last checkpoint"},
      {"the last checkpoint's form", [](Blocks& b) { b[9].checkpoint.pop_back(); }, "journal_damaged",
       "last checkpoint"},
      {"the first block missing", [](Blocks& b) { b.erase(b.begin()); }, "journal_damaged", "index 0 should stand here"},
      {"a block missing", [](Blocks& b) { b.erase(b.begin() + 4); }, "journal_damaged", "index 10 should stand here"},
      {"two blocks swapped", [](Blocks& b) { std::swap(b[4], b[5]); }, "journal_damaged", "index 10 should stand here"},
      {"a block twice", [](Blocks& b) { b.insert(b.begin() + 4, b[4]); }, "journal_damaged",
       "index 15 should stand here"},
      {"a torn block inside", [](Blocks& b) { b[4].torn = true; }, "journal_damaged", "block at index 15"},
      {"another journal's blocks", [](Blocks& b) {
         MemoryStorage other;
         const LogKey key = test_key();
         auto log = Journal::open(other, key, ignore_records());
         Batch batch;
         batch.add(as_bytes("other"));
         EXPECT_TRUE((*log)->append(batch));
         b[0] = other.blocks[0];
       }, "journal_damaged", "block at index 1"},
  };
  return kDamages;
}

TEST_P(JournalOnThreads, damage_is_found_and_its_place_named) {
  for (const Damage& d : damages()) {
    MemoryStorage storage;
    write_blocks(storage, 10);
    d.damage(storage.blocks);
    const auto log = Journal::open(storage, key_, ignore_records(), {.replay = options(), .earlier_keys = {}});
    ASSERT_FALSE(log) << d.name;
    EXPECT_EQ(log.error().kind, ErrorKind::corruption) << d.name;
    EXPECT_EQ(log.error().code, d.code) << d.name << ": " << log.error().text;
    EXPECT_NE(log.error().text.find(d.place), std::string::npos) << d.name << ": " << log.error().text;
  }
}

TEST_P(JournalOnThreads, no_flipped_bit_goes_unseen) {
  MemoryStorage whole;
  write_blocks(whole, 8);
  ReplayOptions audit = options();
  audit.every_signature = true;
  ASSERT_EQ(replay_with(whole, audit).code, "");
  EXPECT_TRUE(rc::check([&] {
    MemoryStorage storage;
    storage.blocks = whole.blocks;
    MemoryStorage::Block& block = storage.blocks[*rc::gen::inRange<std::size_t>(0, storage.blocks.size())];
    const auto bit = static_cast<std::uint8_t>(1 << *rc::gen::inRange(0, 8));
    switch (*rc::gen::inRange(0, 4)) {
      case 0: block.records[*rc::gen::inRange<std::size_t>(0, block.records.size())] ^= bit; break;
      case 1: block.root.bytes[*rc::gen::inRange<std::size_t>(0, 32)] ^= bit; break;
      case 2: {
        char& c = block.checkpoint[*rc::gen::inRange<std::size_t>(0, block.checkpoint.size())];
        c = static_cast<char>(c ^ bit);
        break;
      }
      default: (bit < 16 ? block.count : block.first_index) ^= bit;
    }
    RC_ASSERT(!replay_with(storage, audit).code.empty());
  }));
}

TEST_P(JournalOnThreads, a_torn_tail_is_left_out_and_written_over) {
  const std::uint64_t size = write_blocks(storage_, 10);
  storage_.blocks.push_back({size, 3, Bytes{9, 9}, {}, "half a check", true});
  Expecting expecting;
  const auto log = Journal::open(storage_, key_, std::ref(expecting), {.replay = options(), .earlier_keys = {}});
  ASSERT_TRUE(log) << log.error().text;
  EXPECT_TRUE((*log)->torn_tail());
  EXPECT_EQ((*log)->head().size, size);
  EXPECT_EQ(expecting.next, size);
  Batch batch;
  fill(batch, size, 1);
  ASSERT_TRUE((*log)->append(batch));
  const Outcome outcome = replay_with(storage_, options());
  EXPECT_EQ(outcome.shown, size + 1);
  EXPECT_FALSE(outcome.replayed.torn_tail);
}

TEST_P(JournalOnThreads, a_torn_block_may_be_the_only_one) {
  storage_.blocks.push_back({0, 3, Bytes{9, 9}, {}, "", true});
  const Outcome outcome = replay_with(storage_, options());
  EXPECT_EQ(outcome.code, "");
  EXPECT_TRUE(outcome.replayed.torn_tail);
}

TEST_P(JournalOnThreads, another_key_s_journal_is_refused) {
  write_blocks(storage_, 3, test_key(2));
  EXPECT_EQ(replay_with(storage_, options()).code, "journal_signed_by_another");
  EXPECT_EQ(replay_with(storage_, options(), test_key(2, "other.example")).code, "journal_signed_by_another");
}

TEST_P(JournalOnThreads, a_log_may_change_its_key) {
  const LogKey earlier = test_key(2);
  const std::uint64_t size = write_blocks(storage_, 3, earlier);
  OpenOptions changed{.replay = options(), .earlier_keys = {earlier.verifier()}};
  changed.replay.every_signature = true;
  {
    const auto log = Journal::open(storage_, key_, ignore_records(), changed);
    ASSERT_TRUE(log) << log.error().text;
    Batch batch;
    fill(batch, size, 1);
    ASSERT_TRUE((*log)->append(batch));
  }
  EXPECT_EQ(replay_with(storage_, options()).shown, size + 1);
  EXPECT_TRUE(Journal::open(storage_, key_, ignore_records(), changed));
}

TEST_P(JournalOnThreads, goes_on_from_a_snapshot) {
  write_blocks(storage_, 10);
  Frontier tree;
  for (std::uint64_t i = 0; i < 21; ++i) tree.append(leaf_hash(as_bytes(test_record(i))));
  ReplayOptions from = options();
  from.from = tree;
  storage_.blocks[2].records.clear();  // It is not even read.
  const Outcome outcome = replay_with(storage_, from);
  EXPECT_EQ(outcome.code, "") << outcome.text;
  EXPECT_EQ(outcome.shown, 55u);
  EXPECT_EQ(outcome.replayed.tree.root(), storage_.blocks.back().root);
}

TEST_P(JournalOnThreads, a_snapshot_of_the_head_shows_nothing) {
  write_blocks(storage_, 3);
  ReplayOptions from = options();
  from.from = replay_with(storage_, options()).replayed.tree;
  const Outcome outcome = replay_with(storage_, from);
  EXPECT_EQ(outcome.code, "") << outcome.text;
  EXPECT_EQ(outcome.shown, 6u);
}

TEST_P(JournalOnThreads, a_snapshot_that_does_not_belong_is_refused) {
  write_blocks(storage_, 10);
  const auto code_from = [&](std::uint64_t size, std::string_view last_record) {
    Frontier tree;
    for (std::uint64_t i = 0; i + 1 < size; ++i) tree.append(leaf_hash(as_bytes(test_record(i))));
    tree.append(leaf_hash(as_bytes(last_record)));
    ReplayOptions from = options();
    from.from = tree;
    return replay_with(storage_, from).code;
  };
  EXPECT_EQ(code_from(21, test_record(20)), "");
  EXPECT_EQ(code_from(21, "another record"), "journal_damaged");
  EXPECT_EQ(code_from(55, "another record"), "journal_damaged");
  EXPECT_EQ(code_from(22, test_record(21)), "journal_damaged");  // Not between two blocks.
  EXPECT_EQ(code_from(56, "newer"), "journal_behind");
}

TEST_P(JournalOnThreads, a_known_head_shows_what_the_journal_alone_cannot) {
  write_blocks(storage_, 10);
  const LogKey key = test_key();
  ReplayOptions known = options();
  for (const std::size_t block : {std::size_t{0}, std::size_t{5}, std::size_t{9}}) {
    known.known_head = *open_checkpoint(storage_.blocks[block].checkpoint, {&key.verifier(), 1});
    EXPECT_EQ(replay_with(storage_, known).code, "") << block;
  }
  storage_.blocks.pop_back();
  EXPECT_EQ(replay_with(storage_, options()).code, "");  // The journal alone cannot see it.
  EXPECT_EQ(replay_with(storage_, known).code, "journal_behind");

  known.known_head = Checkpoint{std::string(kTestLog), 6, empty_root()};
  EXPECT_EQ(replay_with(storage_, known).code, "journal_forked");
  known.known_head = Checkpoint{std::string(kTestLog), 7, empty_root()};  // A size no block ends at.
  EXPECT_EQ(replay_with(storage_, known).code, "journal_forked");
}

TEST(Journal, a_failed_append_did_not_happen) {
  MemoryStorage storage;
  const LogKey key = test_key();
  const auto log = Journal::open(storage, key, ignore_records());
  Batch batch;
  fill(batch, 0, 2);
  storage.fail_next_append = Error{ErrorKind::fault, "journal_disk_full", ""};
  EXPECT_EQ((*log)->append(batch).error().code, "journal_disk_full");
  EXPECT_EQ((*log)->head().size, 0u);
  EXPECT_EQ(batch.count(), 2u);
  const auto head = (*log)->append(batch);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->size, 2u);
  EXPECT_EQ(replay_with(storage, {}).shown, 2u);
}

TEST(Journal, an_append_in_doubt_ends_the_writing) {
  MemoryStorage storage;
  const LogKey key = test_key();
  const auto log = Journal::open(storage, key, ignore_records());
  Batch batch;
  fill(batch, 0, 2);
  storage.fail_next_append = Error{ErrorKind::unknown, "connection_lost", ""};
  EXPECT_EQ((*log)->append(batch).error().code, "connection_lost");
  EXPECT_EQ((*log)->append(batch).error().code, "journal_must_be_reopened");
  EXPECT_TRUE(storage.blocks.empty());
}

TEST(Journal, proves_each_record_and_each_earlier_head) {
  MemoryStorage storage;
  const std::uint64_t size = write_blocks(storage, 8);
  const LogKey key = test_key();
  const auto log = Journal::open(storage, key, ignore_records());
  const Head& head = (*log)->head();
  for (std::uint64_t i = 0; i < size; ++i) {
    const auto proof = (*log)->prove_inclusion(i);
    ASSERT_TRUE(proof);
    EXPECT_TRUE(verify_inclusion(leaf_hash(as_bytes(test_record(i))), i, size, *proof, head.root)) << i;
  }
  for (const MemoryStorage::Block& block : storage.blocks) {
    const std::uint64_t old_size = block.first_index + block.count;
    const auto proof = (*log)->prove_consistency(old_size);
    ASSERT_TRUE(proof);
    EXPECT_TRUE(verify_consistency(old_size, block.root, size, head.root, *proof)) << old_size;
  }
  EXPECT_EQ((*log)->prove_inclusion(size).error().code, "index_out_of_range");
  EXPECT_EQ((*log)->prove_consistency(size + 1).error().code, "index_out_of_range");
  EXPECT_TRUE((*log)->prove_consistency(0)->empty());
}

TEST(Journal, proves_within_an_earlier_head_too) {
  MemoryStorage storage;
  write_blocks(storage, 8);
  const MemoryStorage::Block earlier = storage.blocks[4];
  const auto proof = prove_inclusion(storage, 3, 15);
  ASSERT_TRUE(proof);
  EXPECT_TRUE(verify_inclusion(leaf_hash(as_bytes(test_record(3))), 3, 15, *proof, earlier.root));
  EXPECT_EQ(prove_inclusion(storage, 3, 1000).error().code, "journal_damaged");
}

}  // namespace
}  // namespace holdfast::journal
