#include "chain/utxo/wallet/network.h"

#include "chain/utxo/codec/transaction.h"

#include <algorithm>
#include <array>
#include <string>

namespace holdfast::chain::utxo {

namespace {

constexpr std::uint32_t kTestXpub = 0x043587cf;
constexpr std::uint32_t kTestXprv = 0x04358394;
constexpr std::uint32_t kTestCoinType = 1;  // SLIP 44 has one for every test network.
constexpr std::uint8_t kTestWif = 0xef;
constexpr std::int64_t kLitecoinBlockSeconds = 150;
constexpr std::int64_t kLitecoinDustFeerate = 30'000;  // Litecoin Core's DUST_RELAY_TX_FEE.

constexpr Network bitcoin_test(std::string_view name, std::string_view genesis, std::string_view caip2,
                               std::string_view hrp) {
  return {.name = name,
          .caip2 = caip2,
          .genesis = genesis,
          .coin = "BTC",
          .hrp = hrp,
          .p2pkh = 111,
          .p2sh = 196,
          .p2sh_legacy = 196,
          .xpub = kTestXpub,
          .xprv = kTestXprv,
          .coin_type = kTestCoinType,
          .wif = kTestWif,
          .max_money = kMaxMoneyBitcoin};
}

constexpr Network litecoin_test(std::string_view name, std::string_view genesis, std::string_view caip2,
                                std::string_view hrp) {
  return {.name = name,
          .caip2 = caip2,
          .genesis = genesis,
          .coin = "LTC",
          .hrp = hrp,
          .p2pkh = 111,
          .p2sh = 58,
          .p2sh_legacy = 196,
          .xpub = kTestXpub,
          .xprv = kTestXprv,
          .coin_type = kTestCoinType,
          .wif = kTestWif,
          .max_money = kMaxMoneyLitecoin,
          .block_seconds = kLitecoinBlockSeconds,
          .dust_feerate = kLitecoinDustFeerate};
}

constexpr Network kBitcoinMain{.name = "bitcoin-main",
                               .caip2 = "bip122:000000000019d6689c085ae165831e93",
                               .genesis = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f",
                               .coin = "BTC",
                               .hrp = "bc",
                               .p2pkh = 0,
                               .p2sh = 5,
                               .p2sh_legacy = 5,
                               .coin_type = 0,
                               .max_money = kMaxMoneyBitcoin};

constexpr Network kLitecoinMain{.name = "litecoin-main",
                                .caip2 = "bip122:12a765e31ffd4059bada1e25190f6e98",
                                .genesis = "12a765e31ffd4059bada1e25190f6e98c99d9714d334efa41a195a7e7e04bfe2",
                                .coin = "LTC",
                                .hrp = "ltc",
                                .p2pkh = 48,
                                .p2sh = 50,
                                .p2sh_legacy = 5,
                                .coin_type = 2,
                                .wif = 0xb0,
                                .max_money = kMaxMoneyLitecoin,
                                .block_seconds = kLitecoinBlockSeconds,
          .dust_feerate = kLitecoinDustFeerate};

constexpr std::array kNetworks{
    kBitcoinMain,
    bitcoin_test("bitcoin-test", "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943",
                 "bip122:000000000933ea01ad0ee984209779ba", "tb"),
    bitcoin_test("bitcoin-test4", "00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043",
                 "bip122:00000000da84f2bafbbc53dee25a72ae", "tb"),
    bitcoin_test("bitcoin-signet", "00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6",
                 "bip122:00000008819873e925422c1ff0f99f7c", "tb"),
    bitcoin_test("bitcoin-regtest", "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206",
                 "bip122:0f9188f13cb7b2c71f2a335e3a4fc328", "bcrt"),
    kLitecoinMain,
    litecoin_test("litecoin-test", "4966625a4b2851d9fdee139e56211a0d88575f59ed816ff5e6a63deb4e3e29a0",
                  "bip122:4966625a4b2851d9fdee139e56211a0d", "tltc"),
    litecoin_test("litecoin-regtest", "530827f38f93b43ed12af0b3ad25a288dc02ed74d6d7857862df51fc56c416f9",
                  "bip122:530827f38f93b43ed12af0b3ad25a288", "rltc")};

Result<const Network*> find(std::string_view Network::* field, std::string_view wanted) {
  const auto found = std::ranges::find(kNetworks, wanted, field);
  if (found != kNetworks.end()) return &*found;
  std::string known;
  for (const Network& network : kNetworks) known.append(known.empty() ? "" : ", ").append(network.name);
  return refuse("network_unknown", "no network of the Bitcoin family that Holdfast knows; there are " + known);
}

}  // namespace

std::span<const Network> networks() { return kNetworks; }
Result<const Network*> network_by_caip2(std::string_view caip2) { return find(&Network::caip2, caip2); }
Result<const Network*> network_by_name(std::string_view name) { return find(&Network::name, name); }

}  // namespace holdfast::chain::utxo
