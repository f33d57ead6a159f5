#include "journal/sqlite_storage.h"

#include "journal/test_folder.h"
#include "journal/test_storage.h"
#include "journal/test_vfs.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

namespace holdfast::journal {
namespace {

// The bytes of a file, none if it does not exist. (Never print them: compare with EXPECT_TRUE.)
std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void run_sql(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  char* error = nullptr;
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &error), SQLITE_OK) << error;
  sqlite3_close(database);
}

class SqliteJournal : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(SqliteStorage::create(path_)); }

  std::unique_ptr<Journal> open_journal(Storage& storage) {
    auto log = Journal::open(storage, key_, std::ref(expecting_));
    EXPECT_TRUE(log) << log.error().text;
    return *std::move(log);
  }

  // Appends so many blocks of so many records, and closes the journal.
  void write(int blocks, std::uint64_t records) {
    const auto storage = SqliteStorage::open(path_);
    ASSERT_TRUE(storage) << storage.error().text;
    const auto log = Journal::open(**storage, key_, ignore_records());
    ASSERT_TRUE(log) << log.error().text;
    Batch batch;
    for (int i = 0; i < blocks; ++i) {
      fill(batch, (*log)->head().size, records);
      ASSERT_TRUE((*log)->append(batch));
    }
  }

  // The code of the error that opening and replaying ends with; empty when all is well.
  std::string code_of_reading() {
    const auto storage = SqliteStorage::open(path_);
    if (!storage) return std::string(storage.error().code);
    const auto log = Journal::open(**storage, key_, std::ref(expecting_));
    return log ? "" : std::string(log.error().code);
  }

  TestFolder folder_;
  const std::string path_ = folder_.file("journal");
  const LogKey key_ = test_key();
  Expecting expecting_;
};

TEST_F(SqliteJournal, what_was_appended_is_there_after_reopening) {
  write(30, 3);
  write(2, 5000);
  EXPECT_EQ(code_of_reading(), "");
  EXPECT_EQ(expecting_.next, 10090u);
}

