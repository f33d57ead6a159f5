#include "signer/replica/replica.h"

#include "base/check.h"
#include "journal/test_storage.h"
#include "signer/replica/witness.h"

#include <gtest/gtest.h>

namespace holdfast::signer {
namespace {

using journal::Batch;
using journal::Journal;
using journal::MemoryStorage;

constexpr Instant kNow{1'700'000'000'000};

// A log that streams itself, as holdfastd does.
struct Log {
  explicit Log(std::uint8_t key = 1) : key_(journal::test_key(key)) {
    log = *Journal::open(storage, key_, journal::ignore_records());
  }
  void append(std::uint64_t count, std::string_view salt = {}) {
    Batch batch;
    for (std::uint64_t i = 0; i < count; ++i) batch.add(as_bytes(journal::test_record(log->head().size + i) + std::string(salt)));
    HF_CHECK(log->append(batch).has_value());
  }
  std::vector<JournalPart> parts_from(std::uint64_t index) const {
    std::vector<JournalPart> out;
    for (const auto& block : storage.blocks) {
      if (block.first_index >= index) out.push_back({block.first_index, block.records, block.checkpoint});
    }
    return out;
  }
  TreeHead head() const { return {log->head().size, log->head().root}; }

  journal::LogKey key_;
  MemoryStorage storage;
  std::unique_ptr<Journal> log;
};

struct Signer {
  void open(const TreeHead& cosigned = {}) {
    shown = 0;
    opened = Replica::open(storage, journal::test_key().verifier(), cosigned, visit());
  }
  journal::RecordVisitor visit() {
    return [this](std::uint64_t index, ByteView) -> Result<void> {
      EXPECT_EQ(index, shown);
      ++shown;
      return {};
    };
  }
  Result<void> take(const std::vector<JournalPart>& parts) { return (*opened)->take(parts, visit()); }
  Replica& replica() { return **opened; }

  MemoryStorage storage;
  std::uint64_t shown = 0;
  Result<std::unique_ptr<Replica>> opened = nullptr;
};

class replica : public testing::Test {
 protected:
  void SetUp() override {
    log.append(3);
    log.append(1);
    signer.open();
    ASSERT_TRUE(signer.take(log.parts_from(0)).has_value());
  }
  // The log as it would be, had its fourth record been another.
  static Log other_past() {
    Log out;
    out.append(3);
    out.append(1, "other");
    return out;
  }

