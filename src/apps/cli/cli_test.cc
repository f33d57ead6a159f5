#include "apps/cli/journal_tool.h"
#include "apps/cli/print.h"
#include "apps/cli/session.h"
#include "apps/cli/table.h"

#include "custody/custody.h"
#include "engine/engine.h"
#include "journal/sqlite_storage.h"
#include "journal/test_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace holdfast::cli {
namespace {

TEST(Table, aligns_by_what_is_seen) {
  Table table({"ID", "NAME", "STATE"});
  table.add({"1", "Zoë", "held"});
  table.add({"100", "Jo", "-"});
  EXPECT_EQ(table.to_text(false),
            "ID   NAME  STATE\n"
            "1    Zoë   held\n"
            "100  Jo    -\n");
}

TEST(Table, has_colours_only_where_it_is_told_to) {
  Table table({"STATE"});
  table.add({"completed"});
  EXPECT_EQ(table.to_text(true), "\033[1mSTATE\033[0m\n\033[32mcompleted\033[0m\n");
}

TEST(Table, lets_nobody_outside_move_the_cursor) {
  Table table({"NAME"});
  table.add({"a\033[2Jb\n"});
  EXPECT_EQ(table.to_text(false), "NAME\na?[2Jb?\n");
}

TEST(Cell, is_for_people) {
  const Json row = Json::parse(R"({"a":{"b":"x"},"n":null,"l":[1,"two"],"e":[],"t":true,"i":7})");
  EXPECT_EQ(cell(row, "a.b"), "x");
  EXPECT_EQ(cell(row, "a.c"), "-");
  EXPECT_EQ(cell(row, "n"), "-");
  EXPECT_EQ(cell(row, "l"), "1, two");
  EXPECT_EQ(cell(row, "e"), "-");
  EXPECT_EQ(cell(row, "t"), "yes");
  EXPECT_EQ(cell(row, "i"), "7");
}

class FilesTest : public ::testing::Test {
 protected:
  journal::TestFolder folder_;
};

TEST_F(FilesTest, a_key_is_made_once_and_for_its_owner) {
  const std::string path = folder_.file("key");
  ASSERT_TRUE(create_key(path));
  EXPECT_EQ(create_key(path).error().code, "key_file_exists");
  Settings settings;
  settings.key_file = path;
  EXPECT_EQ(Session::open(settings).error().code, "key_missing");  // No id.
  settings.key_id = "me";
  EXPECT_TRUE(Session::open(settings));
  ::chmod(path.c_str(), 0644);
  EXPECT_EQ(Session::open(settings).error().code, "key_exposed");
  ::chmod(path.c_str(), 0600);
  std::ofstream(path) << "short";
  EXPECT_EQ(Session::open(settings).error().code, "key_malformed");
}

TEST_F(FilesTest, settings_fill_what_the_command_line_left_out) {
  const std::string path = folder_.file("cli.toml");
  std::ofstream(path) << "url = \"http://a:1\"\nkey_id = \"desk\"\n";
  Settings settings;
  settings.key_id = "other";
  ASSERT_TRUE(read_settings(path, settings));
  EXPECT_EQ(settings.url, "http://a:1");
  EXPECT_EQ(settings.key_id, "other");
  EXPECT_TRUE(read_settings(folder_.file("missing"), settings));
  std::ofstream(path) << "colour = \"red\"\n";
  EXPECT_EQ(read_settings(path, settings).error().code, "config_wrong");
  std::ofstream(path) << "url = \n";
  EXPECT_EQ(read_settings(path, settings).error().code, "config_wrong");
}

class TestClock final : public Clock {
 public:
  Instant now() override { return {1'700'000'000'000}; }
};

// A small journal on disk.
class JournalToolTest : public FilesTest {
 protected:
  JournalToolTest() {
    const auto key = journal::LogKey::create(folder_.file("journal.key"), "holdfast.example/log");
    std::ofstream(folder_.file("journal.vkey")) << key->verifier().to_string() << '\n';
    EXPECT_TRUE(journal::SqliteStorage::create(path_));
    auto storage = journal::SqliteStorage::open(path_);
    TestClock clock;
    auto engine = engine::Engine::open(**storage, *key, clock);
    const custody::Command commands[] = {custody::RegisterChain{{{}, "eip155:1", 2}}, custody::CreateCustomer{"ann"}};
    for (const auto& command : commands) (*engine)->submit({&command, 1});
  }

  const std::string path_ = folder_.file("journal.db");
  const JournalPlace place_{folder_.file(""), ""};
  Settings settings_;
};

TEST_F(JournalToolTest, a_whole_journal_is_verified) {
  ::testing::internal::CaptureStdout();
  settings_.json = true;
  const auto verified = verify_journal(settings_, place_, true, {});
  const Json json = Json::parse(::testing::internal::GetCapturedStdout());
  ASSERT_TRUE(verified) << verified.error().text;
  EXPECT_EQ(json["records"], 2);
  EXPECT_EQ(json["customers"], 1);
}

TEST_F(JournalToolTest, records_are_shown_and_proved) {
  ::testing::internal::CaptureStdout();
  ASSERT_TRUE(show_journal(settings_, place_, 1, 10));
  EXPECT_EQ(::testing::internal::GetCapturedStdout(),
            "1  2023-11-14T22:13:20.000Z  customer.created  id=1  reference=ann\n");
  ::testing::internal::CaptureStdout();
  ASSERT_TRUE(prove_record(settings_, place_, 1));
  const Json proof = Json::parse(::testing::internal::GetCapturedStdout());
  EXPECT_EQ(proof["path"].size(), 1u);
  EXPECT_EQ(proof["event"]["type"], "customer.created");
  EXPECT_EQ(prove_record(settings_, place_, 2).error().code, "index_out_of_range");
  EXPECT_EQ(show_journal(settings_, place_, 2, 1).error().code, "index_out_of_range");
}

TEST_F(JournalToolTest, a_wrong_key_or_none_is_said_so) {
  std::ofstream(folder_.file("other.vkey"))
      << journal::LogKey::from_seed(Secret::copy_of(Bytes(32, 9)), "holdfast.example/log").verifier().to_string();
  JournalPlace place = place_;
  place.verifier = folder_.file("other.vkey");
  EXPECT_EQ(verify_journal(settings_, place, false, {}).error().code, "journal_signed_by_another");
  place.verifier = folder_.file("nothing");
  EXPECT_EQ(verify_journal(settings_, place, false, {}).error().code, "verifier_missing");
}

}  // namespace
}  // namespace holdfast::cli
