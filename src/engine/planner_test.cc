// What the planner leaves in a stolen wallet for the fees of its own rescue.
#include "engine/planner.h"

#include "custody/custody.h"

#include <gtest/gtest.h>

namespace holdfast::engine {
namespace {

using namespace custody;

constexpr ChainId kChain{1};
constexpr AssetId kNative{1};
constexpr AssetId kToken{2};
constexpr WalletId kOld{2};
constexpr Int128 kMarketPrice = 10;
constexpr Int128 kCoins = 1'000'000'000'000;

Address address(std::uint8_t fill) { return Address(Bytes(20, fill)); }

class StolenWallet : public ::testing::Test {
 protected:
  StolenWallet() {
    Asset native;
    native.chain = kChain;
    native.symbol = "ETH";
    native.price_micro_usd = 1'000'000;
    Asset token = native;
    token.symbol = "TST";
    token.contract = address(1);
    Wallet cold;
    cold.chain = kChain;
    cold.kind = WalletKind::cold;
    cold.name = "cold";
    cold.address = address(2);
    Wallet old = cold;
    old.kind = WalletKind::single_key;
    old.name = "old";
    old.address = address(3);
    old.cold = {1};
    old.signer = {1};
    for (const Command& command : std::vector<Command>{RegisterChain{{{}, "eip155:1", 0}}, RegisterAsset{native}, RegisterAsset{token},
                                                       RegisterSigner{{{}, "alpha", address(4)}}, RegisterWallet{cold},
                                                       RegisterWallet{old}}) {
      submit(command);
    }
  }

  void submit(const Command& command) {
    Events events;
    ASSERT_EQ(decide(state, command, {}, events), Refusal::none);
    for (const Event& event : events) apply(state, event);
  }

  void holds(Int128 native, Int128 token) {
    BlockFacts facts;
    facts.block.height = 1;
    facts.balances = {{kOld, kNative, Amount::of(native)}, {kOld, kToken, Amount::of(token)}};
    submit(ConnectBlock{kChain, facts});
  }

  void stolen_at(Int128 max_fee) {
    TxId txid;
    txid.bytes[0] = 1;
    submit(ReportForeignSpend{IncidentCause::unmatched_spend, kOld, txid, 0, Amount::of(max_fee), Amount::of(1)});
  }

  // What is to be evacuated of an asset; zero for nothing.
  Amount planned(AssetId asset) const {
    PlanInput input;
    input.quotes[kChain] = {Amount::of(kMarketPrice), Amount::of(1)};
    for (const Command& command : plan(state, input, {})) {
      const auto* evacuation = std::get_if<PlanEvacuation>(&command);
      if (!evacuation) continue;
      for (const AssetAmount& money : evacuation->money) {
        if (money.asset == asset) return money.amount;
      }
    }
    return Amount::zero();
  }

  State state;
};

constexpr Int128 kGasAlone = 4 * 21'000;
constexpr Int128 kGasWithToken = 4 * (21'000 + 150'000);

TEST_F(StolenWallet, keeps_fees_at_the_markets_price) {
  holds(kCoins, 5);
  stolen_at(1);
  EXPECT_EQ(planned(kNative), Amount::of(kCoins - kGasWithToken * kMarketPrice));
  EXPECT_EQ(planned(kToken), Amount::of(5));
}

TEST_F(StolenWallet, keeps_fees_at_the_thiefs_price_when_that_is_higher) {
  holds(kCoins, 5);
  stolen_at(700);
  EXPECT_EQ(planned(kNative), Amount::of(kCoins - kGasWithToken * 700));
}

TEST_F(StolenWallet, a_thiefs_mad_price_does_not_talk_us_into_leaving_the_coin) {
  holds(kCoins, 0);
  stolen_at(kCoins);
  EXPECT_EQ(planned(kNative), Amount::of(kCoins - kCoins / 4));
}

TEST_F(StolenWallet, keeps_nothing_for_tokens_that_are_not_there) {
  holds(kCoins, 0);
  stolen_at(1);
  EXPECT_EQ(planned(kNative), Amount::of(kCoins - kGasAlone * kMarketPrice));
}

TEST_F(StolenWallet, leaves_a_crumb_that_is_worth_less_than_its_fees) {
  holds(2 * kGasAlone * kMarketPrice - 1, 0);
  stolen_at(1);
  EXPECT_EQ(planned(kNative), Amount::zero());
}

}  // namespace
}  // namespace holdfast::engine
