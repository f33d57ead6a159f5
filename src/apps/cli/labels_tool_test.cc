// What `holdfast labels` prints, and what it refuses.
#include "apps/cli/labels_tool.h"

#include "journal/test_folder.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace holdfast::cli {
namespace {

constexpr const char* kThief = "0x01e2919679362dFBC9ee1644Ba9C6da6D6245BB1";
constexpr const char* kCoins = "123WBUDmSJv4GctdVEz6Qq6z8nXSKrJ4KX";
constexpr std::int32_t kToday = 20'000;

class LabelsToolTest : public ::testing::Test {
 protected:
  void SetUp() override {
    settings_.json = true;
    write("labels.toml", list("ETH") + list("XBT"));
    write("ETH.txt", std::string(kThief) + "\njunk\n");
    write("XBT.txt", kCoins);
  }
  static std::string list(const std::string& currency) {
    return "[[lists]]\nfile = \"" + currency + ".txt\"\nkind = \"ofac\"\ncurrency = \"" + currency +
           "\"\nsource = \"ofac-sdn\"\nlicence = \"MIT\"\nday = \"2024-09-27\"\n";
  }
  void write(const std::string& name, std::string_view text) { std::ofstream(folder_.file(name)) << text; }
  template <class Call>
  std::string printed(Call call) {
    ::testing::internal::CaptureStdout();
    const Result<void> done = call();
    const std::string out = ::testing::internal::GetCapturedStdout();
    return done ? out : std::string(done.error().code);
  }
  std::string check() {
    return printed([&] { return check_labels(settings_, folder_.file("labels.toml"), kToday); });
  }
  std::string find(const std::string& chain, const std::string& address) {
    return printed([&] { return find_labels(settings_, folder_.file("labels.toml"), chain, address); });
  }
  Settings settings_;
  journal::TestFolder folder_;
};

TEST_F(LabelsToolTest, tells_what_came_of_each_list) {
  const Json told = Json::parse(check());
  EXPECT_EQ(told["addresses"], 2);
  EXPECT_EQ(told["content"].get<std::string>().size(), 64U);
  const Json& eth = told["lists"][0];
  EXPECT_EQ(eth["file"], "ETH.txt");
  EXPECT_EQ(eth["taken"], 1);
  EXPECT_EQ(eth["age_days"], 7);
  EXPECT_EQ(eth["refused"], (Json{{"address_malformed", 1}}));
  EXPECT_EQ(eth["refused_lines"], Json::parse(R"([{"line": 2, "code": "address_malformed"}])"));
  settings_.json = false;
  const std::string text = check();
  EXPECT_NE(text.find("1 address_malformed"), std::string::npos) << text;
  EXPECT_NE(text.find("2 labels of 2 addresses\ncontent "), std::string::npos) << text;
}

TEST_F(LabelsToolTest, says_where_a_label_holds) {
  const Json evm = Json::parse(find("eip155:8453", kThief));
  EXPECT_EQ(evm["categories"], Json::parse(R"(["sanctioned"])"));
  ASSERT_EQ(evm["labels"].size(), 1U);
  EXPECT_EQ(evm["labels"][0]["holds"], "on all EVM chains");
  EXPECT_EQ(evm["labels"][0]["day"], "2024-09-27");
  const Json by_name = Json::parse(find("bitcoin-main", kCoins));
  EXPECT_EQ(by_name["labels"][0]["holds"], "on bip122:000000000019d6689c085ae165831e93");
  EXPECT_EQ(by_name, Json::parse(find("bip122:000000000019d6689c085ae165831e93", kCoins)));
  EXPECT_TRUE(Json::parse(find("eip155:1", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"))["labels"].empty());
}

TEST_F(LabelsToolTest, says_what_is_wrong) {
  EXPECT_EQ(find("eip155:1", "0x01E2919679362dFBC9ee1644Ba9C6da6D6245BB1"), "address_checksum");
  EXPECT_EQ(find("bitcoin-main", kThief), "address_malformed");
  EXPECT_EQ(find("eip155:*", kThief), "chain_unknown");
  write("labels.toml", "");
  EXPECT_EQ(check(), "catalogue_wrong");
  EXPECT_EQ(find("eip155:1", kThief), "catalogue_wrong");
}

}  // namespace
}  // namespace holdfast::cli