TEST_F(SqliteJournal, is_readable_by_its_owner_only) {
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(SqliteJournal, is_never_created_over_another) {
  write(1, 1);
  EXPECT_EQ(SqliteStorage::create(path_).error().code, "journal_exists");
  EXPECT_EQ(code_of_reading(), "");
  EXPECT_EQ(expecting_.next, 1u);
}

TEST_F(SqliteJournal, a_missing_journal_is_not_begun_anew) {
  const std::string absent = folder_.file("absent");
  EXPECT_EQ(SqliteStorage::open(absent).error().code, "journal_missing");
  EXPECT_EQ(SqliteStorage::open_readonly(absent).error().code, "journal_missing");
  EXPECT_FALSE(std::filesystem::exists(absent));
  EXPECT_EQ(SqliteStorage::create(folder_.file("absent/journal")).error().code, "journal_not_created");
}

TEST_F(SqliteJournal, has_one_writer) {
  auto first = SqliteStorage::open(path_);
  ASSERT_TRUE(first);
  const auto second = SqliteStorage::open(path_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::refusal);
  EXPECT_EQ(second.error().code, "journal_in_use");
  EXPECT_NE(second.error().text.find(path_ + ".lock"), std::string::npos);
  first->reset();
  EXPECT_TRUE(SqliteStorage::open(path_));
}

TEST_F(SqliteJournal, is_read_while_it_is_written) {
  const auto storage = SqliteStorage::open(path_);
  const auto log = open_journal(**storage);
  const auto reader = SqliteStorage::open_readonly(path_);
  ASSERT_TRUE(reader) << reader.error().text;
  Batch batch;
  for (std::uint64_t block = 1; block <= 3; ++block) {
    fill(batch, log->head().size, 100);
    ASSERT_TRUE(log->append(batch));
    Expecting seen;
    const auto replayed = replay(**reader, {&key_.verifier(), 1}, std::ref(seen));
    ASSERT_TRUE(replayed) << replayed.error().text;
    EXPECT_EQ(seen.next, 100 * block);
  }
  EXPECT_EQ((*reader)->append({}).error().code, "journal_readonly");
}

TEST_F(SqliteJournal, a_snapshot_stands_still_while_it_is_written) {
  const auto storage = SqliteStorage::open(path_);
  const auto log = open_journal(**storage);
  Batch batch;
  fill(batch, 0, 100);
  ASSERT_TRUE(log->append(batch));
  const auto snapshot = SqliteStorage::open_snapshot(path_);
  ASSERT_TRUE(snapshot) << snapshot.error().text;
  const auto before = (*snapshot)->last_checkpoint();
  fill(batch, log->head().size, 100);
  ASSERT_TRUE(log->append(batch));
  EXPECT_EQ(*(*snapshot)->last_checkpoint(), *before);
  Expecting seen;
  const auto replayed = replay(**snapshot, {&key_.verifier(), 1}, std::ref(seen));
  ASSERT_TRUE(replayed) << replayed.error().text;
  EXPECT_EQ(seen.next, 100u);
}

TEST_F(SqliteJournal, is_read_without_a_writer) {
  write(3, 10);
  const auto reader = SqliteStorage::open_readonly(path_);
  ASSERT_TRUE(reader) << reader.error().text;
  EXPECT_TRUE(replay(**reader, {&key_.verifier(), 1}, std::ref(expecting_)));
  EXPECT_EQ(expecting_.next, 30u);
}

TEST_F(SqliteJournal, a_copy_goes_on_as_a_journal) {
  write(3, 10);
  const std::string copy = folder_.file("copy");
  run_sql(path_, "VACUUM INTO '" + copy + "'");
  const auto storage = SqliteStorage::open(copy);
  ASSERT_TRUE(storage) << storage.error().text;
  const auto log = open_journal(**storage);
  Batch batch;
  fill(batch, 30, 1);
  EXPECT_TRUE(log->append(batch));
}

TEST_F(SqliteJournal, other_files_are_no_journal) {
  std::filesystem::resize_file(path_, 0);
  EXPECT_EQ(code_of_reading(), "journal_damaged");
  std::ofstream(path_) << std::string(20000, 'x');
  EXPECT_EQ(code_of_reading(), "journal_damaged");
}

TEST_F(SqliteJournal, a_newer_format_is_left_alone) {
  run_sql(path_, "PRAGMA user_version=2");
  EXPECT_EQ(code_of_reading(), "journal_format_unknown");
}

TEST_F(SqliteJournal, nothing_but_the_table_may_be_inside) {
  write(2, 2);
  run_sql(path_, "CREATE TRIGGER later AFTER INSERT ON block BEGIN DELETE FROM block; END");
  EXPECT_EQ(code_of_reading(), "journal_damaged");
  run_sql(path_, "DROP TRIGGER later; ALTER TABLE block RENAME TO other");
  EXPECT_EQ(code_of_reading(), "journal_damaged");
  run_sql(path_, "DROP TABLE other");
  EXPECT_EQ(code_of_reading(), "journal_damaged");
}

TEST_F(SqliteJournal, a_changed_row_is_found_and_the_file_left_as_it_is) {
  for (const char* change : {"UPDATE block SET records = zeroblob(length(records)) WHERE first_index = 6",
                             "UPDATE block SET root = zeroblob(31) WHERE first_index = 6",
                             "UPDATE block SET first_index = 7 WHERE first_index = 6",
                             "UPDATE block SET count = 2 WHERE first_index = 6",
                             "UPDATE block SET checkpoint = 'x' WHERE first_index = 6",
                             "DELETE FROM block WHERE first_index = 6"}) {
    const TestFolder folder;
    const std::string path = folder.file("journal");
    ASSERT_TRUE(SqliteStorage::create(path));
    {
      const auto storage = SqliteStorage::open(path);
      const auto log = Journal::open(**storage, key_, ignore_records());
      Batch batch;
      for (int i = 0; i < 5; ++i) {
        fill(batch, (*log)->head().size, 3);
        ASSERT_TRUE((*log)->append(batch));
      }
    }
    run_sql(path, change);
    const std::string before = read_file(path);
    {
      const auto storage = SqliteStorage::open(path);
      const auto log = Journal::open(**storage, key_, ignore_records());
      ASSERT_FALSE(log) << change;
      EXPECT_EQ(log.error().code, "journal_damaged") << change;
      EXPECT_NE(log.error().text.find("index 6"), std::string::npos) << change << ": " << log.error().text;
    }
    EXPECT_TRUE(read_file(path) == before) << change;
    EXPECT_TRUE(read_file(path + "-wal").empty()) << change;
  }
}

// Whatever bit of the file is flipped: all records come back as they were, or the journal is refused; and the file
// stays as it is. (Bits of free space, or of what SQLite does not need, do not matter.)
TEST_F(SqliteJournal, no_flipped_bit_of_the_file_changes_a_record) {
  write(40, 5);
  const std::string whole = read_file(path_);
  int refused = 0;
  for (std::size_t at = 0; at < whole.size(); at += at < 200 ? 1 : 127) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << changed;
    std::filesystem::remove(path_ + "-wal");
    expecting_ = {};
    const std::string code = code_of_reading();
    EXPECT_NE(code, "unexpected_record") << at;
    if (!code.empty()) {
      ++refused;
    } else {
      EXPECT_EQ(expecting_.next, 200u) << at;
    }
    ASSERT_TRUE(read_file(path_) == changed) << at;
  }
  EXPECT_GT(refused, 100);
}

// As a power cut would find them: the log is not yet copied into the file.
struct CrashImage {
  std::string journal;
  std::string wal;
};

class SqliteJournalAfterACrash : public SqliteJournal {
 protected:
  static constexpr std::uint64_t kBlocks = 12;

  void SetUp() override {
    SqliteJournal::SetUp();
    const auto storage = SqliteStorage::open(path_);
    const auto log = open_journal(**storage);
    Batch batch;
    for (std::uint64_t i = 0; i < kBlocks; ++i) {
      fill(batch, log->head().size, 50);  // With test_record()'s long ones: more than a page.
      ASSERT_TRUE(log->append(batch));
    }
    image_ = {read_file(path_), read_file(path_ + "-wal")};
    ASSERT_GT(image_.wal.size(), kBlocks * 8192);
  }

