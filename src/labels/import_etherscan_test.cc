#include "labels/import_etherscan.h"

#include <gtest/gtest.h>

#include <set>

namespace holdfast::labels {
namespace {

const ListOrigin kOrigin{"etherscan", "MIT", 19'600};
constexpr std::string_view kAddress = "0x01e2919679362dfbc9ee1644ba9c6da6d6245bb1";

Imported read(std::string_view text, std::string_view chain = "eip155:56") {
  auto list = import_etherscan(chain, text, kOrigin);
  EXPECT_TRUE(list) << list.error().code;
  return list ? *std::move(list) : Imported{};
}

std::string entry(std::string_view name, std::string_view labels, std::string_view address = kAddress) {
  return "{\"" + std::string(address) + "\": {\"name\": \"" + std::string(name) + "\", \"labels\": [" + std::string(labels) + "]}}";
}

std::set<std::string_view> said(std::string_view name, std::string_view labels) {
  const auto list = read(entry(name, labels));
  std::set<std::string_view> out;
  for (const Label& label : list.labels) out.insert(name_of(label.category));
  EXPECT_EQ(out.size(), list.labels.size());
  return out;
}

using Names = std::set<std::string_view>;

TEST(import_etherscan, takes_a_thief_for_every_evm_chain) {
  const auto list = read(entry("Bitmart Hacker", "\"exploit\", \"heist\""));
  ASSERT_EQ(list.labels.size(), 1U);
  const Label& label = list.labels[0];
  EXPECT_EQ(label.category, Category::stolen);
  EXPECT_TRUE(label.holds_across_evm());
  EXPECT_EQ(label.actor, "Bitmart Hacker");
  EXPECT_EQ(label.source, "etherscan");
  EXPECT_EQ(label.licence, "MIT");
  EXPECT_EQ(label.day, 19'600);
  EXPECT_EQ(label.confidence, kEtherscanConfidence);
}

TEST(import_etherscan, keeps_a_service_to_its_chain) {
  const auto list = read(entry("Kucoin: Hot Wallet 2", "\"exchange\""));
  ASSERT_EQ(list.labels.size(), 1U);
  EXPECT_EQ(list.labels[0].category, Category::exchange);
  EXPECT_EQ(list.labels[0].chain, "eip155:56");
}

TEST(import_etherscan, gives_a_label_for_each_category) {
  EXPECT_EQ(said("Tornado.Cash: Mixer 1", "\"ethereum-mixer\", \"ofac-sanctions-lists\", \"tornado-cash\""), (Names{"mixer", "sanctioned"}));
  EXPECT_EQ(said("", "\"blocked\""), Names{"frozen"});
  EXPECT_EQ(said("Fake_Phishing32", "\"phish-hack\""), Names{"scam"});
  EXPECT_EQ(said("", "\"airdrop-hunter\""), Names{"other"});
  EXPECT_EQ(said("", ""), Names{"other"});
  EXPECT_EQ(read(entry("", "\"airdrop-hunter\", \"dex\"")).labels[0].actor, "airdrop-hunter");
}

TEST(import_etherscan, makes_no_thief_of_a_token_or_a_victim) {
  EXPECT_EQ(said("UnderMineGold: UMG Token", "\"heist\""), Names{"other"});
  EXPECT_EQ(said("Jumpn (JST)", "\"heist\""), Names{"other"});
  EXPECT_EQ(said("Meta Swap", "\"heist\", \"token-contract\""), Names{"other"});
  EXPECT_EQ(said("Hotbit Token (HTB)", "\"exchange\""), Names{"other"});
  EXPECT_EQ(said("Multichain Hack Alert 1003", "\"take-action\""), Names{"other"});
  EXPECT_EQ(said("Rubic's Compromised Wallet", "\"compromised\""), Names{"other"});
  EXPECT_EQ(said("OpenSea", "\"marketplace\""), Names{"other"});
  // What is stolen of a token, or said with a word in the middle, is a thief's all the same.
  EXPECT_EQ(said("Squid Token Heist", "\"heist\""), Names{"stolen"});
  EXPECT_EQ(said("Wallet Hacker (see report)", "\"exploit\""), Names{"stolen"});
}

TEST(import_etherscan, keeps_a_fake_token_to_its_chain) {
  const auto list = read(entry("Arbitrum (ARB)", "\"phish-hack\""));
  ASSERT_EQ(list.labels.size(), 1U);
  EXPECT_EQ(list.labels[0].category, Category::scam);
  EXPECT_EQ(list.labels[0].chain, "eip155:56");
}

TEST(import_etherscan, refuses_entries_by_place_and_code) {
  const std::string long_name(kEtherscanTextMax + 1, 'a');
  std::string many = "\"a\"";
  for (std::size_t i = 0; i < kEtherscanWordsMax; ++i) many += ",\"a\"";
  struct Case {
    std::string text;
    std::string_view code;
  };
  for (const Case& c : {
           Case{entry("Sum of 4 Accounts", "", ""), "address_malformed"},
           Case{entry("", "", "genesis"), "address_malformed"},
           Case{entry("", "", "0x01E2919679362dFBC9ee1644Ba9C6da6D6245BB1"), "address_checksum"},
           Case{entry("Null", "\"burn\"", "0x0000000000000000000000000000000000000009"), "address_precompile"},
           Case{entry("Null", "\"burn\"", "0x4444444444444444444444444444444444444444"), "address_invented"},
           Case{entry(long_name, ""), "field_too_long"},
           Case{entry("", "\"" + long_name + "\""), "field_too_long"},
           Case{entry("a\\u001b[2J", "\"heist\""), "field_unprintable"},
           Case{entry("", many), "labels_too_many"},
       }) {
    const auto list = read("{\"" + std::string(kAddress) + "\": {}, " + c.text.substr(1));
    EXPECT_EQ(list.labels.size(), 1U) << c.text;
    ASSERT_EQ(list.refused.size(), 1U) << c.text;
    EXPECT_EQ(list.refused[0].line, 2U);
    EXPECT_EQ(list.refused[0].code, c.code) << c.text;
  }
}

TEST(import_etherscan, passes_over_other_fields) {
  const auto list = read("{\"" + std::string(kAddress) + "\": {\"url\": \"x\", \"rank\": 7, \"seen\": true, \"note\": null, \"name\": \"a\"}}");
  EXPECT_EQ(list.labels.size(), 1U);
  EXPECT_TRUE(read("{}").labels.empty());
}

TEST(import_etherscan, refuses_the_whole) {
  const auto code = [](std::string_view text, std::string_view chain = "eip155:1") {
    const auto list = import_etherscan(chain, text, kOrigin);
    return list ? std::string_view("taken") : list.error().code;
  };
  for (const char* text : {"", "{", "{} x", "{\"a\":}", "{\"a\": {\"name\": \"\xff\"}}", "<html>"}) EXPECT_EQ(code(text), "json_malformed") << text;
  for (const char* text : {"[]", "7", "\"a\"", "null", "{\"a\": 7}", "{\"a\": \"x\"}", "{\"a\": [\"x\"]}", "{\"a\": {\"labels\": \"x\"}}",
                           "{\"a\": {\"labels\": [7]}}", "{\"a\": {\"labels\": [[\"x\"]]}}", "{\"a\": {\"labels\": [{}]}}", "{\"a\": {\"name\": 7}}",
                           "{\"a\": {\"name\": [\"x\"]}}", "{\"a\": {\"b\": {}}}", "{\"a\": {\"labels\": null}}"}) {
    EXPECT_EQ(code(text), "json_shape") << text;
  }
  EXPECT_EQ(code(std::string(1'000'000, '[')), "json_shape");
  for (const char* chain : {"", "eip155:", "eip155:*", "eip155:01", "eip155:1x", "bip122:1", "eip155:1234567890123456789"}) {
    EXPECT_EQ(code("{}", chain), "chain_not_evm") << chain;
  }
  EXPECT_EQ(code(std::string(kEtherscanSizeMax + 1, ' ')), "list_too_large");
  std::string many = "{";
  for (std::size_t i = 0; i <= kEtherscanEntriesMax; ++i) many += "\"\":{},";
  EXPECT_EQ(code(many), "list_too_long");
}

}  // namespace
}  // namespace holdfast::labels
