#include "journal/log_key.h"

#include "journal/test_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace holdfast::journal {
namespace {

class LogKeyFile : public ::testing::Test {
 protected:
  TestFolder folder_;
  const std::string path_ = folder_.file("log.key");
};

TEST_F(LogKeyFile, a_created_key_is_loaded_again) {
  const auto created = LogKey::create(path_, "holdfast.example/log");
  ASSERT_TRUE(created);
  const auto loaded = LogKey::load(path_, "holdfast.example/log");
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->verifier(), created->verifier());
  EXPECT_TRUE(loaded->verifier().verify(as_bytes("text"), created->sign(as_bytes("text"))));
  EXPECT_FALSE(loaded->verifier().verify(as_bytes("other"), created->sign(as_bytes("text"))));
}

TEST_F(LogKeyFile, only_its_owner_may_read_it) {
  ASSERT_TRUE(LogKey::create(path_, "log"));
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_EQ(status.st_size, 32);
  ASSERT_EQ(::chmod(path_.c_str(), 0640), 0);
  EXPECT_EQ(LogKey::load(path_, "log").error().code, "log_key_exposed");
}

TEST_F(LogKeyFile, is_never_overwritten) {
  ASSERT_TRUE(LogKey::create(path_, "log"));
  const auto before = LogKey::load(path_, "log")->verifier();
  EXPECT_EQ(LogKey::create(path_, "log").error().code, "log_key_exists");
  EXPECT_EQ(LogKey::load(path_, "log")->verifier(), before);
}

TEST_F(LogKeyFile, must_hold_32_bytes) {
  for (const std::size_t size : {0u, 31u, 33u}) {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << std::string(size, 'k');
    ASSERT_EQ(::chmod(path_.c_str(), 0600), 0);
    EXPECT_EQ(LogKey::load(path_, "log").error().code, "log_key_malformed") << size;
  }
}

TEST_F(LogKeyFile, other_failures_are_named) {
  EXPECT_EQ(LogKey::load(path_, "log").error().code, "log_key_not_read");
  EXPECT_EQ(LogKey::create(folder_.file("absent/log.key"), "log").error().code, "log_key_not_written");
  for (const char* name : {"", "a b", "a+b", "a\nb", "\xc3\xa9"}) {
    EXPECT_EQ(LogKey::create(path_, name).error().code, "log_key_name_invalid") << name;
    EXPECT_EQ(LogKey::load(path_, name).error().code, "log_key_name_invalid") << name;
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace holdfast::journal
