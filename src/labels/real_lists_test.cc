// Over the real lists, where HOLDFAST_LABELS names their folder
// (with ofac/, tagpacks/packs/, etherscan/ and hack-addresses/ in it): prints what came of them.
#include "labels/import_etherscan.h"
#include "labels/import_hacks.h"
#include "labels/import_ofac.h"
#include "labels/import_tagpack.h"
#include "labels/label_set.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

namespace holdfast::labels {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Sum {
  std::vector<Label> labels;
  std::map<std::string_view, std::size_t> refused;
  std::size_t not_ours = 0;

  void add(const Imported& list) {
    labels.insert(labels.end(), list.labels.begin(), list.labels.end());
    for (const RefusedLine& line : list.refused) ++refused[line.code];
    not_ours += list.not_ours;
  }
  void print(const char* what) const {
    std::printf("%s: %zu taken, %zu not ours", what, labels.size(), not_ours);
    for (const auto& [code, count] : refused) std::printf(", %zu %s", count, std::string(code).c_str());
    std::map<std::string_view, std::size_t> said;
    for (const Label& label : labels) ++said[name_of(label.category)];
    for (const auto& [category, count] : said) std::printf("; %zu %s", count, std::string(category).c_str());
    const auto set = LabelSet::build(labels);
    std::printf("; %zu labels of %zu addresses, %zu bytes\n", set.size(), set.addresses(), set.memory_bytes());
  }
};

class real_lists : public testing::Test {
 protected:
  void SetUp() override {
    const char* const given = std::getenv("HOLDFAST_LABELS");
    if (given == nullptr) GTEST_SKIP() << "HOLDFAST_LABELS names no folder of lists";
    folder_ = given;
  }
  fs::path folder_;
};

TEST_F(real_lists, ofac) {
  constexpr std::string_view kFront = "sanctioned_addresses_";
  Sum text;
  Sum json;
  for (const auto& file : fs::directory_iterator(folder_ / "ofac")) {
    const std::string name = file.path().stem();
    if (!name.starts_with(kFront)) continue;
    const auto list = import_ofac(name.substr(kFront.size()), text_of(file.path()), {"ofac-sdn", "MIT", std::nullopt});
    ASSERT_TRUE(list) << name;
    (file.path().extension() == ".json" ? json : text).add(*list);
  }
  text.print("ofac");
  EXPECT_FALSE(text.labels.empty());
  EXPECT_EQ(LabelSet::build(text.labels).content_hash(), LabelSet::build(json.labels).content_hash());
  EXPECT_EQ(text.not_ours, json.not_ours);
}

TEST_F(real_lists, tagpacks) {
  Sum sum;
  for (const auto& file : fs::directory_iterator(folder_ / "tagpacks" / "packs")) {
    const auto list = import_tagpack(text_of(file.path()), {file.path().stem(), "MIT", std::nullopt});
    ASSERT_TRUE(list) << file.path() << ": " << list.error().code;
    sum.add(*list);
  }
  sum.print("tagpacks");
  EXPECT_FALSE(sum.labels.empty());
}

TEST_F(real_lists, etherscan) {
  constexpr std::pair<const char*, std::string_view> kFiles[] = {
      {"arbiscan", "eip155:42161"}, {"avalanche", "eip155:43114"}, {"bscscan", "eip155:56"},      {"etherscan", "eip155:1"},
      {"ftmscan", "eip155:250"},    {"optimism", "eip155:10"},     {"polygonscan", "eip155:137"},
  };
  Sum sum;
  for (const auto& [name, chain] : kFiles) {
    const auto list = import_etherscan(chain, text_of(folder_ / "etherscan" / (std::string(name) + ".json")), {name, "MIT", std::nullopt});
    ASSERT_TRUE(list) << name << ": " << list.error().code;
    sum.add(*list);
    // The tokens that thefts were of.
    for (const Label& label : list->labels) EXPECT_FALSE(label.category == Category::stolen && label.actor.ends_with("Token")) << label.actor;
  }
  sum.print("etherscan");
  EXPECT_GT(sum.labels.size(), 40'000U);
}

TEST_F(real_lists, hacks) {
  Sum sum;
  const auto list = import_hacks(text_of(folder_ / "hack-addresses" / "addresses.csv"), {"reports", "facts", std::nullopt});
  ASSERT_TRUE(list) << list.error().code;
  sum.add(*list);
  sum.print("hacks");
  EXPECT_TRUE(list->refused.empty());
  EXPECT_EQ(list->labels.size() + list->not_ours, 479U);
  const auto rejected = import_hacks(text_of(folder_ / "hack-addresses" / "rejected.csv"), {"reports", "facts", std::nullopt});
  ASSERT_TRUE(rejected) << rejected.error().code;
  EXPECT_TRUE(rejected->labels.empty());
  EXPECT_FALSE(rejected->refused.empty());
}

}  // namespace
}  // namespace holdfast::labels