  Log log;
  Signer signer;
};

#define EXPECT_REFUSED(result, what) \
  do { \
    const auto outcome = (result); \
    ASSERT_FALSE(outcome.has_value()); \
    EXPECT_EQ(outcome.error().code, what); \
  } while (false)

TEST_F(replica, has_what_the_log_has_and_shows_each_record_once) {
  EXPECT_EQ(signer.replica().head(), log.head());
  EXPECT_EQ(signer.shown, 4u);
  log.append(5);
  ASSERT_TRUE(signer.take(log.parts_from(4)).has_value());
  EXPECT_EQ(signer.replica().head(), log.head());
  EXPECT_EQ(signer.shown, 9u);
}

TEST_F(replica, opens_again_where_it_was) {
  const TreeHead cosigned = signer.replica().head();
  signer.open(cosigned);
  ASSERT_TRUE(signer.opened.has_value());
  EXPECT_EQ(signer.replica().head(), log.head());
  EXPECT_EQ(signer.shown, 4u);
  EXPECT_TRUE(signer.replica().is_complete());
}

TEST_F(replica, takes_a_block_in_pieces) {
  log.append(2);
  const auto& block = log.storage.blocks.back();
  const std::size_t first = 1 + journal::test_record(4).size();  // One byte of length, then the record.
  const ByteView records = block.records;
  const std::vector<JournalPart> begin = {{4, records.first(first), {}}};
  ASSERT_TRUE(signer.take(begin).has_value());
  EXPECT_EQ(signer.shown, 4u);
  const std::vector<JournalPart> end = {{5, records.subspan(first), block.checkpoint}};
  // The pieces are of one call or of two; begun ones are kept until the checkpoint comes.
  ASSERT_TRUE(signer.take(end).has_value());
  EXPECT_EQ(signer.replica().head(), log.head());
}

TEST_F(replica, refuses_a_gap_and_goes_on_where_it_was) {
  log.append(1);
  log.append(1);
  EXPECT_REFUSED(signer.take(log.parts_from(5)), "journal_gap");
  EXPECT_REFUSED(signer.take(log.parts_from(3)), "journal_gap");  // What it has already is none of its business.
  EXPECT_EQ(signer.shown, 4u);
  EXPECT_TRUE(signer.take(log.parts_from(4)).has_value());
}

TEST_F(replica, refuses_another_past) {
  Log other = other_past();
  other.append(1);
  EXPECT_REFUSED(signer.take(other.parts_from(4)), "journal_forked");
  EXPECT_EQ(signer.replica().head(), log.head());
}

TEST_F(replica, refuses_records_that_the_signed_head_does_not_cover) {
  log.append(1);
  auto parts = log.parts_from(4);
  Bytes changed = to_bytes(parts[0].records);
  changed.back() ^= 1;
  parts[0].records = changed;
  EXPECT_REFUSED(signer.take(parts), "journal_forked");
  parts[0].records = as_bytes("\xff\xff\xff\xff");
  EXPECT_REFUSED(signer.take(parts), "journal_malformed");
  EXPECT_EQ(signer.storage.blocks.size(), 1u);
}

TEST_F(replica, refuses_a_head_by_another_key) {
  Log stranger(7);
  stranger.append(3);
  stranger.append(1);
  stranger.append(1);
  EXPECT_REFUSED(signer.take(stranger.parts_from(4)), "journal_not_signed");
  EXPECT_REFUSED(signer.replica().hear(stranger.log->head().checkpoint), "journal_not_signed");
  EXPECT_REFUSED(signer.replica().hear("nonsense"), "journal_malformed");
}

TEST_F(replica, hears_of_newer_heads_and_of_its_own) {
  EXPECT_TRUE(signer.replica().hear(log.log->head().checkpoint).has_value());
  log.append(6);
  EXPECT_TRUE(signer.replica().hear(log.log->head().checkpoint).has_value());
  EXPECT_EQ(signer.replica().announced(), 10u);
  EXPECT_EQ(signer.replica().size(), 4u);
}

TEST_F(replica, sees_a_rollback_and_a_fork_in_a_head_alone) {
  EXPECT_REFUSED(signer.replica().hear(log.storage.blocks.front().checkpoint), "journal_rolled_back");
  EXPECT_REFUSED(signer.replica().hear(other_past().log->head().checkpoint), "journal_forked");
}

// The copy was lost; what this signer cosigned stands in its own journal.
TEST_F(replica, a_lost_copy_has_to_lead_to_what_was_cosigned) {
  const TreeHead cosigned = log.head();
  Signer anew;
  anew.open(cosigned);
  EXPECT_FALSE(anew.replica().is_complete());
  EXPECT_REFUSED(anew.replica().hear(log.storage.blocks.front().checkpoint), "journal_rolled_back");
  Log other = other_past();
  EXPECT_REFUSED(anew.replica().hear(other.log->head().checkpoint), "journal_forked");
  other.append(3);
  EXPECT_REFUSED(anew.take(other.parts_from(0)), "journal_forked");
  ASSERT_TRUE(anew.take(log.parts_from(0)).has_value());
  EXPECT_TRUE(anew.replica().is_complete());
}

TEST_F(replica, a_copy_that_is_not_what_was_cosigned_does_not_open) {
  TreeHead cosigned = signer.replica().head();
  cosigned.size = 2;  // Inside a block.
  signer.open(cosigned);
  EXPECT_REFUSED(std::move(signer.opened), "journal_forked");
}

TEST_F(replica, a_fault_of_the_disk_keeps_nothing) {
  log.append(1);
  signer.storage.fail_next_append = Error{ErrorKind::fault, "journal_disk_full", {}};
  EXPECT_REFUSED(signer.take(log.parts_from(4)), "journal_disk_full");
  EXPECT_EQ(signer.shown, 4u);
  EXPECT_TRUE(signer.take(log.parts_from(4)).has_value());
  EXPECT_EQ(signer.shown, 5u);
}

// --- Witnesses ---------------------------------------------------------------------------------------------------

class witnesses : public replica {
 protected:
  static journal::LogKey witness(std::uint8_t n) { return journal::test_key(n, "witness.example/" + std::to_string(n)); }
  static WitnessRules rules() {
    return {{journal::WitnessKey::of(witness(11)), journal::WitnessKey::of(witness(12))}, 1, 30 * kMsPerSecond};
  }
  static std::string cosigned(const Log& log, std::uint8_t by, Instant at) {
    auto note = *journal::Note::parse(log.log->head().checkpoint);
    journal::cosign(note, witness(by), static_cast<std::uint64_t>(at.unix_ms / kMsPerSecond));
    return note.to_string();
  }