  std::string code_of_reading_with_wal(const std::string& wal) {
    for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(path_ + suffix);
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << image_.journal;
    std::ofstream(path_ + "-wal", std::ios::binary | std::ios::trunc) << wal;
    expecting_ = {};
    const std::string code = code_of_reading();
    EXPECT_TRUE(read_file(path_) == image_.journal);
    EXPECT_TRUE(read_file(path_ + "-wal") == wal);
    return code;
  }

  CrashImage image_;
};

TEST_F(SqliteJournalAfterACrash, all_is_there_and_looking_changes_nothing) {
  EXPECT_EQ(code_of_reading_with_wal(image_.wal), "");
  EXPECT_EQ(expecting_.next, 50 * kBlocks);
}

// SQLite alone would lose all commits from the flipped bit on.
TEST_F(SqliteJournalAfterACrash, no_flipped_bit_of_the_log_loses_more_than_the_last_commit) {
  int refused = 0;
  for (std::size_t at = 0; at < image_.wal.size(); at += at < 120 ? 1 : 409) {
    std::string changed = image_.wal;
    changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
    const std::string code = code_of_reading_with_wal(changed);
    if (code.empty()) {
      EXPECT_GE(expecting_.next, 50 * (kBlocks - 1)) << at;
    } else {
      EXPECT_EQ(code, "journal_damaged") << at;
      ++refused;
    }
  }
  EXPECT_GT(refused, 300);
}

TEST_F(SqliteJournalAfterACrash, a_log_cut_short_loses_only_what_was_cut) {
  for (const std::size_t cut : {std::size_t{1}, std::size_t{5000}, std::size_t{8216}}) {
    EXPECT_EQ(code_of_reading_with_wal(image_.wal.substr(0, image_.wal.size() - cut)), "") << cut;
    EXPECT_EQ(expecting_.next, 50 * (kBlocks - 1)) << cut;
  }
}

TEST_F(SqliteJournalAfterACrash, goes_on_behind_a_torn_commit) {
  const std::string torn = image_.wal.substr(0, image_.wal.size() - 3);
  ASSERT_EQ(code_of_reading_with_wal(torn), "");
  write(3, 20);
  expecting_ = {};
  EXPECT_EQ(code_of_reading(), "");
  EXPECT_EQ(expecting_.next, 50 * (kBlocks - 1) + 60);
}

TEST_F(SqliteJournal, opening_and_closing_changes_nothing) {
  write(3, 3);
  const std::string before = read_file(path_);
  EXPECT_EQ(code_of_reading(), "");
  EXPECT_TRUE(read_file(path_) == before);
  EXPECT_TRUE(read_file(path_ + "-wal").empty());
}

TEST_F(SqliteJournal, a_full_disk_is_a_fault_and_passes) {
  TestVfs vfs;
  const auto storage = SqliteStorage::open(path_);
  const auto log = open_journal(**storage);
  Batch batch;
  fill(batch, 0, 10);
  ASSERT_TRUE(log->append(batch));
  vfs.faults().fail_write = SQLITE_OPEN_WAL;
  fill(batch, 10, 10);
  const auto failed = log->append(batch);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::fault);
  EXPECT_EQ(failed.error().code, "journal_disk_full");
  EXPECT_EQ(log->head().size, 10u);
  vfs.faults().fail_write = 0;
  EXPECT_TRUE(log->append(batch));
  EXPECT_TRUE(replay(**storage, {&key_.verifier(), 1}, std::ref(expecting_)));
  EXPECT_EQ(expecting_.next, 20u);
}

using SqliteJournalDeathTest = SqliteJournal;

TEST_F(SqliteJournalDeathTest, a_failed_fsync_ends_the_process) {
  const auto append_with_failing_sync = [&] {
    TestVfs vfs;
    const auto storage = SqliteStorage::open(path_);
    const auto log = open_journal(**storage);
    Batch batch;
    fill(batch, 0, 1);
    if (!log->append(batch)) std::_Exit(1);
    vfs.faults().fail_sync = SQLITE_OPEN_WAL;
    fill(batch, 1, 1);
    (void)log->append(batch);
  };
  EXPECT_DEATH(append_with_failing_sync(), "writing the journal .*/journal failed .*SQLite error 1034");
}

TEST_F(SqliteJournalDeathTest, so_does_one_while_the_log_is_copied_into_the_file) {
  const auto close_with_failing_sync = [&] {
    TestVfs vfs;
    auto storage = SqliteStorage::open(path_);
    auto log = open_journal(**storage);
    Batch batch;
    fill(batch, 0, 1);
    if (!log->append(batch)) std::_Exit(1);
    vfs.faults().fail_sync = SQLITE_OPEN_MAIN_DB;
    log.reset();
    storage->reset();
  };
  EXPECT_DEATH(close_with_failing_sync(), "writing the journal .*/journal failed .*SQLite error 1034");
}

}  // namespace
}  // namespace holdfast::journal
