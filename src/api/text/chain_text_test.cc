// How each family's addresses, assets and transaction ids are written, and what is said of those of others.
#include "api/text/chain_text.h"

#include "base/hex.h"

#include <gtest/gtest.h>

namespace holdfast::api {
namespace {

constexpr std::string_view kBitcoin = "bip122:000000000019d6689c085ae165831e93";
constexpr std::string_view kBitcoinRegtest = "bip122:0f9188f13cb7b2c71f2a335e3a4fc328";
constexpr std::string_view kLitecoin = "bip122:12a765e31ffd4059bada1e25190f6e98";

std::string code_of(std::string_view chain, std::string_view address) {
  const auto parsed = chain_text(chain).parse_address(address);
  return std::string(parsed ? "" : parsed.error().code);
}

TEST(UtxoText, reads_and_writes_addresses_as_scripts) {
  const std::pair<std::string_view, std::string_view> both[] = {
      {kBitcoin, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"},
      {kBitcoin, "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"},
      {kBitcoin, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"},
      {kBitcoin, "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr"},
      {kBitcoinRegtest, "bcrt1qkpad42v3wkkt9hfww7vs7udr72pm32vyz5kgphkjm5m3z57pgz0swjhzs8"},
      {kLitecoin, "LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1"},
  };
  for (const auto& [chain, address] : both) {
    const auto parsed = chain_text(chain).parse_address(address);
    ASSERT_TRUE(parsed) << address << ' ' << parsed.error().detail;
    EXPECT_EQ(chain_text(chain).address(*parsed), address);
  }
  const auto script = chain_text(kBitcoin).parse_address("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4");
  ASSERT_TRUE(script);
  EXPECT_EQ(to_hex(script->view()), "0014751e76e8199196d454941c45d1b3a323f1433bd6");
}

TEST(UtxoText, says_what_is_wrong_with_an_address) {
  const std::pair<std::string_view, std::string_view> wrong[] = {
      {"", "address_malformed"},
      {"satoshi", "address_malformed"},
      {"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "address_checksum_wrong"},
      {"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "address_checksum_wrong"},
      {"tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", "address_of_other_chain"},   // Another network of the same coin,
      {"mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", "address_of_other_chain"},           // in the older form too;
      {"LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1", "address_of_other_chain"},           // another coin;
      {"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "address_of_other_chain"},   // other families.
      {"TJRabPrwbZy45sbavfcjinPJC18kjpRTv8", "address_of_other_chain"},
      {"4vMsoUT2BWatFweudnQM1xedRLfJgJ7hswhcpz4xgBTy", "address_of_other_chain"},
      {"cosmos1qypqxpq9qcrsszgszyfpx9q4zct3sxfqwjckxp", "address_of_other_chain"},
      {"bc1sw50qgdz25j", "address_malformed"},                                    // Witness version 16.
      {"bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs", "address_malformed"},
      {"5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ", "address_malformed"},  // A private key.
  };
  for (const auto& [address, code] : wrong) EXPECT_EQ(code_of(kBitcoin, address), code) << address;
  EXPECT_EQ(code_of("eip155:1", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"), "address_of_other_chain");
}

TEST(UtxoText, a_witness_version_nobody_can_spend_from_is_told_apart) {
  const auto parsed = chain_text(kBitcoin).parse_address("bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().detail, "Nobody knows today how to spend from such an address.");
}

TEST(UtxoText, ids_are_shown_as_everybody_shows_them) {
  custody::TxId id;
  id.bytes[0] = 0x3b;
  id.bytes[31] = 0x4a;
  EXPECT_EQ(chain_text(kBitcoin).txid(id), "4a" + std::string(60, '0') + "3b");
  EXPECT_EQ(chain_text("eip155:1").txid(id), "0x3b" + std::string(60, '0') + "4a");
}

TEST(UtxoText, coins_are_named_by_slip44) {
  EXPECT_EQ(chain_text(kBitcoin).asset({}), "slip44:0");
  EXPECT_EQ(chain_text(kLitecoin).asset({}), "slip44:2");
  EXPECT_EQ(chain_text(kBitcoinRegtest).asset({}), "slip44:1");
}

TEST(ChainText, of_an_unknown_network_reads_no_address) {
  EXPECT_EQ(code_of("bip122:ffffffffffffffffffffffffffffffff", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"), "address_malformed");
  EXPECT_EQ(chain_text("bip122:ffffffffffffffffffffffffffffffff").asset({}), "native");
}

}  // namespace
}  // namespace holdfast::api
