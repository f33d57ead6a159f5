// What is said of an installation that was never made, or lost a file.
#include "apps/daemon/daemon.h"

#include "journal/test_folder.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace holdfast::daemon {
namespace {

class StartTest : public ::testing::Test {
 protected:
  StartTest() {
    config_.name = "exchange.example/journal";
    config_.data = folder_.file("data");
  }
  journal::TestFolder folder_;
  Config config_;
};

TEST_F(StartTest, before_init_a_person_is_told_of_it) {
  const auto done = run(config_);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, "journal_missing");
  EXPECT_EQ(done.error().kind, ErrorKind::refusal);
  EXPECT_NE(done.error().text.find("holdfastd init"), std::string::npos);
}

TEST_F(StartTest, a_lost_file_is_named_and_nothing_is_made_anew) {
  ASSERT_TRUE(init(config_));
  EXPECT_FALSE(init(config_));
  const std::string key = config_.data + "/journal.key";
  const std::string journal = config_.data + "/journal.db";
  std::filesystem::rename(key, folder_.file("key"));
  EXPECT_EQ(run(config_).error().code, "log_key_missing");
  EXPECT_FALSE(std::filesystem::exists(key));
  std::filesystem::rename(folder_.file("key"), key);
  std::filesystem::rename(journal, folder_.file("journal"));
  const auto done = run(config_);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, "journal_missing");
  EXPECT_EQ(done.error().text.find("init"), std::string::npos);
}

}  // namespace
}  // namespace holdfast::daemon
