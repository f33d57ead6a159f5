#include "config/label_catalogue.h"

#include "chain/evm/codec/address.h"
#include "journal/test_folder.h"

#include <gtest/gtest.h>

#include <fstream>

namespace holdfast::config {
namespace {

constexpr std::string_view kOfac =
    "[[lists]]\nfile = \"ETH.txt\"\nkind = \"ofac\"\ncurrency = \"ETH\"\nsource = \"ofac-sdn\"\nlicence = \"MIT\"\nday = \"2024-09-27\"\n";
constexpr std::string_view kPack = "[[lists]]\nfile = \"pack.yaml\"\nkind = \"tagpack\"\nsource = \"graphsense\"\nlicence = \"MIT\"\n";
constexpr std::string_view kThief = "0x01e2919679362dFBC9ee1644Ba9C6da6D6245BB1";

constexpr std::string_view kTags =
    "[[lists]]\nfile = \"bsc.json\"\nkind = \"etherscan\"\nchain = \"eip155:56\"\nsource = \"bscscan\"\nlicence = \"MIT\"\nday = \"2023-10-01\"\n";
constexpr std::string_view kHacks = "[[lists]]\nfile = \"hacks.csv\"\nkind = \"hacks\"\nsource = \"reports\"\nlicence = \"facts\"\n";

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out(text);
  EXPECT_NE(out.find(from), std::string::npos) << from;
  return out.replace(out.find(from), from.size(), to);
}

std::string problem(std::string_view text) {
  const auto entries = read_catalogue(text, "labels.toml");
  EXPECT_TRUE(entries || entries.error().code == "catalogue_wrong");
  return entries ? "none" : entries.error().text;
}

TEST(label_catalogue, reads_lists_in_order) {
  const auto catalogue = read_catalogue("checked = 2026-11-27T21:00:00+01:00\n" + std::string(kOfac) + std::string(kPack), "labels.toml");
  ASSERT_TRUE(catalogue) << catalogue.error().text;
  EXPECT_EQ(catalogue->checked_at, (Instant{1'795'809'600'000}));
  ASSERT_EQ(catalogue->lists.size(), 2U);
  const ListEntry& ofac = catalogue->lists.front();
  EXPECT_EQ(ofac.file, "ETH.txt");
  EXPECT_EQ(ofac.kind, ListKind::ofac);
  EXPECT_EQ(ofac.currency, "ETH");
  EXPECT_EQ(ofac.origin.source, "ofac-sdn");
  EXPECT_EQ(ofac.origin.licence, "MIT");
  EXPECT_EQ(ofac.origin.day, 19'993);
  EXPECT_EQ(catalogue->lists.back().kind, ListKind::tagpack);
  EXPECT_FALSE(catalogue->lists.back().origin.day);
}

TEST(label_catalogue, none_has_to_be_said) {
  const auto none = read_catalogue("# no lists\nlists = []\n", "labels.toml");
  ASSERT_TRUE(none) << none.error().text;
  EXPECT_TRUE(none->lists.empty());
  EXPECT_EQ(none->checked_at, Instant{});
  EXPECT_EQ(problem(""), "labels.toml:1: lists: names no list; write lists = [] where there are none on purpose");
}

TEST(label_catalogue, says_what_is_wrong_and_where) {
  for (const char* time : {"\"2026-11-27\"", "2026-11-27", "2026-11-27T20:00:00", "1969-12-31T20:00:00Z", "7"}) {
    EXPECT_EQ(problem("checked = " + std::string(time) + "\nlists = []\n"),
              "labels.toml:1: checked: has to be a time from 1970 on, with its zone, such as 2026-11-27T20:00:00Z");
  }
  EXPECT_EQ(problem(replaced(kOfac, "\"ofac\"", "\"ofac\"\nlevel = 3")), "labels.toml:4: lists.level: unknown key");
  EXPECT_EQ(problem(replaced(kOfac, "\"ofac\"", "\"csv\"")).substr(0, 38), "labels.toml:3: lists.kind: has to be \"");
  EXPECT_EQ(problem(replaced(kOfac, "currency = \"ETH\"\n", "")), "labels.toml:1: lists.currency: is missing");
  EXPECT_EQ(problem(replaced(kOfac, "day = \"2024-09-27\"\n", "")), "labels.toml:1: lists.day: is missing");
  EXPECT_EQ(problem(replaced(kOfac, "2024-09-27", "2024-09-31")), "labels.toml:7: lists.day: has to be a day in quotes, such as \"2024-09-27\"");
  EXPECT_EQ(problem(replaced(kOfac, "source = \"ofac-sdn\"", "source = \"\"")), "labels.toml:5: lists.source: has to be a text in quotes, not empty");
  EXPECT_EQ(problem(std::string(kPack) + "currency = \"ETH\"\n"), "labels.toml:6: lists.currency: unknown key");
  EXPECT_EQ(problem(std::string(kPack) + "[more]\n"), "labels.toml:6: more: unknown key");
  EXPECT_EQ(problem("lists = [1]\n"), "labels.toml:1: lists: has to be a table");
  EXPECT_TRUE(problem("lists = [").starts_with("labels.toml:1: "));
}

TEST(label_catalogue, asks_each_kind_for_what_it_needs) {
  EXPECT_EQ(problem(kTags), "none");
  EXPECT_EQ(problem(kHacks), "none");
  EXPECT_EQ(problem(replaced(kTags, "eip155:56", "eip155:*")), "labels.toml:4: lists.chain: has to be one EVM chain, such as \"eip155:1\"");
  EXPECT_EQ(problem(replaced(kTags, "day = \"2023-10-01\"\n", "")), "labels.toml:1: lists.day: is missing");
  EXPECT_EQ(problem(std::string(kHacks) + "day = \"2023-10-01\"\n"), "labels.toml:6: lists.day: unknown key");
  EXPECT_EQ(problem(std::string(kHacks) + "chain = \"eip155:1\"\n"), "labels.toml:6: lists.chain: unknown key");
}

TEST(label_catalogue, has_a_bound) {
  std::string text;
  for (std::size_t i = 0; i < kListsMax; ++i) text += kPack;
  EXPECT_EQ(problem(text), "none");
  EXPECT_NE(problem(text + std::string(kPack)).find("more than 1000 lists"), std::string::npos);
}

class LabelLoading : public ::testing::Test {
 protected:
  void write(const std::string& name, std::string_view text) { std::ofstream(folder_.file(name), std::ios::binary) << text; }
  std::string code() {
    const auto loaded = load_labels(folder_.file("labels.toml"));
    return loaded ? "loaded" : std::string(loaded.error().code);
  }
  journal::TestFolder folder_;
};

TEST_F(LabelLoading, makes_one_set_and_counts_each_list) {
  write("labels.toml", std::string(kOfac) + std::string(kPack));
  write("ETH.txt", std::string(kThief) + "\njunk\n0x0000000000000000000000000000000000000000\nmore junk\n");
  write("pack.yaml", "lastmod: 2021-12-23\nconfidence: forensic\ntags:\n- {address: " + std::string(kThief) +
                         ", currency: ETH, label: a, category: exchange}\n- {address: x, currency: XMR}\n");
  const auto loaded = load_labels(folder_.file("labels.toml"));
  ASSERT_TRUE(loaded) << loaded.error().text;
  const auto thief = chain::evm::to_custody(*chain::evm::parse_address(kThief));
  EXPECT_EQ(labels::categories(loaded->set, "eip155:1", thief), (std::vector<std::string>{"exchange", "sanctioned"}));
  EXPECT_EQ(labels::categories(loaded->set, "eip155:56", thief), std::vector<std::string>{"sanctioned"});
  ASSERT_EQ(loaded->lists.size(), 2U);
  const ListCount& ofac = loaded->lists[0];
  EXPECT_EQ(ofac.taken, 1U);
  EXPECT_EQ(ofac.refused, (std::map<std::string_view, std::size_t>{{"address_malformed", 2}, {"address_zero", 1}}));
  ASSERT_EQ(ofac.refused_lines.size(), 3U);
  EXPECT_EQ(ofac.refused_lines[1].line, 3U);
  EXPECT_EQ(ofac.newest_day, 19'993);
  EXPECT_EQ(loaded->lists[1].taken, 1U);
  EXPECT_EQ(loaded->lists[1].not_ours, 1U);
  EXPECT_EQ(loaded->lists[1].newest_day, 18'984);
}

TEST_F(LabelLoading, reads_name_tags_and_thefts) {
  write("labels.toml", std::string(kTags) + std::string(kHacks));
  write("bsc.json", "{\"" + std::string(kThief) + "\": {\"name\": \"A Hacker\", \"labels\": [\"exchange\"]}}");
  write("hacks.csv", "incident,date,loss_usd,chain,address,role,checksum,source\n2021-12-23-A,2021-12-23,1,ethereum," + std::string(kThief) +
                         ",attacker,eip55-ok,press\n");
  const auto loaded = load_labels(folder_.file("labels.toml"));
  ASSERT_TRUE(loaded) << loaded.error().text;
  const auto thief = chain::evm::to_custody(*chain::evm::parse_address(kThief));
  EXPECT_EQ(labels::categories(loaded->set, "eip155:56", thief), (std::vector<std::string>{"exchange", "stolen"}));
  EXPECT_EQ(labels::categories(loaded->set, "eip155:1", thief), std::vector<std::string>{"stolen"});
  EXPECT_EQ(loaded->lists[0].newest_day, 19'631);
  EXPECT_EQ(loaded->lists[1].newest_day, 18'984);
}

TEST_F(LabelLoading, none_on_purpose_is_an_empty_set) {
  write("labels.toml", "lists = []\n");
  const auto loaded = load_labels(folder_.file("labels.toml"));
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_EQ(loaded->set.size(), 0U);
  EXPECT_TRUE(loaded->lists.empty());
}

TEST_F(LabelLoading, is_all_or_nothing) {
  EXPECT_EQ(code(), "file_unreadable");
  write("labels.toml", kOfac);
  EXPECT_EQ(code(), "file_unreadable");
  write("ETH.txt", "");
  EXPECT_EQ(code(), "list_empty");
  write("ETH.txt", "<html>\nnot found\n</html>\n");
  EXPECT_EQ(code(), "list_empty");
  write("ETH.txt", std::string((8 << 20) + 1, '\n'));
  EXPECT_EQ(code(), "file_too_large");
  write("ETH.txt", kThief);
  EXPECT_EQ(code(), "loaded");
  write("labels.toml", std::string(kOfac) + std::string(kPack));
  write("pack.yaml", "tags: [");
  EXPECT_EQ(code(), "yaml_malformed");
  write("labels.toml", std::string(kCatalogueBytesMax + 1, '\n'));
  EXPECT_EQ(code(), "file_too_large");
}

TEST_F(LabelLoading, bounds_all_files_together) {
  std::string text;
  for (int i = 0; i < 33; ++i) text += kOfac;
  write("labels.toml", text);
  write("ETH.txt", std::string(kThief) + std::string(8'000'000, '\n'));
  EXPECT_EQ(code(), "loaded");
  write("labels.toml", text + std::string(kOfac));
  EXPECT_EQ(code(), "lists_too_large");
}

}  // namespace
}  // namespace holdfast::config