  Witnesses others{rules()};
};

TEST_F(witnesses, are_enough_while_one_of_them_vouches_for_our_head) {
  EXPECT_FALSE(others.is_enough(kNow));
  ASSERT_TRUE(others.hear(cosigned(log, 11, kNow), signer.replica(), kNow).has_value());
  EXPECT_TRUE(others.is_enough(kNow));
  EXPECT_TRUE(others.is_enough(kNow + 30 * kMsPerSecond));
  EXPECT_FALSE(others.is_enough(kNow + 31 * kMsPerSecond));
}

TEST_F(witnesses, strangers_and_dates_far_ahead_count_for_nothing) {
  ASSERT_TRUE(others.hear(cosigned(log, 13, kNow), signer.replica(), kNow).has_value());
  ASSERT_TRUE(others.hear(cosigned(log, 11, kNow + 62 * kMsPerSecond), signer.replica(), kNow).has_value());
  ASSERT_TRUE(others.hear(log.log->head().checkpoint, signer.replica(), kNow).has_value());
  EXPECT_EQ(others.fresh(kNow), 0u);
}

// Holdfastd shows the others more than us: what they vouch for is not ours, so it says nothing for us.
TEST_F(witnesses, a_signer_that_is_held_back_stands_alone) {
  ASSERT_TRUE(others.hear(cosigned(log, 11, kNow), signer.replica(), kNow).has_value());
  log.append(1);
  const Instant later = kNow + 40 * kMsPerSecond;
  ASSERT_TRUE(others.hear(cosigned(log, 11, later), signer.replica(), later).has_value());
  EXPECT_FALSE(others.is_enough(later));
  ASSERT_TRUE(signer.take(log.parts_from(4)).has_value());
  ASSERT_TRUE(others.catch_up(signer.replica()).has_value());
  EXPECT_TRUE(others.is_enough(later));
}

TEST_F(witnesses, a_witness_of_another_log_gives_the_fork_away) {
  Log other = other_past();
  EXPECT_REFUSED(others.hear(cosigned(other, 12, kNow), signer.replica(), kNow), "journal_forked");
  other.append(1);
  ASSERT_TRUE(others.hear(cosigned(other, 12, kNow), signer.replica(), kNow).has_value());  // Ahead of us: not known yet.
  log.append(1);
  ASSERT_TRUE(signer.take(log.parts_from(4)).has_value());
  EXPECT_REFUSED(others.catch_up(signer.replica()), "journal_forked");
  EXPECT_REFUSED(others.hear("nonsense", signer.replica(), kNow), "journal_malformed");
}

}  // namespace
}  // namespace holdfast::signer
