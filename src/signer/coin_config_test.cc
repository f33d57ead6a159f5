// The rules of a chain of coins: what the file must say, and what is refused.
#include "signer/config.h"

#include "signer/coin_test_world.h"

#include <gtest/gtest.h>

namespace holdfast::signer::test {
namespace {

const std::string kPath = "48h/1h/0h/2h";

std::string good() {
  return "name = \"alpha\"\ndata = \"d\"\nkey_file = \"k\"\nserver = \"h:1\"\n"
         "[tls]\nca = \"c\"\ncertificate = \"a\"\nkey = \"b\"\n"
         "[journal]\nkey = \"" + Exchange::rules().log.to_string() + "\"\nwitnesses = []\nwitnesses_needed = 0\n"
         "[nodes.\"bip122:0f9188f13cb7b2c71f2a335e3a4fc328\"]\nurl = \"http://127.0.0.1:1\"\ndepth = 6\n"
         "[chains.\"bip122:0f9188f13cb7b2c71f2a335e3a4fc328\"]\n"
         "cold = \"wpkh(" + key_text(9, "84h/1h/0h") + ")\"\n"
         "per_withdrawal = 1\nper_day = \"2.5\"\nmax_fee = \"0.01\"\nfees_per_day = \"0.01\"\n"
         "max_feerate = 300\nrescue_max_feerate = 600\n"
         "[[chains.\"bip122:0f9188f13cb7b2c71f2a335e3a4fc328\".wallets]]\n"
         "name = \"quorum\"\nkind = \"multisig\"\n"
         "descriptor = \"wsh(sortedmulti(2," + quorum_text(kPath) + "))\"\n"
         "[[chains.\"bip122:0f9188f13cb7b2c71f2a335e3a4fc328\".wallets]]\n"
         "name = \"single\"\nkind = \"single_key\"\n"
         "descriptor = \"wpkh(" + key_text(1, "84h/1h/0h") + ")\"\n";
}

std::string changed(const std::string& from, const std::string& to) {
  std::string text = good();
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(CoinConfig, reads_everything) {
  const auto config = parse_config(good(), "f");
  ASSERT_TRUE(config.has_value()) << config.error().text;
  ASSERT_TRUE(config->policy.chains.empty());
  const CoinChainRule* chain = config->policy.coin_chain(kCoinChain);
  ASSERT_NE(chain, nullptr);
  const CoinChainRule& expected = coin_rules();
  EXPECT_EQ(chain->network, expected.network);
  EXPECT_EQ(chain->cold_script, expected.cold_script);
  EXPECT_EQ(chain->per_withdrawal, expected.per_withdrawal);
  EXPECT_EQ(chain->per_day, expected.per_day);
  EXPECT_EQ(chain->max_fee, expected.max_fee);
  EXPECT_EQ(chain->fees_per_day, expected.fees_per_day);
  EXPECT_EQ(chain->max_feerate, expected.max_feerate);
  EXPECT_EQ(chain->rescue_max_feerate, expected.rescue_max_feerate);
  ASSERT_EQ(chain->wallets.size(), 2u);
  EXPECT_EQ(chain->wallet("quorum")->descriptor.to_text(), expected.wallet(kQuorum)->descriptor.to_text());
  EXPECT_EQ(chain->wallet("single")->kind, CoinWalletKind::single_key);
  EXPECT_EQ(chain->wallet("other"), nullptr);
}

struct Bad {
  std::string from;
  std::string to;
  const char* error;
};

TEST(CoinConfig, knows_its_networks) {
  std::string text = good();
  for (std::size_t at = text.find("bip122:0f91"); at != std::string::npos; at = text.find("bip122:0f91")) {
    text.replace(at, 11, "bip122:ffff");
  }
  const auto config = parse_config(text, "f");
  ASSERT_FALSE(config.has_value());
  EXPECT_NE(config.error().text.find("is no network of the Bitcoin family"), std::string::npos) << config.error().text;
}

TEST(CoinConfig, says_what_is_wrong) {
  const std::string quorum = "wsh(sortedmulti(2," + quorum_text(kPath) + "))";
  const std::string unspendable = to_hex(utxo::unspendable_internal_key().view());
  const std::string single = "wpkh(" + key_text(1, "84h/1h/0h") + ")";
  const Bad table[] = {
      {"cold = \"wpkh", "cold = \"wpk", "cold: descriptor_"},
      {"cold = \"wpkh", "colder = \"wpkh", "cold: is missing"},
      {"cold = \"wpkh(" + key_text(9, "84h/1h/0h") + ")", "cold = \"raw(6a)", "cold: pays no address"},
      {"cold = \"wpkh(" + key_text(9, "84h/1h/0h") + ")", "cold = \"" + single, "cold: is the wallet single itself"},
      {"per_withdrawal = 1\n", "per_withdrawal = 3\n", "per_withdrawal: is over per_day"},
      {"max_fee = \"0.01\"", "max_fee = \"0.000000001\"", "max_fee: has more than 8 digits"},
      {"max_fee = \"0.01\"", "max_fee = 1", "max_fee: is over fees_per_day"},
      {"max_feerate = 300", "max_feerate = 601", "rescue_max_feerate: is under max_feerate"},
      {"max_feerate = 300", "max_feerate = 0", "max_feerate: has to be a whole number"},
      {"fees_per_day = \"0.01\"\n", "", "fees_per_day: is missing"},
      {"kind = \"multisig\"", "kind = \"gas\"", "kind: has to be \"multisig\" or \"single_key\""},
      {"kind = \"multisig\"", "kind = \"single_key\"", "kind: a single_key wallet has one key"},
      {"kind = \"single_key\"", "kind = \"multisig\"", "descriptor: a multisig wallet needs at least 2 signatures"},
      {"name = \"single\"", "name = \"quorum\"", "wallets: names quorum twice"},
      {"name = \"single\"", "name = \"Single\"", "name: has to be 1 to 32"},
      {"name = \"single\"", "naem = \"single\"", "name: is missing"},
      {quorum, "wsh(sortedmulti(2," + quorum_text(kPath) + "," + key_text(4, kPath) + "))", "more than half of its keys"},
      {quorum, "sh(" + quorum + ")", "descriptor: has to be of segwit"},
      {quorum, quorum + "#aaaaaaaa", "descriptor: descriptor_checksum"},
      {quorum, "tr(" + key_text(4, kPath) + ",sortedmulti_a(2," + quorum_text(kPath) + "))", "could spend alone"},
      {single, single.substr(0, single.size() - std::string("/<0;1>/*)").size()) + "/0/*)",
       "has to have a receiving and a change branch"},
      {quorum, single, "descriptor: a multisig wallet needs at least 2 signatures"},
  };
  for (const Bad& row : table) {
    const auto config = parse_config(changed(row.from, row.to), "f");
    ASSERT_FALSE(config.has_value()) << row.error;
    EXPECT_EQ(config.error().code, "config_invalid");
    EXPECT_NE(config.error().text.find(row.error), std::string::npos) << config.error().text;
  }
  EXPECT_TRUE(parse_config(changed(quorum, "tr(" + unspendable + ",sortedmulti_a(2," + quorum_text(kPath) + "))"), "f").has_value());
}

}  // namespace
}  // namespace holdfast::signer::test
