// Kept evacuations on disk: replaced as a whole, and damage is told.
#include "signer/evacuation_files.h"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>

namespace holdfast::signer {
namespace {

constexpr std::string_view kChain = "bip122:0f9188f13cb7b2c71f2a335e3a4fc328";

TEST(EvacuationFiles, gives_back_what_was_put_in_last_for_each_wallet) {
  std::string folder = testing::TempDir() + "evacuations.XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  EvacuationFiles files(folder);
  EXPECT_TRUE(files.kept(kChain, "hot")->empty());
  const std::vector<CoinEvacuation> two = {{{1, 2, 3}, {{Amount::of(90'000'000), 0, 3}, {Amount::of(1), 1, 4'294'967'295u}}}, {{0xff}, {}}};
  const auto one = [](std::uint8_t byte) { return std::vector<CoinEvacuation>{{{byte}, {{Amount::of(7), 1, 2}}}}; };
  ASSERT_TRUE(files.replace(kChain, "hot", two).has_value());
  ASSERT_TRUE(files.replace(kChain, "other", one(9)).has_value());
  EXPECT_EQ(*files.kept(kChain, "hot"), two);
  ASSERT_TRUE(files.replace(kChain, "hot", one(7)).has_value());
  EXPECT_EQ(*EvacuationFiles(folder).kept(kChain, "hot"), one(7));
  EXPECT_EQ(*files.kept(kChain, "other"), one(9));

  const std::string path = files.path_of(kChain, "hot");
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  for (const char* line : {"zz", "0", "", "07 ", "07 1:2", "07 1:2:3:4", "07 1:-2:3", "07 1:2:4294967296", "07 x:2:3", "07  1:2:3"}) {
    std::ofstream(path, std::ios::trunc) << "07 1:0:0\n" << line << "\n";
    const auto kept = files.kept(kChain, "hot");
    if (std::string_view(line) == "07 ") EXPECT_EQ(kept->size(), 2u);
    else EXPECT_EQ(kept.error().code, "evacuations_damaged") << line;
  }
  EXPECT_EQ(EvacuationFiles("/proc/nowhere").replace(kChain, "hot", two).error().code, "file_not_written");
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace holdfast::signer
