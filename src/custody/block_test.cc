// Blocks: deposits, books against the chain, reorganisations.
#include "custody/test_exchange.h"

#include "custody/accounts.h"

#include <gtest/gtest.h>

namespace holdfast::custody {
namespace {

TEST(deposit, is_credited_when_final) {
  Exchange x;
  EXPECT_EQ(x.run(x.block({}, {x.deposit(50)})), "BlockConnected DepositSeen");
  EXPECT_EQ(x.available(), units(1000));
  EXPECT_EQ(x.balance(kForwarders), units(1050));
  EXPECT_EQ(x.finalize(), "DepositCredited BlockFinalized");
  EXPECT_EQ(x.available(), units(1050));
  EXPECT_TRUE(x.state.unfinal_deposits.empty());
  EXPECT_EQ((x.state.unswept.at({address(21), kToken})), units(1050));
}

TEST(deposit, is_orphaned_with_its_block) {
  Exchange x;
  x.run(x.block({}, {x.deposit(50)}));
  EXPECT_EQ(x.disconnect(), "DepositOrphaned BlockDisconnected");
  EXPECT_EQ(x.balance(kForwarders), units(1000));
  EXPECT_TRUE(x.state.unfinal_deposits.empty());
  EXPECT_EQ(x.finalize(), "");
  EXPECT_EQ(x.available(), units(1000));
}

TEST(deposit, in_two_forks_is_credited_once) {
  Exchange x;
  const DepositFact deposit = x.deposit(50);
  x.run(x.block({}, {deposit}));
  x.disconnect();
  x.run(x.block());
  x.run(x.block({}, {deposit}));
  EXPECT_EQ(x.finalize(), "DepositCredited BlockFinalized");
  EXPECT_EQ(x.available(), units(1050));
}

TEST(deposit, is_reversed_below_finality_and_the_customer_pays) {
  Exchange x;
  x.run(x.block({}, {x.deposit(50)}));
  x.finalize();
  EXPECT_EQ(x.disconnect(), "IncidentOpened FreezePlaced DepositReversed BlockDisconnected");
  EXPECT_EQ(x.available(), units(1000));
  EXPECT_EQ(x.state.incidents.at({1}).cause, IncidentCause::deep_reorg);
  EXPECT_TRUE(x.state.platform_frozen());
}

TEST(deposit, is_reversed_below_finality_and_what_is_gone_is_a_loss) {
  Exchange x;
  DepositFact deposit = x.deposit(50);
  deposit.address = address(22);  // Bob's, who has nothing else
  x.run(x.block({}, {deposit}));
  x.finalize();
  RequestWithdrawal request = x.request(30);
  request.customer = kBob;
  x.must(request);
  x.disconnect();
  EXPECT_EQ(x.available(kBob), units(0));
  EXPECT_EQ(x.state.books.side(loss_account({1}, kToken)), units(32));
  EXPECT_EQ(x.balance(kForwarders), units(1000));
}

TEST(deposit, two_of_one_customer_are_reversed_together) {
  Exchange x;
  x.run(x.block({}, {x.deposit(50), x.deposit(60)}));
  x.finalize();
  x.must(x.request(500));
  x.must(x.request(496));
  EXPECT_EQ(x.available(), units(1110 - 1000));  // Just enough.
  x.disconnect();
  EXPECT_EQ(x.available(), units(0));
  EXPECT_EQ(x.state.books.side(loss_account({1}, kToken)), units(0));
}

TEST(sweep, moves_deposits_to_the_hot_wallet) {
  Exchange x;
  x.must(PlanSweep{kForwarders, {hash(21)}, {kToken}});
  const SpendId id{1};
  x.must(AssignGas{id, kGas});
  x.must(AddAttempt{id, x.attempt()});
  MinedFact fact = x.own(id);
  fact.movements = {{kForwarders, kSafe, kToken, units(1000), address(21)}};
  EXPECT_EQ(x.mine({fact}), "BlockConnected SpendMined");
  EXPECT_EQ(x.balance(kForwarders), units(0));
  EXPECT_EQ(x.balance(kSafe), units(11'000));
  EXPECT_FALSE(x.state.unswept.contains({address(21), kToken}));
  EXPECT_EQ(x.disconnect(), "SpendUnmined BlockDisconnected");
  EXPECT_EQ((x.state.unswept.at({address(21), kToken})), units(1000));
  x.mine({fact});
  EXPECT_EQ(x.finalize(), "SpendSettled BlockFinalized");
  EXPECT_TRUE(x.state.open_spends.empty());
}

TEST(sweep, by_somebody_else_is_booked_like_ours) {
  Exchange x;
  MinedFact fact;
  fact.txid = hash(5);
  fact.success = true;
  fact.movements = {{kForwarders, kSafe, kToken, units(1000), address(21)}};
  EXPECT_EQ(x.run(x.block({fact}, {}, {{kSafe, kToken, units(11'000)}})), "BlockConnected ForwardersSwept");
  EXPECT_EQ(x.balance(kForwarders), units(0));
  EXPECT_EQ(x.balance(kSafe), units(11'000));
  EXPECT_FALSE(x.state.unswept.contains({address(21), kToken}));
  EXPECT_EQ(x.disconnect(), "ForwardersSweepUndone BlockDisconnected");
  EXPECT_EQ(x.balance(kForwarders), units(1000));
  EXPECT_EQ(x.balance(kSafe), units(10'000));
  EXPECT_EQ((x.state.unswept.at({address(21), kToken})), units(1000));
}

TEST(sweep, by_a_stranger_who_relays_a_withdrawal_with_it) {
  Exchange x;
  const SpendId id = x.signed_by();
  MinedFact fact = x.relayed(id);
  fact.movements.push_back({kForwarders, kSafe, kToken, units(1000), address(21)});
  EXPECT_EQ(x.run(x.block({fact}, {}, {{kSafe, kToken, units(10'900)}})), "BlockConnected SpendMined ForwardersSwept");
  EXPECT_EQ(x.balance(kForwarders), units(0));
}

TEST(books, what_the_chain_has_more_is_capital) {
  Exchange x;
  const Amount before = x.state.books.side(capital_account(kToken));
  EXPECT_EQ(x.run(x.block({}, {}, {{kSafe, kToken, units(10'005)}})), "BlockConnected SurplusFound");
  EXPECT_EQ(x.balance(kSafe), units(10'005));
  EXPECT_EQ(x.state.books.side(capital_account(kToken)), before + units(5));
  EXPECT_EQ(x.disconnect(), "SurplusUndone BlockDisconnected");
  EXPECT_EQ(x.balance(kSafe), units(10'000));
  EXPECT_EQ(x.state.books.side(capital_account(kToken)), before);
}

// Told in turn that a wallet holds nothing and very much, the books would overflow: then no further block is taken.
TEST(books, a_lying_node_does_not_overflow_them) {
  Exchange x;
  const Amount much = Amount::of((Int128{1} << 116) - 1);
  std::string outcome;
  for (int i = 0; i < 1000 && outcome != "amount_overflows"; ++i) {
    outcome = x.run(x.block({}, {}, {{kSafe, kToken, i % 2 == 0 ? much : units(0)}}));
  }
  EXPECT_EQ(outcome, "amount_overflows");
}

TEST(books, what_the_chain_has_less_is_a_loss_and_stops_everything) {
  Exchange x;
  EXPECT_EQ(x.run(x.block({}, {}, {{kSafe, kToken, units(9'000)}})),
            "BlockConnected IncidentOpened FreezePlaced LossFound");
  EXPECT_EQ(x.state.incidents.at({1}).cause, IncidentCause::books_differ);
  EXPECT_EQ(x.state.wallets.at(kSafe).compromised_by, IncidentId{1});
  EXPECT_EQ(x.state.books.side(loss_account({1}, kToken)), units(1'000));
  EXPECT_EQ(x.run(x.request(9)), "frozen");
  EXPECT_EQ(x.disconnect(), "LossUndone BlockDisconnected");
  EXPECT_EQ(x.state.books.side(loss_account({1}, kToken)), units(0));
  EXPECT_EQ(x.balance(kSafe), units(10'000));
  EXPECT_EQ(x.run(x.request(9)), "frozen");  // Lifting is for people.
}

TEST(books, a_theft_in_the_block_of_own_transactions) {
  Exchange x;
  const SpendId id = x.signed_by(kKey);
  EXPECT_EQ(
      x.run(x.block({x.own(id), x.stolen(kKey, 1)}, {}, {{kKey, kToken, units(400)}, {kKey, kCoin, units(9'990)}})),
      "BlockConnected SpendMined IncidentOpened FreezePlaced ForeignSpendMined LossFound LossFound");
  EXPECT_EQ(x.state.books.side(loss_account({1}, kToken)), units(9'500));
  EXPECT_EQ(x.state.books.side(loss_account({1}, kCoin)), units(3));
  EXPECT_EQ(x.finalize(), "SpendSettled BlockFinalized");
  EXPECT_EQ(x.withdrawal_of(id).state, WithdrawalState::completed);
}

// Money came and went within one block, and an own transaction spent it in between: no account may pass below zero.
TEST(books, what_left_before_it_came) {
  Exchange x;
  const SpendId id = x.signed_by();
  x.run(x.block({}, {}, {{kGas, kCoin, units(3)}}));  // Less than the fee of 7.
  EXPECT_EQ(x.run(x.block({x.own(id)}, {}, {{kGas, kCoin, units(0)}})), "BlockConnected SurplusFound SpendMined");
  EXPECT_EQ(x.balance(kGas, kCoin), units(0));
  EXPECT_EQ(x.disconnect(), "SpendUnmined SurplusUndone BlockDisconnected");
  EXPECT_EQ(x.balance(kGas, kCoin), units(3));
}

TEST(blocks, are_remembered_for_a_while_after_they_are_final) {
  Exchange x;
  for (std::uint64_t i = 0; i < kRememberedFinalBlocks + 10; ++i) x.run(x.block());
  x.finalize();
  const ChainProgress& progress = x.state.progress.at(0);
  EXPECT_EQ(progress.recent.size(), kRememberedFinalBlocks + 1);
  EXPECT_EQ(progress.recent.back().ref, x.head());
}

}  // namespace
}  // namespace holdfast::custody
