// Wallets of coins: what spends them, what blocks do to them, and that all of it can be undone.
#include "custody/accounts.h"
#include "custody/test_coins.h"

#include <gtest/gtest.h>

namespace holdfast::custody {
namespace {

struct Coins : ::testing::Test {
  Exchange x;
  CoinSide c{x};
  State before;

  // What a block brought, and then took away again, leaves nothing but what is remembered for ever.
  void expect_money_as_before() const {
    EXPECT_EQ(x.state.unspent_coins, before.unspent_coins);
    EXPECT_EQ(x.state.coin_total, before.coin_total);
    for (const Wallet& wallet : x.state.wallets) {
      EXPECT_EQ(x.state.wallet_balance(wallet.id, c.asset), before.wallet_balance(wallet.id, c.asset));
    }
    EXPECT_EQ(x.state.available(kAnn, c.asset), before.available(kAnn, c.asset));
    EXPECT_EQ(x.state.books.side(capital_account(c.asset)), before.books.side(capital_account(c.asset)));
    EXPECT_EQ(x.state.books.side(network_fees_account(c.asset)), before.books.side(network_fees_account(c.asset)));
    EXPECT_EQ(x.state.books.side(transit_account(c.asset)), before.books.side(transit_account(c.asset)));
    EXPECT_EQ(x.state.books.side(incoming_account(c.asset)), before.books.side(incoming_account(c.asset)));
    EXPECT_EQ(x.state.committed, before.committed);
  }
};

TEST_F(Coins, of_a_deposit_are_credited_when_final) {
  EXPECT_EQ(x.run(c.with_coins({c.at_ann(50)})), "BlockConnected CoinSeen DepositSeen");
  EXPECT_EQ(c.available(), units(2'000));
  EXPECT_EQ(c.balance(c.quorum), units(12'050));
  EXPECT_EQ(c.finalize(), "DepositCredited BlockFinalized");
  EXPECT_EQ(c.available(), units(2'050));
  EXPECT_TRUE(x.state.unswept.empty() || !x.state.unswept.contains({c.ann, c.asset}));  // nothing to sweep: it is there
}

TEST_F(Coins, of_a_large_deposit_wait_for_more_blocks) {
  x.must(c.with_coins({c.at_ann(5'000)}));
  EXPECT_EQ(c.finalize(), "BlockFinalized");
  for (int i = 0; i < 4; ++i) {
    x.must(c.empty());
    EXPECT_EQ(c.finalize(), "BlockFinalized");
  }
  x.must(c.empty());
  EXPECT_EQ(c.finalize(), "DepositCredited BlockFinalized");
}

TEST_F(Coins, of_a_large_deposit_that_goes_before_it_is_credited_were_never_the_customers) {
  x.must(c.with_coins({c.at_ann(5'000)}));
  c.finalize();
  EXPECT_EQ(c.disconnect(), "IncidentOpened FreezePlaced DepositOrphaned CoinOrphaned BlockDisconnected");
  EXPECT_EQ(c.available(), units(2'000));
  EXPECT_TRUE(x.state.waiting_deposits.empty());
}

TEST_F(Coins, two_outputs_of_one_transaction_are_two_deposits) {
  CoinFact one = c.at_ann(50);
  CoinFact two = one;
  two.outpoint.vout = 1;
  EXPECT_EQ(x.run(c.with_coins({one, two})), "BlockConnected CoinSeen CoinSeen DepositSeen DepositSeen");
  c.finalize();
  EXPECT_EQ(c.available(), units(2'100));
}

TEST_F(Coins, told_twice_count_once) {
  const CoinFact deposit = c.at_ann(50);
  EXPECT_EQ(x.run(c.with_coins({deposit, deposit})), "BlockConnected CoinSeen DepositSeen");
  EXPECT_EQ(x.run(c.with_coins({deposit})), "BlockConnected");
}

TEST_F(Coins, in_two_forks_are_credited_once_and_keep_their_id) {
  before = x.state;
  const CoinFact deposit = c.at_ann(50);
  x.must(c.with_coins({deposit}));
  const CoinId id = x.state.coin_at(deposit.outpoint)->id;
  EXPECT_EQ(c.disconnect(), "DepositOrphaned CoinOrphaned BlockDisconnected");
  EXPECT_EQ(c.coin(id).state, CoinState::orphaned);
  expect_money_as_before();
  x.must(c.empty());
  EXPECT_EQ(x.run(c.with_coins({deposit})), "BlockConnected CoinSeen DepositSeen");
  EXPECT_EQ(x.state.coin_at(deposit.outpoint)->id, id);
  EXPECT_EQ(c.coin(id).state, CoinState::unspent);
  EXPECT_EQ(c.coin(id).height, c.head().height);
  EXPECT_EQ(c.finalize(), "DepositCredited BlockFinalized");
  EXPECT_EQ(c.available(), units(2'050));
}

TEST_F(Coins, from_strangers_are_capital) {
  before = x.state;
  EXPECT_EQ(x.run(c.with_coins({c.at(x.state.wallets.at(c.key).address, {c.key, 0, 0}, 5)})),
            "BlockConnected CoinSeen SurplusFound");
  EXPECT_EQ(c.balance(c.key), units(1'005));
  EXPECT_EQ(c.disconnect(), "SurplusUndone CoinOrphaned BlockDisconnected");
  expect_money_as_before();
}

TEST_F(Coins, at_scripts_that_nobody_handed_out_are_capital_too) {
  EXPECT_EQ(x.run(c.with_coins({c.at(address(123), {c.quorum, 0, 77}, 5)})), "BlockConnected CoinSeen SurplusFound");
  EXPECT_EQ(c.available(), units(2'000));
}

TEST_F(Coins, of_wallets_that_are_not_there_are_nobodys) {
  EXPECT_EQ(x.run(c.with_coins({c.at(address(123), {{99}, 0, 0}, 5)})), "BlockConnected");
  EXPECT_EQ(x.run(c.with_coins({c.at(address(13), {kSafe, 0, 0}, 5)})), "BlockConnected");  // of another chain
  EXPECT_EQ(x.run(c.with_coins({c.at_ann(0)})), "BlockConnected");
}

TEST_F(Coins, of_a_miner_are_marked) {
  CoinFact reward = c.at(x.state.wallets.at(c.quorum).address, {c.quorum, 0, 0}, 50);
  reward.coinbase = true;
  x.must(c.with_coins({reward}));
  EXPECT_TRUE(x.state.coin_at(reward.outpoint)->coinbase);
}

TEST_F(Coins, pay_and_what_is_left_comes_back) {
  const SpendId id = c.planned();
  EXPECT_EQ(c.withdrawal(id).state, WithdrawalState::signing);
  before = x.state;
  c.sign(id);
  EXPECT_EQ(c.mine(id), "BlockConnected CoinSeen CoinSpent SpendMined");
  EXPECT_EQ(c.balance(c.quorum), units(12'000 - 100 - 7));
  EXPECT_EQ(c.coin(1_coin).state, CoinState::spent);
  EXPECT_EQ(c.coin(1_coin).spent_by, x.spend(id).mined_txid);
  EXPECT_EQ(c.disconnect(), "SpendUnmined CoinUnspent CoinOrphaned BlockDisconnected");
  expect_money_as_before();
  EXPECT_EQ(c.withdrawal(id).state, WithdrawalState::broadcast);
  x.must(c.empty());
  EXPECT_EQ(c.mine(id), "BlockConnected CoinSeen CoinSpent SpendMined");
  EXPECT_EQ(c.coin(13_coin).state, CoinState::unspent);  // the change, with the id that it had
  EXPECT_EQ(c.finalize(), "SpendSettled BlockFinalized");
  EXPECT_EQ(c.withdrawal(id).state, WithdrawalState::completed);
  EXPECT_EQ(c.available(), units(2'000 - 102));
  EXPECT_TRUE(x.state.spends_by_nonce.empty());
}

TEST_F(Coins, pay_all_of_a_batch_once) {
  const std::vector<WithdrawalId> all = {c.approved(90), c.approved(80), c.approved(70)};
  const SpendId id = c.sign(c.must(c.payment({{1}}, all)));
  EXPECT_EQ(x.spend(id).money.amount, units(240));
  for (const WithdrawalId one : all) EXPECT_EQ(x.state.withdrawals.at(one).state, WithdrawalState::broadcast);
  c.mine(id);
  c.finalize();
  for (const WithdrawalId one : all) EXPECT_EQ(x.state.withdrawals.at(one).state, WithdrawalState::completed);
  EXPECT_EQ(c.available(), units(2'000 - 240 - 6));
  EXPECT_EQ(c.balance(c.quorum), units(12'000 - 240 - 7));
}

TEST_F(Coins, of_a_batch_are_waited_for_as_long_as_its_transaction_may_be_mined) {
  const SpendId id = c.signed_by();
  EXPECT_EQ(x.run(CancelWithdrawal{c.withdrawal(id).id}), "state_wrong");
  x.now = x.now + kApprovalLifetimeMs;
  EXPECT_EQ(x.run(ExpireApprovals{}), "");
}

TEST_F(Coins, two_attempts_and_the_older_is_mined) {
  const SpendId id = c.sign(c.signed_by(), 110);
  EXPECT_EQ(x.run(c.with(id, 0)), "BlockConnected CoinSeen CoinSpent SpendMined");
  EXPECT_EQ(c.finalize(), "SpendSettled BlockFinalized");
}

TEST_F(Coins, stolen_are_a_loss_and_an_incident) {
  before = x.state;
  EXPECT_EQ(x.run(c.with_theft({1_coin, 2_coin})),
            "BlockConnected CoinSpent CoinSpent IncidentOpened FreezePlaced ForeignSpendMined ForeignSpendMined LossFound");
  EXPECT_EQ(x.state.wallets.at(c.quorum).compromised_by, IncidentId{1});
  EXPECT_EQ(x.state.books.side(loss_account({1}, c.asset)), units(2'000));
  EXPECT_EQ(c.balance(c.quorum), units(10'000));
  EXPECT_EQ(c.disconnect(), "LossUndone ForeignSpendUnmined ForeignSpendUnmined CoinUnspent CoinUnspent BlockDisconnected");
  expect_money_as_before();
}

TEST_F(Coins, stolen_from_under_a_payment_give_it_back) {
  const SpendId id = c.signed_by({1_coin, 2_coin});
  x.must(c.with_theft({2_coin}));
  EXPECT_EQ(c.withdrawal(id).state, WithdrawalState::broadcast);  // not final: it may still be the one
  EXPECT_EQ(c.finalize(), "SpendSuperseded WithdrawalReturned BlockFinalized");
  EXPECT_EQ(c.available(), units(2'000));
  EXPECT_EQ(c.withdrawal(id).reason, Reason::nonce_superseded);
}

TEST_F(Coins, stolen_in_the_block_that_brings_them) {
  before = x.state;
  const CoinFact deposit = c.at_ann(50);
  ConnectBlock block = c.with_theft({1_coin});
  block.facts.coins.push_back(deposit);
  block.facts.mined[0].spent.push_back(deposit.outpoint);
  x.must(block);
  EXPECT_EQ(c.balance(c.quorum), units(11'000));
  EXPECT_EQ(x.state.books.side(loss_account({1}, c.asset)), units(1'050));
  c.disconnect();
  expect_money_as_before();
}

TEST_F(Coins, of_two_wallets_stolen_by_one_transaction) {
  ConnectBlock block = c.with_theft({1_coin});
  block.facts.mined.push_back(c.with_theft({11_coin}).facts.mined[0]);
  block.facts.mined[1].txid = block.facts.mined[0].txid;
  x.must(block);
  EXPECT_EQ(x.state.wallets.at(c.quorum).compromised_by, IncidentId{1});
  EXPECT_EQ(x.state.wallets.at(c.key).compromised_by, IncidentId{1});
  EXPECT_EQ(c.balance(c.key), units(0));
}

TEST_F(Coins, that_people_took_from_cold_are_missed_there) {
  const SpendId id = c.sign(c.must(c.evacuation({3_coin})));
  c.mine(id);
  const CoinId saved{x.state.coins.size()};
  EXPECT_EQ(c.coin(saved).wallet, c.cold);
  EXPECT_EQ(x.run(c.with_theft({saved})), "BlockConnected CoinSpent IncidentSpread LossFound");
  EXPECT_EQ(c.balance(c.cold), units(0));
}

TEST_F(Coins, spent_twice_by_a_lying_node_are_spent_once) {
  const ConnectBlock first = c.with_theft({1_coin});
  ConnectBlock both = c.with_theft({1_coin});
  both.facts.mined.push_back(first.facts.mined[0]);
  x.must(both);
  EXPECT_EQ(c.balance(c.quorum), units(11'000));
}

// -- Burns --

TEST_F(Coins, burnt_end_a_payment_and_all_of_its_batch_goes_back) {
  const std::vector<WithdrawalId> all = {c.approved(90), c.approved(80)};
  const SpendId id = c.must(c.payment({1_coin, 2_coin}, all));
  const SpendId burn = c.sign(c.must(c.burn(id)));
  EXPECT_EQ(c.mine(burn), "BlockConnected CoinSeen CoinSpent CoinSpent SpendMined");
  EXPECT_EQ(x.state.withdrawals.at(all[0]).state, WithdrawalState::signing);
  EXPECT_EQ(c.finalize(), "SpendSettled SpendSuperseded WithdrawalReturned WithdrawalReturned BlockFinalized");
  for (const WithdrawalId one : all) EXPECT_EQ(x.state.withdrawals.at(one).state, WithdrawalState::returned);
  EXPECT_EQ(c.available(), units(2'000));
  EXPECT_EQ(c.balance(c.quorum), units(12'000 - 7));
}

TEST_F(Coins, burnt_too_late_and_the_payment_is_mined) {
  const SpendId id = c.planned();
  const SpendId burn = c.sign(c.must(c.burn(id)));
  c.sign(id);
  c.mine(id);
  EXPECT_EQ(c.finalize(), "SpendSettled SpendSuperseded BlockFinalized");
  EXPECT_EQ(x.spend(burn).state, SpendState::superseded);
  EXPECT_EQ(c.withdrawal(id).state, WithdrawalState::completed);
}

// -- Evacuations and reserves --

TEST_F(Coins, evacuated_go_to_cold_whatever_counted_on_them) {
  const SpendId payment = c.signed_by({1_coin, 2_coin});
  const SpendId id = c.sign(c.must(c.evacuation({1_coin, 3_coin})));
  EXPECT_EQ(x.spend(id).destination, x.state.wallets.at(c.cold).address);
  EXPECT_EQ(x.spend(id).money.amount, units(2'000));
  before = x.state;
  EXPECT_EQ(c.mine(id), "BlockConnected CoinSeen CoinSpent CoinSpent SpendMined");
  EXPECT_EQ(c.balance(c.cold), units(1'993));
  EXPECT_EQ(c.disconnect(), "SpendUnmined CoinUnspent CoinUnspent CoinOrphaned BlockDisconnected");
  expect_money_as_before();
  c.mine(id);
  EXPECT_EQ(c.finalize(), "SpendSettled SpendSuperseded WithdrawalReturned BlockFinalized");
  EXPECT_EQ(x.spend(payment).state, SpendState::superseded);
  EXPECT_EQ(c.available(), units(2'000));
}

TEST_F(Coins, in_an_evacuation_that_lost_one_of_them_may_be_evacuated_again) {
  const SpendId id = c.sign(c.must(c.evacuation({1_coin, 2_coin})));
  EXPECT_EQ(x.run(c.evacuation({2_coin})), "already_done");
  x.must(c.with_theft({1_coin}));
  const SpendId again = c.sign(c.must(c.evacuation({2_coin})));
  c.mine(again);
  EXPECT_EQ(c.finalize(), "SpendSuperseded SpendSettled BlockFinalized");
  EXPECT_EQ(x.spend(id).state, SpendState::superseded);
}

TEST_F(Coins, with_a_reserve_may_go_their_ordinary_way) {
  const SpendId reserve = c.reserve(1_coin);
  EXPECT_FALSE(x.state.reserved(c.coin(1_coin)));
  const SpendId id = c.signed_by();
  EXPECT_TRUE(x.state.reserved(c.coin(1_coin)));
  c.mine(id);
  EXPECT_EQ(c.finalize(), "SpendSettled SpendSuperseded BlockFinalized");
  EXPECT_EQ(x.spend(reserve).state, SpendState::superseded);
}

TEST_F(Coins, saved_by_their_reserve) {
  const SpendId reserve = c.sign(c.reserve(1_coin), 400);
  x.compromised(c.quorum);
  EXPECT_EQ(x.run(c.with(reserve, 1)), "BlockConnected CoinSeen CoinSpent SpendMined");
  EXPECT_EQ(c.balance(c.cold), units(993));
  EXPECT_EQ(c.finalize(), "SpendSettled BlockFinalized");
}

TEST_F(Coins, whose_reserve_somebody_sends_in_peace_raise_the_alarm) {
  const SpendId reserve = c.reserve(1_coin);
  const TxId sent = x.spend(reserve).attempts.back().txid;
  EXPECT_EQ(x.run(ReportForeignSpend{IncidentCause::unmatched_spend, c.quorum, sent, 1, {}, {}}), "IncidentOpened FreezePlaced");
  EXPECT_EQ(x.run(ReportForeignSpend{IncidentCause::unmatched_spend, c.quorum, sent, 1, {}, {}}), "");
  EXPECT_EQ(c.mine(reserve), "BlockConnected CoinSeen CoinSpent SpendMined");
}

TEST_F(Coins, whose_reserve_is_mined_in_peace_raise_the_alarm) {
  EXPECT_EQ(c.mine(c.reserve(1_coin)), "BlockConnected CoinSeen CoinSpent IncidentOpened FreezePlaced SpendMined");
}

TEST_F(Coins, that_nobody_will_put_together_are_free_again) {
  const SpendId id = c.must(c.plan(Purpose::consolidation, {1_coin, 2_coin}));
  EXPECT_EQ(x.run(DropConsolidation{id}), "SpendSuperseded");
  EXPECT_FALSE(x.state.reserved(c.coin(1_coin)));
  EXPECT_EQ(x.run(DropConsolidation{id}), "state_wrong");
  EXPECT_EQ(x.run(DropConsolidation{c.planned({1_coin})}), "state_wrong");
  EXPECT_EQ(x.run(DropConsolidation{{99}}), "spend_unknown");
}

// Cutting a large deposit into small ones of one block saves nobody the wait.
TEST_F(Coins, of_one_customer_and_block_wait_together) {
  Asset coin = x.state.assets.at(c.asset);
  coin.deposit_tiers = {{units(1'000), 2}};
  x.must(RegisterAsset{coin});
  x.must(c.with_coins({c.at_ann(600), c.at_ann(500)}));
  EXPECT_EQ(c.finalize(), "BlockFinalized");
  x.must(c.with_coins({c.at_ann(600)}));
  EXPECT_EQ(c.finalize(), "DepositCredited BlockFinalized");
  x.must(c.empty());
  EXPECT_EQ(c.finalize(), "DepositCredited DepositCredited BlockFinalized");
}

TEST_F(Coins, of_a_spend_are_frozen_with_it_but_for_what_saves) {
  const SpendId payment = c.planned({1_coin});
  const SpendId reserve = c.must(c.plan(Purpose::reserve, {2_coin}));
  const SpendId burn = c.must(c.burn(payment));
  x.frozen();
  EXPECT_EQ(x.run(AddAttempt{payment, x.attempt()}), "frozen");
  EXPECT_EQ(x.run(AddAttempt{reserve, x.attempt()}), "SpendSigned");
  EXPECT_EQ(x.run(AddAttempt{burn, x.attempt()}), "SpendSigned");
}

// -- Consolidations and extensions --

TEST_F(Coins, put_together_cost_the_fee_only) {
  const SpendId id = c.sign(c.must(c.plan(Purpose::consolidation, {1_coin, 2_coin, 3_coin})));
  EXPECT_EQ(c.mine(id), "BlockConnected CoinSeen CoinSpent CoinSpent CoinSpent SpendMined");
  EXPECT_EQ(c.finalize(), "SpendSettled BlockFinalized");
  EXPECT_EQ(c.balance(c.quorum), units(12'000 - 7));
}

TEST_F(Coins, that_join_a_payment_are_reserved_with_it) {
  const SpendId id = c.signed_by({1_coin});
  EXPECT_EQ(x.run(ExtendSpend{id, {2_coin}}), "SpendExtended");
  EXPECT_EQ(x.run(c.plan(Purpose::consolidation, {2_coin})), "coin_reserved");
  c.sign(id, 200);
  c.mine(id);
  c.finalize();
  EXPECT_EQ(c.coin(2_coin).state, CoinState::spent);
  EXPECT_EQ(c.balance(c.quorum), units(12'000 - 107));
}

// The older attempt does without the coin that joined later.
TEST_F(Coins, that_joined_in_vain_are_free_again_and_what_else_counts_on_them_goes_on) {
  const SpendId id = c.signed_by({1_coin});
  x.must(ExtendSpend{id, {2_coin}});
  c.sign(id, 200);
  const SpendId reserve = c.reserve(2_coin);
  EXPECT_EQ(x.run(c.with(id, 0, {1_coin})), "BlockConnected CoinSeen CoinSpent SpendMined");
  EXPECT_EQ(c.finalize(), "SpendSettled BlockFinalized");
  EXPECT_EQ(x.spend(reserve).state, SpendState::signed_);
  EXPECT_EQ(x.run(c.plan(Purpose::consolidation, {2_coin})), "SpendPlanned");
}

// It may still be mined, so nothing is given back.
TEST_F(Coins, that_joined_and_are_gone_do_not_end_a_payment) {
  const SpendId id = c.signed_by({1_coin});
  x.must(ExtendSpend{id, {2_coin}});
  c.sign(id, 200);
  x.must(c.with_theft({2_coin}));
  EXPECT_EQ(c.finalize(), "BlockFinalized");
  EXPECT_EQ(c.withdrawal(id).state, WithdrawalState::broadcast);
  EXPECT_EQ(x.run(c.with(id, 0, {1_coin})), "BlockConnected CoinSeen CoinSpent SpendMined");
  EXPECT_EQ(c.finalize(), "SpendSettled BlockFinalized");
  EXPECT_EQ(c.withdrawal(id).state, WithdrawalState::completed);
}

TEST_F(Coins, that_joined_before_anything_was_signed_are_in_every_attempt) {
  const SpendId id = c.planned({1_coin});
  x.must(ExtendSpend{id, {2_coin}});
  c.sign(id);
  x.must(c.with_theft({2_coin}));
  EXPECT_EQ(c.finalize(), "SpendSuperseded WithdrawalReturned BlockFinalized");
}

// -- What hangs on change --

// The change of one attempt is spent, a reorganisation comes, and the other attempt is mined: the change never comes back,
// and what hangs on it can never be mined.
TEST_F(Coins, of_change_that_never_comes_back_end_what_hangs_on_it) {
  const SpendId parent = c.sign(c.signed_by({1_coin}), 200);
  x.must(c.with(parent, 0));
  const CoinId change{x.state.coins.size()};
  const SpendId child = c.signed_by({change, 2_coin});
  x.must(c.with(child));
  const SpendId grandchild = c.signed_by({CoinId{x.state.coins.size()}});
  c.disconnect();
  c.disconnect();
  EXPECT_EQ(x.run(c.with(parent, 1)), "BlockConnected CoinSeen CoinSpent SpendMined");
  EXPECT_EQ(c.finalize(),
            "SpendSettled SpendSuperseded WithdrawalReturned SpendSuperseded WithdrawalReturned BlockFinalized");
  EXPECT_EQ(x.spend(grandchild).state, SpendState::superseded);
  EXPECT_EQ(x.run(c.plan(Purpose::consolidation, {2_coin})), "SpendPlanned");
}

TEST_F(Coins, of_change_that_comes_back_are_waited_for) {
  const SpendId parent = c.signed_by({1_coin});
  x.must(c.with(parent));
  const CoinId change{x.state.coins.size()};
  const SpendId child = c.signed_by({change});
  c.disconnect();
  x.must(c.empty());
  EXPECT_EQ(c.finalize(), "BlockFinalized");
  EXPECT_EQ(c.mine(parent), "BlockConnected CoinSeen CoinSpent SpendMined");
  EXPECT_EQ(c.mine(child), "BlockConnected CoinSeen CoinSpent SpendMined");
  EXPECT_EQ(c.finalize(), "SpendSettled SpendSettled BlockFinalized");
}

// -- Children --

struct Children : Coins {
  SpendId parent = c.signed_by({1_coin});
  SpendId child;

  void SetUp() override {
    c.sign(parent, 200);
    x.must(c.child(parent, 0));
    child = c.sign({x.state.spends.size()});
  }
  CoinId change() const { return x.spend(child).inputs.front(); }
};

TEST_F(Children, are_in_no_books_before_their_parent_is_mined) {
  EXPECT_EQ(x.spend(child).purpose, Purpose::consolidation);
  EXPECT_EQ(c.coin(change()).state, CoinState::orphaned);
  EXPECT_TRUE(x.state.reserved(c.coin(change())));
  EXPECT_EQ(c.balance(c.quorum), units(12'000));
  EXPECT_FALSE(x.state.unspent_coins.at(c.quorum).contains(change()));
  EXPECT_EQ(x.run(c.plan(Purpose::consolidation, {change()})), "coin_not_spendable");
  EXPECT_EQ(x.run(ExtendSpend{parent, {change()}}), "coin_not_spendable");
}

TEST_F(Children, are_mined_behind_their_parent) {
  before = x.state;
  const std::size_t coins = x.state.coins.size();
  EXPECT_EQ(x.run(c.with(parent, 0)), "BlockConnected CoinSeen CoinSpent SpendMined");
  EXPECT_EQ(x.state.coins.size(), coins);  // the change had its id before
  EXPECT_TRUE(x.state.reserved(c.coin(change())));
  EXPECT_EQ(c.balance(c.quorum), units(12'000 - 107));
  EXPECT_EQ(c.mine(child), "BlockConnected CoinSeen CoinSpent SpendMined");
  EXPECT_EQ(c.balance(c.quorum), units(12'000 - 114));
  EXPECT_EQ(c.disconnect(), "SpendUnmined CoinUnspent CoinOrphaned BlockDisconnected");
  EXPECT_EQ(c.disconnect(), "SpendUnmined CoinUnspent CoinOrphaned BlockDisconnected");
  expect_money_as_before();
  EXPECT_EQ(c.coin(change()).state, CoinState::orphaned);
  x.must(c.with(parent, 0));
  c.mine(child);
  EXPECT_EQ(c.finalize(), "SpendSettled SpendSettled BlockFinalized");
  EXPECT_EQ(c.withdrawal(parent).state, WithdrawalState::completed);
  EXPECT_TRUE(x.state.spends_by_nonce.empty());
}

TEST_F(Children, are_mined_in_one_block_with_their_parent) {
  before = x.state;
  ConnectBlock both = c.with(parent, 0);
  const ConnectBlock second = c.with(child);
  both.facts.mined.push_back(second.facts.mined.front());
  both.facts.coins.push_back(second.facts.coins.front());
  EXPECT_EQ(x.run(both), "BlockConnected CoinSeen CoinSeen CoinSpent CoinSpent SpendMined SpendMined");
  EXPECT_EQ(c.balance(c.quorum), units(12'000 - 114));
  EXPECT_EQ(c.disconnect(), "SpendUnmined SpendUnmined CoinUnspent CoinUnspent CoinOrphaned CoinOrphaned BlockDisconnected");
  expect_money_as_before();
  x.must(both);
  EXPECT_EQ(c.finalize(), "SpendSettled SpendSettled BlockFinalized");
}

TEST_F(Children, of_the_attempt_that_was_not_mined_end_with_it) {
  EXPECT_EQ(x.run(c.with(parent, 1)), "BlockConnected CoinSeen CoinSpent SpendMined");
  EXPECT_EQ(x.spend(child).state, SpendState::signed_);  // a reorganisation may bring its parent back
  EXPECT_EQ(c.finalize(), "SpendSettled SpendSuperseded BlockFinalized");
  EXPECT_EQ(x.spend(child).state, SpendState::superseded);
  EXPECT_FALSE(x.state.reserved(c.coin(change())));
  EXPECT_EQ(c.balance(c.quorum), units(12'000 - 107));
}

TEST_F(Children, end_with_a_payment_that_is_robbed) {
  x.must(c.with_theft({1_coin}));
  EXPECT_EQ(c.finalize(), "SpendSuperseded WithdrawalReturned SpendSuperseded BlockFinalized");
}

TEST_F(Children, of_both_attempts_may_wait_and_one_is_mined) {
  x.must(c.child(parent, 1));
  const SpendId other = c.sign({x.state.spends.size()});
  x.must(c.with(parent, 1));
  c.mine(other);
  EXPECT_EQ(c.finalize(), "SpendSettled SpendSettled SpendSuperseded BlockFinalized");
  EXPECT_EQ(x.spend(child).state, SpendState::superseded);
}

TEST_F(Children, that_nobody_signs_leave_the_change_as_it_was) {
  const SpendId another = c.signed_by({2_coin});
  x.must(c.child(another));
  const SpendId dropped{x.state.spends.size()};
  EXPECT_EQ(x.run(DropConsolidation{dropped}), "SpendSuperseded");
  EXPECT_EQ(x.run(c.child(another)), "SpendPlanned");  // the coin is known by now
  EXPECT_EQ(x.run(DropConsolidation{{x.state.spends.size()}}), "SpendSuperseded");
  c.mine(another);
  c.finalize();
  EXPECT_EQ(x.run(c.plan(Purpose::consolidation, {x.spend(dropped).inputs.front()})), "SpendPlanned");
}

TEST_F(Children, of_a_payment_whose_block_is_gone_spend_the_coin_that_was_seen) {
  const SpendId another = c.signed_by({2_coin});
  x.must(c.with(another));
  const CoinId seen{x.state.coins.size()};
  c.disconnect();
  EXPECT_EQ(x.run(c.child(another)), "SpendPlanned");
  EXPECT_EQ(x.spend({x.state.spends.size()}).inputs, std::vector{seen});
}

TEST_F(Children, are_evacuated_once_they_are_there) {
  EXPECT_EQ(x.run(c.evacuation({change()})), "coin_not_spendable");
  x.must(c.with(parent, 0));
  const SpendId rescue = c.sign(c.must(c.evacuation({change()})));
  c.mine(rescue);
  EXPECT_EQ(c.finalize(), "SpendSettled SpendSettled SpendSuperseded BlockFinalized");
  EXPECT_EQ(x.spend(child).state, SpendState::superseded);
  EXPECT_EQ(c.balance(c.cold), c.coin(change()).amount - units(7));
}

TEST_F(Children, whose_change_a_thief_takes_raise_the_alarm) {
  EXPECT_EQ(x.run(ReportForeignSpend{IncidentCause::unmatched_spend, c.quorum, hash(5), change().value, units(9), units(9)}),
            "IncidentOpened FreezePlaced ForeignSpendSeen");
  x.must(c.with(parent, 0));
  x.must(c.with_theft({change()}));
  EXPECT_EQ(x.state.books.side(loss_account({1}, c.asset)), c.coin(change()).amount);
  EXPECT_EQ(c.finalize(), "SpendSettled SpendSuperseded BlockFinalized");
}

TEST_F(Coins, that_were_final_and_are_gone_open_an_incident) {
  const SpendId id = c.signed_by();
  c.mine(id);
  c.finalize();
  EXPECT_EQ(c.disconnect(),
            "IncidentOpened FreezePlaced SpendUnmined CoinUnspent CoinOrphaned BlockDisconnected");
  EXPECT_EQ(c.withdrawal(id).state, WithdrawalState::completed);  // an end is an end
  EXPECT_EQ(c.mine(id), "BlockConnected CoinSeen CoinSpent SpendMined");
  EXPECT_EQ(c.finalize(), "SpendSettled BlockFinalized");
  EXPECT_EQ(c.available(), units(2'000 - 102));
}

}  // namespace
}  // namespace holdfast::custody
