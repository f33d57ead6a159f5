// A chain of coins through the API: addresses, deposits, withdrawals paid together, a wallet's coins and the events of all that.
#include "api/rest/test_world.h"
#include "chain/utxo/codec/transaction.h"
#include "chain/utxo/wallet/address.h"
#include "chain/utxo/wallet/descriptor.h"

#include <deque>
#include <set>

namespace holdfast::api {
namespace {

using namespace custody;
using chain::utxo::Descriptor;

constexpr std::string_view kRegtest = "bip122:0f9188f13cb7b2c71f2a335e3a4fc328";
constexpr std::string_view kDescriptor =
    "wpkh([83bfab59/84h/1h/0h]tpubDCsEDy9NeUoQ5hfmQ2meGT3noaKa3RphKpeqY4WNhtYjtdmwZqbg3dF5dUMnYeb2bkA5UZKCEACHnZ8b37ghAVWJfiC9"
    "cMn9yFtr33qz3qz/<0;1>/*)";
constexpr std::string_view kCold = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
constexpr std::string_view kPayee = "bcrt1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qzf4jry";
constexpr ChainId kCoins{2};
constexpr WalletId kHot{5};
constexpr AssetId kBtc{4};

class CoinsApi : public ApiTest {
 protected:
  CoinsApi() {
    world_.must(RegisterChain{{{}, std::string(kRegtest), 1, ChainFamily::coins}});
    Asset btc{{}, kCoins, "BTC", 8, {}, sat(100'000'000), sat(1'000'000'000), sat(10'000), 0, sat(1'000), {{sat(100'000'000), 6}}};
    world_.must(RegisterAsset{btc});
    wallet("vault", WalletKind::cold, "addr(" + std::string(kCold) + ")", {});
    wallet("coins", WalletKind::multisig, std::string(kDescriptor), {4});
    world_.must(CreateCustomer{"ann"});
    world_.must(CreateCustomer{"bob"});
  }
  static Amount sat(std::int64_t satoshi) { return Amount::of(satoshi); }
  static const chain::utxo::Network& network() { return **chain::utxo::network_by_caip2(kRegtest); }
  Address script(std::uint32_t branch, std::uint32_t index) const {
    return Address(descriptor_.derive(branch, index)->script_pubkey);
  }

  // What the daemon does (apps/daemon/chains.cc), and before it, once, whatever a test wants to happen in between.
  Result<DepositAddress> derive(CustomerId customer, ChainId chain, std::uint64_t number) override {
    if (chain != kCoins) return ApiTest::derive(customer, chain, number);
    DepositAddress out{customer, chain, {}, {}, kHot, 0};
    world_.read([&](const State& state) {
      const auto known = state.receiving_scripts.find({customer, chain});
      const bool there = known != state.receiving_scripts.end() && number < known->second.size();
      if (there) out = *state.deposit_address(chain, known->second[number]);
      if (!there) out.index = state.wallets.at(kHot).next_receive;
    });
    out.address = script(0, out.index);
    if (!meanwhile_.empty()) {
      const auto happens = meanwhile_.front();
      meanwhile_.pop_front();
      happens();
    }
    return out;
  }

  void wallet(const std::string& name, WalletKind kind, const std::string& descriptor, WalletId cold) {
    const auto parsed = Descriptor::parse(descriptor, network());
    Wallet wallet;
    wallet.chain = kCoins;
    wallet.kind = kind;
    wallet.name = name;
    wallet.cold = cold;
    wallet.output_descriptor = parsed->to_text();
    wallet.address = Address(parsed->derive(0, 0)->script_pubkey);
    world_.must(RegisterWallet{wallet});
  }

  std::string new_address(std::uint64_t customer) {
    const auto made = call(exchange_, "POST", "/v1/customers/" + std::to_string(customer) + "/addresses",
                           Json{{"chain", kRegtest}}.dump());
    EXPECT_EQ(made.status, 201) << made.json;
    return made.json["address"];
  }

  void block(std::vector<CoinFact> coins, std::vector<MinedFact> mined = {}) {
    ++height_;
    const BlockRef ref{height_, test_hash(5000 + height_), test_hash(5000 + height_ - 1), world_.now()};
    world_.must(ConnectBlock{kCoins, {ref, {}, std::move(mined), {}, std::move(coins)}});
    if (height_ > 1) world_.must(FinalizeBlocks{kCoins, height_ - 1});
  }
  CoinFact coin(std::uint64_t txid, std::uint32_t branch, std::uint32_t index, Amount amount) const {
    return {{test_hash(txid), 0}, script(branch, index), {kHot, branch, index}, amount, false};
  }

  // Two withdrawals of one customer, paid by one transaction that is signed.
  void pay_two() {
    new_address(1);
    block({coin(100, 0, 1, sat(50'000'000))});
    block({coin(101, 0, 1, sat(60'000'000))});
    block({});
    block({});
    for (const char* key : {"one", "two"}) {
      const auto asked = withdraw(withdrawal_body(1, "BTC", "0.2", kPayee), key);
      EXPECT_EQ(asked.status, 201) << asked.json;
    }
    world_.must(PlanCoins{Purpose::withdrawal, kHot, {{1}, {2}}, {{1}, {2}}, script(1, 0), 0, {}, {}});
    const Bytes raw{0x02, 0x00, 0x00, 0x00};
    world_.must(AddAttempt{{1}, {test_hash(200), raw, Amount::of(5'000), Amount::of(1'100), world_.now()}});
  }

  const Descriptor descriptor_ = *Descriptor::parse(kDescriptor, network());
  std::deque<std::function<void()>> meanwhile_;
  std::uint64_t height_ = 0;
};

TEST_F(CoinsApi, customers_get_the_wallets_receiving_addresses_in_turn) {
  EXPECT_EQ(new_address(1), chain::utxo::address_of_script(network(), script(0, 1).view()));
  EXPECT_EQ(new_address(2), chain::utxo::address_of_script(network(), script(0, 2).view()));
  EXPECT_EQ(new_address(1), chain::utxo::address_of_script(network(), script(0, 3).view()));
  EXPECT_EQ(get("/v1/customers/1/addresses?chain=" + std::string(kRegtest)).json["addresses"].size(), 2u);
  EXPECT_EQ(get("/v1/customers/2/addresses?chain=" + std::string(kRegtest)).json["addresses"].size(), 1u);
  const auto again = call(exchange_, "POST", "/v1/customers/1/addresses", Json{{"chain", kRegtest}, {"number", 0}}.dump());
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.json["number"], 0);
}

TEST_F(CoinsApi, who_loses_the_race_for_an_index_gets_the_next) {
  const auto bob_is_faster = [&] {
    world_.read([&](const State& state) {
      const std::uint32_t next = state.wallets.at(kHot).next_receive;
      world_.must(AssignDepositAddress{{{2}, kCoins, script(0, next), {}, kHot, next}});
    });
  };
  const auto nothing = [] {};
  meanwhile_ = {nothing, bob_is_faster, bob_is_faster, nothing};
  EXPECT_EQ(new_address(1), chain::utxo::address_of_script(network(), script(0, 3).view()));
  EXPECT_EQ(get("/v1/customers/2/addresses?chain=" + std::string(kRegtest)).json["addresses"].size(), 2u);
}

TEST_F(CoinsApi, a_deposit_is_a_coin_and_an_event) {
  new_address(1);
  block({coin(100, 0, 1, sat(150'000'000))});
  const auto deposit = get("/v1/deposits/1");
  EXPECT_EQ(deposit.json["amount"], "1.5");
  EXPECT_EQ(deposit.json["asset"], std::string(kRegtest) + "/slip44:1");
  EXPECT_EQ(deposit.json["txid"], chain::utxo::display(test_hash(100)));
  const auto event = get("/v1/events?limit=1000");
  std::set<std::string> types;
  for (const auto& one : event.json["events"]) {
    types.insert(one["type"].get<std::string>());
    if (one["type"] == "coin.seen") {
      EXPECT_EQ(one["data"]["amount"], "1.5");
      EXPECT_EQ(one["data"]["index"], 1);
      EXPECT_EQ(one["data"]["txid"], chain::utxo::display(test_hash(100)));
    }
  }
  EXPECT_TRUE(types.contains("coin.seen"));
  EXPECT_TRUE(types.contains("deposit.seen"));
}

TEST_F(CoinsApi, withdrawals_share_a_transaction) {
  pay_two();
  const auto shown = get("/v1/withdrawals/2");
  EXPECT_EQ(shown.json["state"], "broadcast");
  EXPECT_EQ(shown.json["spend"]["payments"], 2);
  EXPECT_EQ(shown.json["spend"]["inputs"], 2);
  EXPECT_EQ(shown.json["spend"]["txids"][0], chain::utxo::display(test_hash(200)));
  EXPECT_EQ(get("/v1/status").json["backlog"]["broadcast"], 2);
}

TEST_F(CoinsApi, events_of_a_spend_are_in_the_words_of_coins) {
  pay_two();
  MinedFact mined;
  mined.txid = test_hash(200);
  mined.sender = kHot;
  mined.network_fee = sat(1'100);
  mined.success = mined.executed = true;
  mined.movements = {{kHot, {}, kBtc, sat(40'000'000), {}}};
  mined.spent = {{test_hash(100), 0}, {test_hash(101), 0}};
  block({{{test_hash(200), 2}, script(1, 0), {kHot, 1, 0}, sat(69'998'900), false}}, {mined});
  std::map<std::string, Json> seen;
  const auto page = get("/v1/events?limit=1000");
  for (const auto& one : page.json["events"]) seen[one["type"].get<std::string>()] = one["data"];
  EXPECT_EQ(seen["spend.planned"]["batch"], Json({1, 2}));
  EXPECT_EQ(seen["spend.planned"]["inputs"], Json({1, 2}));
  EXPECT_EQ(seen["spend.signed"]["txid"], chain::utxo::display(test_hash(200)));
  EXPECT_EQ(seen["spend.signed"]["fee_rate_per_kvb"], "5000");
  EXPECT_EQ(seen["spend.signed"]["fee_base_units"], "1100");
  EXPECT_EQ(seen["spend.mined"]["txid"], chain::utxo::display(test_hash(200)));
  EXPECT_EQ(seen["coin.spent"], Json({{"coin", 2}, {"txid", chain::utxo::display(test_hash(200))}}));
  EXPECT_EQ(get("/v1/wallets/5/coins").json["coins"][1]["spent_by"], chain::utxo::display(test_hash(200)));
}

TEST_F(CoinsApi, destinations_are_addresses_of_the_network) {
  new_address(1);
  block({coin(100, 0, 1, sat(50'000'000))});
  block({});
  const auto code = [&](std::string_view amount, std::string_view to) {
    return withdraw(withdrawal_body(1, "BTC", amount, to), "key").code;
  };
  EXPECT_EQ(code("0.2", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"), "address_of_other_chain");
  EXPECT_EQ(code("0.2", kStranger), "address_of_other_chain");
  EXPECT_EQ(code("0.2", "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt08q"), "address_checksum_wrong");
  EXPECT_EQ(code("0.00000999", kPayee), "amount_under_limit");
  const auto under = withdraw(withdrawal_body(1, "BTC", "0.00000999", kPayee), "key").json;
  EXPECT_TRUE(under["detail"].get<std::string>().ends_with("At least 0.00001 BTC.")) << under;
  EXPECT_EQ(code("0.000000001", kPayee), "amount_too_precise");
  EXPECT_EQ(code("0.2", kCold), "destination_is_own_address");
  EXPECT_EQ(code("0.2", "bip122:000000000019d6689c085ae165831e93:bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"), "address_of_other_chain");
  EXPECT_EQ(code("0.2", std::string(kRegtest) + ":" + std::string(kPayee)), "");
}

TEST_F(CoinsApi, wallets_and_assets_tell_what_is_particular_to_coins) {
  pay_two();
  const auto wallets = get("/v1/wallets").json["wallets"];
  EXPECT_EQ(wallets[4]["kind"], "multisig");
  EXPECT_EQ(wallets[4]["descriptor"], descriptor_.to_text());
  EXPECT_EQ(wallets[4]["next_receive"], 2);
  EXPECT_EQ(wallets[4]["next_change"], 1);
  EXPECT_EQ(wallets[4]["coins"], 2);
  EXPECT_EQ(wallets[0]["descriptor"], nullptr);
  EXPECT_EQ(wallets[0]["coins"], nullptr);
  const auto asset = get("/v1/assets").json["assets"][3];
  EXPECT_EQ(asset["withdrawal_min"], "0.00001");
  EXPECT_EQ(asset["deposit_tiers"], Json::parse(R"([{"from":"1","depth":6}])"));
}

TEST_F(CoinsApi, coins_come_in_pages_those_that_can_be_spent_first) {
  std::vector<CoinFact> many;
  for (std::uint64_t i = 0; i < 25; ++i) many.push_back(coin(300 + i, 1, static_cast<std::uint32_t>(i), sat(1'000)));
  new_address(1);
  block({coin(299, 0, 1, sat(100'000'000))});
  block({std::move(many)});
  MinedFact mined;  // Five of them go to the cold wallet.
  mined.txid = test_hash(400);
  mined.sender = kHot;
  for (std::uint64_t i = 10; i < 15; ++i) mined.spent.push_back({test_hash(300 + i), 0});
  block({}, {mined});
  std::vector<std::pair<std::string, std::uint64_t>> seen;
  std::string cursor;
  std::size_t pages = 0;
  do {
    const auto page = get("/v1/wallets/5/coins?limit=7" + cursor);
    ASSERT_EQ(page.status, 200) << page.json;
    EXPECT_LE(page.json["coins"].size(), 7u);
    for (const auto& one : page.json["coins"]) seen.emplace_back(one["state"], one["id"].get<std::uint64_t>());
    cursor = page.json["next"].is_null() ? "" : "&cursor=" + page.json["next"].get<std::string>();
  } while (!cursor.empty() && ++pages < 10);
  ASSERT_EQ(seen.size(), 26u);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i].first, i < 21 ? "unspent" : "spent");
    const bool first_of_its_part = i == 0 || i == 21;
    EXPECT_TRUE(first_of_its_part || seen[i].second < seen[i - 1].second) << i;
  }
  EXPECT_EQ(get("/v1/wallets/1/coins").json["coins"].size(), 0u);
}

TEST_F(CoinsApi, what_is_wrong_with_asking_for_coins) {
  EXPECT_EQ(get("/v1/wallets/99/coins").code, "wallet_unknown");
  EXPECT_EQ(get("/v1/wallets/0/coins").code, "wallet_unknown");
  for (const char* query : {"limit=0", "limit=1001", "cursor=7", "cursor=unspent-", "cursor=unspent--1", "cursor=gone-x",
                            "cursor=gone-99999999999999999999", "after=1"}) {
    EXPECT_EQ(get(std::string("/v1/wallets/5/coins?") + query).code, "parameter_invalid") << query;
  }
  EXPECT_EQ(get("/v1/wallets/5/coins?cursor=gone-0").json["coins"].size(), 0u);
}

}  // namespace
}  // namespace holdfast::api
