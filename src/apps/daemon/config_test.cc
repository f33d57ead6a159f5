// What a configuration with a chain of coins may say, and what is said of each thing that is wrong in it.
#include "apps/daemon/config.h"

#include "apps/daemon/test_config.h"
#include "chain/utxo/wallet/address.h"
#include "journal/test_folder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace holdfast::daemon {
namespace {

class ConfigTest : public ::testing::Test {
 protected:
  Result<Config> load(const std::string& text) {
    const std::string path = folder_.file("holdfastd.toml");
    std::ofstream(path) << text;
    return load_config(path);
  }
  // The good text with one piece exchanged; what is said of it.
  std::string complaint(std::string_view what, std::string_view by) {
    std::string text = config_text();
    const auto at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    const auto config = load(text.replace(at, what.size(), by));
    return config ? "" : config.error().text;
  }
  void expect_complaint(std::string_view what, std::string_view by, std::string_view said) {
    const std::string text = complaint(what, by);
    EXPECT_NE(text.find(said), std::string::npos) << what << " -> " << by << ": " << text;
  }

  journal::TestFolder folder_;
};

const custody::Wallet& wallet(const Config& config, std::string_view name) {
  return std::ranges::find_if(config.wallets, [&](const WalletConfig& one) { return one.wallet.name == name; })->wallet;
}

TEST_F(ConfigTest, a_chain_of_coins_is_read_whole) {
  const auto config = load(config_text());
  ASSERT_TRUE(config) << config.error().text;
  const ChainConfig& chain = config->chains.at(0);
  EXPECT_EQ(chain.family, custody::ChainFamily::coins);
  EXPECT_EQ(chain.finality_depth, 2u);
  EXPECT_EQ(chain.coins.cookie, folder_.file("regtest/.cookie"));
  EXPECT_EQ(chain.coins.deposits, "hot");
  EXPECT_EQ(chain.coins.max_feerate, 500'000);
  const custody::Asset& asset = config->assets.at(0).asset;
  EXPECT_TRUE(asset.native());
  EXPECT_EQ(asset.decimals, 8);
  EXPECT_EQ(asset.withdrawal_min, Amount::of(1000));
  EXPECT_EQ(asset.deposit_tiers,
            (std::vector<custody::DepositTier>{{Amount::of(100'000'000), 3}, {Amount::of(1'000'000'000), 6}}));
}

TEST_F(ConfigTest, a_wallet_of_coins_is_its_descriptor) {
  const auto config = load(config_text());
  ASSERT_TRUE(config) << config.error().text;
  const auto network = *chain::utxo::network_by_caip2(kRegtest);
  const auto address = [&](std::string_view name) {
    return *chain::utxo::address_of_script(*network, wallet(*config, name).address.view());
  };
  EXPECT_EQ(address("hot"), kQuorumAddresses[0]);
  EXPECT_EQ(address("old"), kSingleAddress);
  EXPECT_EQ(address("cold"), "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080");
  EXPECT_TRUE(wallet(*config, "hot").output_descriptor.starts_with(std::string(kQuorumDescriptor) + "#"));
}

TEST_F(ConfigTest, feerates_are_per_virtual_byte) {
  std::string text = config_text();
  const std::string place = "finality_depth = 2";
  text.replace(text.find(place), place.size(), place + "\nmax_feerate = \"20.5\"\nlong_term_feerate = 3\nbatch_wait_ms = 0");
  const auto config = load(text);
  ASSERT_TRUE(config) << config.error().text;
  EXPECT_EQ(config->chains.at(0).coins.max_feerate, 20'500);
  EXPECT_EQ(config->chains.at(0).coins.long_term_feerate, 3'000);
  EXPECT_EQ(config->chains.at(0).coins.batch_wait_ms, 0u);
}

TEST_F(ConfigTest, what_is_wrong_with_a_chain_is_said) {
  expect_complaint("finality_depth = 2", "", "finality_depth: is missing");
  expect_complaint("finality_depth = 2", "finality_depth = 0", "whole number from 1");
  expect_complaint("finality_depth = 2", "finality_depth = 3", "has to be more than the chain's finality_depth");
  expect_complaint("finality_depth = 2", "finality_depth = 2\nmax_feerate = 0", "from 1 to 10000");
  expect_complaint("finality_depth = 2", "finality_depth = 2\nmax_feerate = 2\nlong_term_feerate = 3", "is over max_feerate");
  expect_complaint("finality_depth = 2", "finality_depth = 2\ndeposits = \"old\"", "names no multisig wallet");
  expect_complaint("finality_depth = 2", "finality_depth = 2\nfactory = \"0x00\"", "unknown key");
  std::string text = config_text();
  for (auto at = text.find(kRegtest); at != std::string::npos; at = text.find(kRegtest)) {
    text.replace(at, kRegtest.size(), "bip122:ffffffffffffffffffffffffffffffff");
  }
  EXPECT_NE(load(text).error().text.find("is no network of the Bitcoin family"), std::string::npos);
}

TEST_F(ConfigTest, passkeys_are_of_the_web_site_that_is_named) {
  const auto with = [](const std::string& party) { return config_text() + "\n[relying_party]\n" + party; };
  const auto none = load(config_text());
  ASSERT_TRUE(none);
  EXPECT_EQ(none->relying_party.id, "");
  const auto one = load(with("id = \"exchange.example\"\norigins = [\"https://exchange.example\", \"https://app.exchange.example:8443\"]\n"));
  ASSERT_TRUE(one) << one.error().text;
  EXPECT_EQ(one->relying_party.id, "exchange.example");
  EXPECT_EQ(one->relying_party.origins.size(), 2u);
  for (const char* origins : {"[]", "[\"http://exchange.example\"]", "[\"https://exchange.example/\"]", "[\"https://evil.example\"]",
                              "[\"https://evilexchange.example\"]", "[\"https://exchange.example:8443.evil\"]", "[\"exchange.example\"]"}) {
    const auto wrong = load(with(std::string("id = \"exchange.example\"\norigins = ") + origins + "\n"));
    ASSERT_FALSE(wrong) << origins;
    EXPECT_NE(wrong.error().text.find("origins"), std::string::npos) << wrong.error().text;
  }
  EXPECT_FALSE(load(with("id = \"exchange.example\"\n")));
}

TEST_F(ConfigTest, what_is_wrong_with_an_asset_is_said) {
  expect_complaint("symbol = \"BTC\"", "symbol = \"BTC\"\nwithdrawal_min = \"0.00000545\"", "0.00000546 or more");
  expect_complaint("symbol = \"BTC\"", "symbol = \"BTC\"\ndecimals = 18", "whole number from 8 to 8");
  expect_complaint("symbol = \"BTC\"", "symbol = \"BTC\"\ncontract = \"x\"", "no asset here but the coin itself");
  expect_complaint("depth = 6}", "depth = 61}", "whole number from 1 to 60");
  expect_complaint("depth = 6}", "depth = 3}", "than the tier before it");
  expect_complaint("from = \"10\"", "from = \"1\"", "than the tier before it");
  expect_complaint("\"0.0001\"", "\"0.000000001\"", "more than 8 digits");
}

TEST_F(ConfigTest, what_is_wrong_with_a_wallet_is_said) {
  const std::string hot(kQuorumDescriptor);
  const auto spoilt = [&](std::string_view what, std::string_view by) {
    std::string text = hot;
    return text.replace(text.find(what), what.size(), by);
  };
  expect_complaint("kind = \"multisig\"", "kind = \"safe\"", "multisig, single_key or cold");
  expect_complaint(hot, spoilt("tpubDDwf2", "tpubDDwf3"), "wallets.descriptor:");
  std::string without_change = hot;
  for (auto at = without_change.find("<0;1>"); at != std::string::npos; at = without_change.find("<0;1>")) {
    without_change.replace(at, 5, "0");
  }
  expect_complaint(hot, without_change, "has to derive receiving and change addresses");
  expect_complaint(hot, spoilt("multi(2,", "multi(3,"), "as many signatures as quorum says");
  expect_complaint(hot, hot + "#aaaaaaaa", "wallets.descriptor:");
  expect_complaint(hot, kSingleDescriptor, "as many signatures as quorum says");
  expect_complaint(hot, "addr(bcrt1qws2cweu86gesava58xchrjurqkkpvqhd28rw34)", "<0;1>");
  expect_complaint(kSingleDescriptor, hot, "has to have one key");
  expect_complaint("addr(bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080)", "addr(bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4)",
                   "address of bitcoin-main");
  expect_complaint("addr(bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080)", "raw(6a)", "no address");
}

TEST_F(ConfigTest, names_and_addresses_that_lead_nowhere_are_said) {
  expect_complaint("kind = \"multisig\"\ncold = \"cold\"", "kind = \"multisig\"\ncold = \"colt\"", "no cold wallet of this chain is called colt");
  expect_complaint("kind = \"multisig\"\ncold = \"cold\"", "kind = \"multisig\"\ncold = \"old\"", "no cold wallet of this chain is called old");
  expect_complaint("signer = \"signer-1\"", "signer = \"signer-9\"", "no signer is called signer-9");
  for (const std::string_view url : {"https://127.0.0.1:18443", "127.0.0.1:18443", "http://127.0.0.1", "http://:18443", "http://u:p@127.0.0.1:18443"}) {
    expect_complaint("http://127.0.0.1:18443", url, "node: has to be http://HOST:PORT");
  }
}

TEST_F(ConfigTest, a_chain_is_called_by_its_caip2_id) {
  const auto renamed = [](std::string_view name) {
    std::string text = config_text();
    for (auto at = text.find(kRegtest); at != std::string::npos; at = text.find(kRegtest)) text.replace(at, kRegtest.size(), name);
    return text;
  };
  EXPECT_NE(load(renamed("bitcoin-regtest")).error().text.find("CAIP-2 id, \"" + std::string(kRegtest) + '"'), std::string::npos);
  EXPECT_NE(load(renamed("regtest")).error().text.find("such as \"eip155:1\""), std::string::npos);
}

TEST_F(ConfigTest, of_several_quorums_one_is_named_for_deposits) {
  const std::string second = "\n[[chains.\"" + std::string(kRegtest) + "\".wallets]]\nname = \"other\"\nkind = \"multisig\"\ncold = \"cold\"\ndescriptor = \"" +
                             std::string(kQuorumDescriptor) + "\"\n";
  EXPECT_NE(load(config_text() + second).error().text.find("several multisig wallets"), std::string::npos);
  std::string named = config_text() + second;
  const std::string place = "finality_depth = 2";
  named.replace(named.find(place), place.size(), place + "\ndeposits = \"other\"");
  const auto config = load(named);
  ASSERT_TRUE(config) << config.error().text;
  EXPECT_EQ(config->chains.at(0).coins.deposits, "other");
}

}  // namespace
}  // namespace holdfast::daemon
