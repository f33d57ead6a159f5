// The follower against a real EVM node: true deposits, false ones, and reorganisations.
#include "chain/evm/codec/abi.h"
#include "chain/evm/codec/erc20.h"
#include "chain/evm/testing/exchange_world.h"

#include <gtest/gtest.h>

namespace holdfast::chain::evm {
namespace {

Bytes call_address(std::string_view signature, const Address20& address) {
  return AbiWriter().address(address).finish(selector_of(signature));
}

TEST(follower, credits_what_arrived_and_nothing_else) {
  ExchangeWorld world;
  const Address20 fakes = world.anvil.deploy(3, "FakeDeposits");
  const Address20 unlisted = world.anvil.deploy(3, "TestToken", AbiWriter().bytes({}).bytes({}).number(18).finish());
  std::vector<Address20> to;
  for (std::uint64_t i = 0; i < 12; ++i) to.push_back(world.deposit_address(i));
  world.anvil.send(4, world.token_contract, {}, mint_call(fakes, milliether(100)));
  world.anvil.send(4, unlisted, {}, mint_call(fakes, milliether(100)));
  world.mine();

  const auto fake = [&](Amount value, const Bytes& data) { world.anvil.send(4, fakes, value, data); };
  const auto token_call = [&](std::string_view signature, const Address20& token, const Address20& payee, Amount amount) {
    return AbiWriter().address(token).address(payee).amount(amount).finish(selector_of(signature));
  };
  // True.
  world.anvil.send(4, to[0], milliether(1));
  fake(milliether(2), call_address("payInternally(address)", to[1]));
  fake(milliether(3), call_address("payBySelfDestruct(address)", to[2]));
  const Bytes many = AbiWriter()
                         .addresses({to[3], to[4]})
                         .words({milliether(4).to_word(), milliether(5).to_word()})
                         .finish(selector_of("payMany(address[],uint256[])"));
  fake(milliether(9), many);
  world.anvil.send(4, world.token_contract, {}, mint_call(to[5], milliether(6)));
  // False.
  fake(milliether(10), call_address("payThenUndo(address)", to[6]));
  fake({}, token_call("transferThenUndo(address,address,uint256)", world.token_contract, to[7], milliether(10)));
  fake({}, call_address("nothing(address)", to[7]));  // reverts as a whole
  fake({}, AbiWriter().address(world.token_contract).address(to[8]).finish(selector_of("transferZero(address,address)")));
  fake({}, token_call("logFakeTransfer(address,address,uint256)", fakes, to[9], milliether(10)));
  world.anvil.send(4, unlisted, {}, mint_call(to[10], milliether(10)));
  world.mine();
  EXPECT_EQ(world.available(world.eth), Amount::zero());  // Seen, not final.
  world.mine();
  EXPECT_EQ(world.available(world.eth), milliether(1 + 2 + 3 + 4 + 5));
  EXPECT_EQ(world.available(world.token), milliether(6));
  EXPECT_EQ(world.books.state.deposits.size(), 6U);
  EXPECT_TRUE(world.at_peace());
}

TEST(follower, believes_the_balance_and_not_the_log) {
  ExchangeWorld world;
  const Bytes arguments = AbiWriter().bytes({}).bytes({}).number(18).number(500).finish();
  const Address20 fee_token = world.anvil.deploy(3, "FeeToken", arguments);
  world.books.submit(custody::RegisterAsset{{{}, world.chain, "FEE", 18, to_custody(fee_token), {}, {}, {}, 0}});
  const custody::AssetId fee{3};
  const Address20 to = world.deposit_address(1);
  world.anvil.send(4, fee_token, {}, mint_call(world.anvil.account(4), milliether(100)));
  world.anvil.send(4, fee_token, {}, encode_transfer({to, milliether(100)}));
  world.mine();
  world.mine();
  EXPECT_EQ(world.available(fee), milliether(95));
  EXPECT_TRUE(world.at_peace());
}

TEST(follower, a_reorganised_deposit_is_taken_back_and_comes_again) {
  ExchangeWorld world({.finality_depth = 2});
  const Address20 fakes = world.anvil.deploy(3, "FakeDeposits");
  const Address20 to = world.deposit_address(1);
  const Bytes undone = call_address("payThenUndo(address)", to);
  world.anvil.send(4, to, milliether(3));
  world.anvil.send(4, fakes, milliether(2), call_address("payBySelfDestruct(address)", to));
  world.anvil.send(4, fakes, milliether(9), undone);
  world.mine();
  ASSERT_EQ(world.books.state.deposits.size(), 2U);
  world.anvil.reorg(1);
  world.follow();
  EXPECT_EQ(world.books.state.deposits.at({1}).state, custody::DepositState::orphaned);
  EXPECT_EQ(world.books.state.deposits.at({2}).state, custody::DepositState::orphaned);
  // The other fork pays something else, at the same heights and with the same fake.
  world.anvil.send(5, fakes, milliether(9), undone);
  world.anvil.send(5, to, milliether(4));
  world.anvil.mine(5);
  world.follow();  // Several blocks at once.
  EXPECT_EQ(world.available(world.eth), milliether(4));
  EXPECT_EQ(world.books.state.deposits.size(), 3U);
  EXPECT_EQ(world.books.state.deposits.at({3}).state, custody::DepositState::credited);
  EXPECT_TRUE(world.at_peace());
}

// What only a trace shows is missed without one; nothing is credited twice or to the wrong customer.
TEST(follower, without_a_trace_it_still_sees_its_own_contracts) {
  ExchangeWorld world({.trace = false});
  const Address20 fakes = world.anvil.deploy(3, "FakeDeposits");
  const Address20 seen = world.deposit_address(1);
  const Address20 missed = world.deposit_address(2);
  world.anvil.send(4, seen, milliether(20));
  world.anvil.send(4, fakes, milliether(5), call_address("payInternally(address)", seen));
  world.anvil.send(4, fakes, milliether(9), call_address("payInternally(address)", missed));
  world.mine();
  world.mine();
  EXPECT_EQ(world.available(world.eth), milliether(25));  // One fact for the claim, one for what the balance shows more.
  world.sign_and_broadcast(world.sweep({1}));
  world.mine();
  EXPECT_EQ(world.balance(world.hot, world.eth), milliether(25));
  EXPECT_EQ(world.balance(world.forwarders, world.eth), Amount::zero());
  const auto id = world.withdraw(world.eth, milliether(2), world.hot, kStranger);
  world.authorise(id);
  world.sign_and_broadcast(id);
  world.mine();
  world.mine();
  EXPECT_EQ(world.spend(id).state, custody::SpendState::settled);
  EXPECT_TRUE(world.at_peace());
}

TEST(follower, the_finalized_tag_decides_without_a_depth) {
  ExchangeWorld world({.finality_depth = 0, .slots_in_an_epoch = 2});
  const Address20 to = world.deposit_address(1);
  world.anvil.send(4, to, milliether(3));
  for (int i = 0; i < 4; ++i) {
    world.mine();
    EXPECT_EQ(world.available(world.eth), Amount::zero());
  }
  world.mine();
  world.mine();
  EXPECT_EQ(world.available(world.eth), milliether(3));
}

TEST(follower, faults_leave_it_to_people_when_chains_part_too_deep) {
  ExchangeWorld world;
  world.mine();
  world.mine();
  world.anvil.reorg(12);  // Below the first block that was ever followed.
  const auto commands = world.follower.follow(16);
  ASSERT_FALSE(commands);
  EXPECT_EQ(commands.error().code, "reorg_too_deep");
}

}  // namespace
}  // namespace holdfast::chain::evm
