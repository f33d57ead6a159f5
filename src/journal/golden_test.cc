// Journals of every format ever released must open for ever: tests/golden/journal_v<format>.
//
// A folder holds `journal`, the `checkpoint` of its head and the `vkey` that has signed it. It is made once, by
//   journal_sqlite_test --gtest_also_run_disabled_tests --gtest_filter='Golden.DISABLED_make'
// and never again: if this test fails, the code is wrong, not the file.
#include "journal/journal.h"
#include "journal/sqlite_storage.h"
#include "journal/test_folder.h"
#include "journal/test_storage.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

namespace holdfast::journal {
namespace {

const std::string kFolder = "tests/golden/journal_v1/";
constexpr std::uint64_t kRecords = 15;

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Golden, journal_v1_opens_and_goes_on) {
  const TestFolder folder;
  const std::string path = folder.file("journal");
  std::filesystem::copy_file(kFolder + "journal", path);
  const auto vkey = VerifierKey::from_string(read_text(kFolder + "vkey"));
  ASSERT_TRUE(vkey);
  {
    const auto storage = SqliteStorage::open(path);
    ASSERT_TRUE(storage) << storage.error().text;
    Expecting expecting;
    ReplayOptions audit;
    audit.every_signature = true;
    const auto replayed = replay(**storage, {&*vkey, 1}, std::ref(expecting), audit);
    ASSERT_TRUE(replayed) << replayed.error().text;
    EXPECT_EQ(expecting.next, kRecords);
    EXPECT_EQ(replayed->checkpoint, read_text(kFolder + "checkpoint"));
  }
  const LogKey key = test_key();
  const auto storage = SqliteStorage::open(path);
  const auto log = Journal::open(**storage, key, ignore_records());
  ASSERT_TRUE(log) << log.error().text;
  Batch batch;
  fill(batch, kRecords, 5);
  ASSERT_TRUE((*log)->append(batch));
  const auto proof = (*log)->prove_consistency(kRecords);
  const auto old_head = open_checkpoint(read_text(kFolder + "checkpoint"), {&*vkey, 1});
  ASSERT_TRUE(proof && old_head);
  EXPECT_TRUE(verify_consistency(kRecords, old_head->root, kRecords + 5, (*log)->head().root, *proof));
}

TEST(Golden, DISABLED_make) {
  ASSERT_TRUE(SqliteStorage::create(kFolder + "journal"));
  const LogKey key = test_key();
  const auto storage = SqliteStorage::open(kFolder + "journal");
  const auto log = Journal::open(**storage, key, ignore_records());
  Batch batch;
  for (std::uint64_t records = 1; (*log)->head().size < kRecords; ++records) {
    fill(batch, (*log)->head().size, records);
    ASSERT_TRUE((*log)->append(batch));
  }
  std::ofstream(kFolder + "checkpoint", std::ios::binary) << (*log)->head().checkpoint;
  std::ofstream(kFolder + "vkey", std::ios::binary) << key.verifier().to_string();
}

}  // namespace
}  // namespace holdfast::journal
