// What the follower makes of what lies in the chain before its first block. On real nodes: chain_node_test.cc.
#include "chain/utxo/follower.h"

#include "base/check.h"
#include "base/hex.h"
#include "chain/utxo/node/testing/scripted_node.h"
#include "chain/utxo/wallet/bip32.h"
#include "custody/custody.h"

#include <gtest/gtest.h>

namespace holdfast::chain::utxo {
namespace {

using namespace custody;

constexpr std::uint64_t kHead = 9;

const Network& network() { return **network_by_name("bitcoin-regtest"); }

std::string descriptor() {
  const auto key = master_of_seed(Secret(32));
  return "wpkh(" + to_text(*neuter(*key), network()) + "/<0;1>/*)";
}

// One wallet, registered, and a node with a chain of ten blocks.
class FirstScan : public ::testing::Test, public StateView {
 protected:
  FirstScan() {
    Hash32 genesis = *fixed_from_hex<32>(network().genesis);
    std::ranges::reverse(genesis.bytes);
    node.add(0, genesis);
    for (std::uint64_t height = 1; height <= kHead; ++height) node.add(height, hash(height));
    submit(RegisterChain{{{}, std::string(network().caip2), 2, ChainFamily::coins}});
    Asset coin;
    coin.chain = {1};
    coin.symbol = "BTC";
    coin.decimals = 8;
    submit(RegisterAsset{coin});
    Wallet wallet;
    wallet.chain = {1};
    wallet.kind = WalletKind::cold;
    wallet.name = "cold";
    wallet.output_descriptor = descriptor();
    wallet.address = script(0, 0);
    submit(RegisterWallet{wallet});
  }

  static Hash32 hash(std::uint64_t number) {
    Hash32 out;
    out.bytes[0] = static_cast<std::uint8_t>(number);
    out.bytes[31] = 1;
    return out;
  }

  static Address script(std::uint32_t branch, std::uint32_t index) {
    return Address(Descriptor::parse(descriptor(), network())->derive(branch, index)->script_pubkey);
  }

  void read(const std::function<void(const State&)>& look) const override { look(state); }

  void submit(const Command& command) {
    Events events;
    const Refusal refusal = decide(state, command, Instant{1'700'000'000'000}, events);
    ASSERT_EQ(refusal, Refusal::none) << name(refusal);
    for (const Event& event : events) apply(state, event);
    check(state);
  }

  void follow() {
    const auto commands = follower.follow(10);
    ASSERT_TRUE(commands.has_value()) << commands.error().text;
    for (const Command& command : *commands) submit(command);
  }

  void lies(std::uint32_t branch, std::uint32_t index, std::int64_t satoshi, std::uint64_t height) {
    const OutPoint at{hash(200), static_cast<std::uint32_t>(node.scanned.coins.size())};
    const Address own = script(branch, index);
    node.scanned.coins.push_back({{at.txid, at.vout}, {satoshi, to_bytes(own.view())}, height});
  }

  ScriptedNode node;
  State state;
  UtxoFollower follower{{1}, network(), node, *this};
};

TEST_F(FirstScan, brings_each_coin_at_the_height_that_it_has) {
  lies(0, 0, 700, 3);
  lies(1, 4, 800, kHead);
  follow();
  ASSERT_EQ(state.coins.size(), 2U);
  EXPECT_EQ(state.coins.at({1}).height, 3U);
  EXPECT_EQ(state.coins.at({2}).height, kHead);
  EXPECT_EQ(state.coins.at({2}).branch, 1U);
  EXPECT_EQ(state.coins.at({2}).index, 4U);
  EXPECT_EQ(state.wallets.at({1}).next_change, 5U);
  EXPECT_EQ(state.wallet_balance({1}, {1}).units(), 1'500);
}

TEST_F(FirstScan, leaves_out_what_is_not_ours_whatever_the_node_says) {
  lies(0, 0, 700, 3);
  node.scanned.coins.front().output.script.back() ^= 1;
  lies(0, 1, -5, 3);
  follow();
  EXPECT_EQ(state.coins.size(), 0U);
}

TEST_F(FirstScan, of_more_coins_than_one_command_can_bring_is_refused) {
  lies(0, 0, 700, 3);
  node.scanned.coins.resize(30'001, node.scanned.coins.front());
  EXPECT_EQ(follower.follow(10).error().code, "too_many_coins");
  node.scanned.coins.resize(30'000);
  EXPECT_TRUE(follower.follow(10).has_value());
}

TEST_F(FirstScan, follows_on_from_there) {
  lies(0, 0, 700, 3);
  follow();
  EXPECT_EQ(state.progress.at(0).recent.back().ref.height, kHead);
  EXPECT_TRUE(follower.follow(10)->empty());
  node.add(kHead, hash(99));  // another block in its place: there is nothing before it to go back to
  EXPECT_EQ(follower.follow(10).error().code, "reorg_too_deep");
}

}  // namespace
}  // namespace holdfast::chain::utxo
