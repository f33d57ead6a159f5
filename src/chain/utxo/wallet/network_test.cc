#include "chain/utxo/wallet/network.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace holdfast::chain::utxo {
namespace {

TEST(network, are_found_by_both_names) {
  EXPECT_EQ(networks().size(), 8U);
  for (const Network& network : networks()) {
    EXPECT_EQ(*network_by_name(network.name), &network);
    EXPECT_EQ(*network_by_caip2(network.caip2), &network);
  }
}

TEST(network, have_caip2_names_of_their_genesis_blocks) {
  std::set<std::string_view> names;
  for (const Network& network : networks()) {
    EXPECT_EQ(network.genesis.size(), 64U);
    EXPECT_EQ(network.caip2, "bip122:" + std::string(network.genesis.substr(0, 32)));
    names.insert(network.caip2);
  }
  EXPECT_EQ(names.size(), networks().size());
  EXPECT_EQ((*network_by_name("bitcoin-main"))->caip2, "bip122:000000000019d6689c085ae165831e93");
  EXPECT_EQ((*network_by_name("litecoin-main"))->caip2, "bip122:12a765e31ffd4059bada1e25190f6e98");
}

TEST(network, unknown) {
  EXPECT_EQ(network_by_name("dogecoin-main").error().code, "network_unknown");
  EXPECT_EQ(network_by_name("").error().code, "network_unknown");
  EXPECT_EQ(network_by_caip2("eip155:1").error().code, "network_unknown");
}

TEST(network, money_of_the_two_coins) {
  for (const Network& network : networks()) {
    const bool litecoin = network.coin == "LTC";
    EXPECT_EQ(network.max_money, (litecoin ? 84'000'000LL : 21'000'000LL) * 100'000'000LL);
    EXPECT_EQ(network.block_seconds, litecoin ? 150 : 600);
    EXPECT_EQ(network.coinbase_maturity, 100U);
  }
}

}  // namespace
}  // namespace holdfast::chain::utxo
