// Spends against a real EVM node and the real contracts, from plan to finality.
#include "base/hex.h"
#include "chain/evm/codec/abi.h"
#include "chain/evm/testing/exchange_world.h"

#include <gtest/gtest.h>

namespace holdfast::chain::evm {
namespace {

using custody::SpendState;
using custody::WithdrawalState;

// A customer's money, in at a deposit address, swept to the hot Safe, and out again both ways.
TEST(spends, sweep_and_withdraw_through_the_safe) {
  ExchangeWorld world;
  const Address20 a = world.deposit_address(1);
  const Address20 b = world.deposit_address(2);
  world.anvil.send(4, a, milliether(5));
  world.anvil.send(4, world.token_contract, {}, mint_call(b, milliether(7)));
  world.mine();
  world.mine();

  const auto sweep = world.sweep({1, 2});
  world.sign_and_broadcast(sweep);
  EXPECT_TRUE(world.pool.watch()->empty());  // It is ours.
  world.mine();
  EXPECT_EQ(world.balance(world.hot, world.eth), milliether(5));
  EXPECT_EQ(world.balance(world.hot, world.token), milliether(7));
  EXPECT_EQ(world.balance(world.forwarders, world.eth), Amount::zero());
  world.mine();
  EXPECT_EQ(world.spend(sweep).state, SpendState::settled);
  EXPECT_TRUE(world.books.state.unswept.empty());

  const auto coin = world.withdraw(world.eth, milliether(2), world.hot, kStranger);
  const auto tokens = world.withdraw(world.token, milliether(3), world.hot, kStranger);
  for (const auto id : {coin, tokens}) {
    world.authorise(id);
    world.sign_and_broadcast(id);
  }
  EXPECT_TRUE(world.pool.watch()->empty());
  world.mine();
  EXPECT_EQ(world.spend(coin).state, SpendState::mined);
  world.mine();
  for (const auto id : {coin, tokens}) {
    EXPECT_EQ(world.spend(id).state, SpendState::settled);
    EXPECT_TRUE(world.spend(id).success);
  }
  EXPECT_EQ(world.books.state.withdrawals.at({1}).state, WithdrawalState::completed);
  EXPECT_EQ(world.books.state.withdrawals.at({2}).state, WithdrawalState::completed);
  EXPECT_EQ(*world.node.balances(world.node.head()->hash, {{kStranger, {}}, {kStranger, world.token_contract}}),
            (std::vector<std::optional<Amount>>{milliether(2), milliether(3)}));
  EXPECT_TRUE(world.at_peace());
}

// A payee that refuses: the Safe's nonce is used up all the same, so the approval can never be played again.
TEST(spends, a_failing_payment_uses_up_its_nonce) {
  ExchangeWorld world;
  world.fund_hot();
  const Address20 refuser = world.anvil.deploy(3, "FeeToken", AbiWriter().bytes({}).bytes({}).number(18).number(0).finish());
  world.follow();
  const auto id = world.withdraw(world.eth, milliether(2), world.hot, refuser);
  world.authorise(id);
  world.sign_and_broadcast(id);
  world.mine();
  EXPECT_EQ(world.spend(id).state, SpendState::mined);
  EXPECT_TRUE(world.spend(id).executed);
  EXPECT_FALSE(world.spend(id).success);
  world.mine();
  EXPECT_EQ(world.spend(id).state, SpendState::failed);
  EXPECT_EQ(world.books.state.withdrawals.at({1}).state, WithdrawalState::returned);
  EXPECT_EQ(world.available(world.eth), milliether(50));
  EXPECT_TRUE(world.at_peace());
}

// A payee that burns all the gas it is given: what is left is enough for the Safe to say so and to count its nonce.
TEST(spends, a_payee_cannot_keep_the_nonce_alive_by_burning_gas) {
  ExchangeWorld world;
  world.fund_hot();
  const Address20 burner = world.anvil.deploy_code(3, *from_hex("635b6000566000526004601cf3"));  // JUMPDEST PUSH1 0 JUMP
  world.follow();
  const auto id = world.withdraw(world.eth, milliether(2), world.hot, burner);
  world.authorise(id);
  world.sign_and_broadcast(id);
  world.mine();
  EXPECT_TRUE(world.spend(id).executed);
  EXPECT_FALSE(world.spend(id).success);
  EXPECT_TRUE(world.at_peace());
}

// What a plan that was never signed to the end leaves open, a burn closes: nothing moves, the nonce is gone.
TEST(spends, a_burn_takes_the_place_of_a_withdrawal) {
  ExchangeWorld world;
  world.fund_hot();
  const auto id = world.withdraw(world.eth, milliether(2), world.hot, kStranger);
  world.books.submit(custody::PlanBurn{id});
  const custody::SpendId burn{world.books.state.spends.size()};
  world.authorise(burn);
  world.sign_and_broadcast(burn);
  world.mine();
  world.mine();
  EXPECT_EQ(world.spend(burn).state, SpendState::settled);
  EXPECT_EQ(world.spend(id).state, SpendState::superseded);
  EXPECT_EQ(world.available(world.eth), milliether(50));
  EXPECT_TRUE(world.at_peace());
}

TEST(spends, anybody_may_relay_what_the_owners_signed) {
  ExchangeWorld world;
  world.fund_hot();
  const auto coin = world.withdraw(world.eth, milliether(2), world.hot, kStranger);
  const auto tokens = world.withdraw(world.token, milliether(3), world.hot, kStranger);
  for (const auto id : {coin, tokens}) {
    world.authorise(id);
    world.books.submit(custody::AssignGas{id, world.gas});
    const Bytes unsigned_transaction = *world.builder.build(world.books.state, world.spend(id), *world.builder.quote());
    world.anvil.send(6, world.hot_address, {}, decode_unsigned(unsigned_transaction)->data);
  }
  EXPECT_TRUE(world.pool.watch()->empty());  // Asked for, whoever carries it.
  world.mine();
  EXPECT_EQ(world.spend(coin).state, SpendState::mined);
  EXPECT_EQ(world.spend(tokens).state, SpendState::mined);
  EXPECT_FALSE(world.spend(coin).payer);
  world.mine();
  EXPECT_EQ(world.books.state.withdrawals.at({1}).state, WithdrawalState::completed);
  EXPECT_EQ(world.books.state.withdrawals.at({2}).state, WithdrawalState::completed);
  EXPECT_TRUE(world.at_peace());
}

TEST(spends, a_single_key_pays_for_itself_and_a_bump_replaces) {
  ExchangeWorld world;
  world.anvil.send(4, world.deposit_address(1), milliether(5));
  world.anvil.send(4, world.single_address, milliether(10));
  world.anvil.send(4, world.token_contract, {}, mint_call(world.single_address, milliether(10)));
  world.mine();
  world.mine();
  const auto id = world.withdraw(world.eth, milliether(2), world.single, kStranger);
  world.sign_and_broadcast(id);
  const custody::Attempt first = world.spend(id).attempts[0];
  const FeeQuote bumped = world.builder.bump({first.max_fee, first.priority_fee}, *world.builder.quote());
  const custody::Attempt second = world.attempt(id, bumped);
  world.books.submit(custody::AddAttempt{id, second});
  EXPECT_TRUE(world.builder.broadcast(second.raw));
  EXPECT_TRUE(world.pool.watch()->empty());
  world.mine();
  EXPECT_EQ(world.spend(id).mined_txid, second.txid);
  world.mine();
  EXPECT_EQ(world.spend(id).state, SpendState::settled);
  EXPECT_TRUE(world.at_peace());
}

}  // namespace
}  // namespace holdfast::chain::evm
