// What the planner makes of many coins, and of signers that do not want what it has planned.
#include "chain/utxo/coin_planner.h"

#include "base/check.h"
#include "chain/utxo/wallet/bip32.h"
#include "custody/custody.h"

#include <gtest/gtest.h>

namespace holdfast::chain::utxo {
namespace {

using namespace custody;

constexpr std::uint32_t kCoins = 240;

const Network& network() { return **network_by_name("bitcoin-regtest"); }

// A wallet with so many small coins that they are put together while fees are low.
class ManyCoins : public ::testing::Test {
 protected:
  ManyCoins() {
    submit(RegisterChain{{{}, std::string(network().caip2), 1, ChainFamily::coins}});
    Asset coin;
    coin.chain = {1};
    coin.symbol = "BTC";
    coin.decimals = 8;
    submit(RegisterAsset{coin});
    submit(RegisterSigner{{{}, "signer-1", Address(std::array<std::uint8_t, 20>{1})}});
    Wallet wallet;
    wallet.chain = {1};
    wallet.kind = WalletKind::single_key;
    wallet.name = "old";
    wallet.signer = {1};
    wallet.output_descriptor = "wpkh(" + to_text(*neuter(*master_of_seed(Secret(32))), network()) + "/<0;1>/*)";
    wallet.address = Address(Descriptor::parse(wallet.output_descriptor, network())->derive(0, 0)->script_pubkey);
    submit(RegisterWallet{wallet});
    BlockFacts first;
    first.block = {1, hash(1), hash(0), now};
    for (std::uint32_t i = 0; i < kCoins; ++i) {
      first.coins.push_back({{hash(9), i}, wallet.address, {{1}, 0, 0}, Amount::of(100'000 + i), false});
    }
    submit(ConnectBlock{{1}, first});
    submit(ConnectBlock{{1}, {{2, hash(2), hash(1), now}, {}, {}, {}, {}}});
    submit(FinalizeBlocks{{1}, 1});
  }

  static Hash32 hash(std::uint8_t first) { return {{first, 1}}; }

  void submit(const Command& command) {
    Events events;
    const Refusal refusal = decide(state, command, now, events);
    ASSERT_EQ(refusal, Refusal::none) << name(refusal);
    for (const Event& event : events) apply(state, event);
    check(state);
  }

  std::vector<Command> plan(const std::set<SpendId>& given_up = {}) {
    return plan_coins(state, {1}, {now, {Amount::of(1'000), Amount::zero()}, given_up}, {}, wallets, {});
  }

  Instant now{1'700'000'000'000};
  State state;
  Wallets wallets{network()};
};

TEST_F(ManyCoins, are_put_together_once_at_a_time) {
  const auto first = plan();
  ASSERT_EQ(first.size(), 1U);
  const auto& consolidation = std::get<PlanCoins>(first.front());
  EXPECT_EQ(consolidation.purpose, Purpose::consolidation);
  EXPECT_EQ(consolidation.inputs.front(), CoinId{1});  // the smallest first
  submit(first.front());
  EXPECT_TRUE(plan().empty());
}

// Each plan takes a change script, and signers let indices grow only so fast: without a rest a coin that they refuse would
// use them up, and nothing could be paid.
TEST_F(ManyCoins, that_signers_refuse_are_left_alone_for_a_while) {
  submit(plan().front());
  const auto dropped = plan({{1}});
  ASSERT_EQ(dropped.size(), 1U);
  ASSERT_TRUE(std::holds_alternative<DropConsolidation>(dropped.front()));
  submit(dropped.front());
  for (int round = 0; round < 100; ++round) {
    now = now + 1'000;
    ASSERT_TRUE(plan().empty());
  }
  EXPECT_EQ(state.wallets.at({1}).next_change, 1U);
  now = now + 600'000;
  EXPECT_EQ(plan().size(), 1U);
}

}  // namespace
}  // namespace holdfast::chain::utxo
