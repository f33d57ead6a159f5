// The life of a withdrawal: from a Safe and from a single key, to each of its ends, through what may come between.
#include "custody/test_exchange.h"

#include "custody/accounts.h"

#include <gtest/gtest.h>

namespace holdfast::custody {
namespace {

constexpr std::int64_t kBefore = 1000;  // Ann's tokens at first.

void expect_paid(const Exchange& x, SpendId id, WalletId wallet) {
  EXPECT_EQ(x.withdrawal_of(id).state, WithdrawalState::completed);
  EXPECT_EQ(x.spend(id).state, SpendState::settled);
  EXPECT_EQ(x.available(), units(kBefore - 102));
  EXPECT_EQ(x.balance(wallet), units(10'000 - 100));
  EXPECT_EQ(x.state.books.side(fee_income_account(kToken)), units(2));
  EXPECT_TRUE(x.state.open_spends.empty());
  EXPECT_TRUE(x.state.committed.empty());
}

void expect_returned(const Exchange& x, SpendId id, Reason reason) {
  EXPECT_EQ(x.withdrawal_of(id).state, WithdrawalState::returned);
  EXPECT_EQ(x.withdrawal_of(id).reason, reason);
  const std::int64_t kept = reason == Reason::failed_on_chain ? 2 : 0;  // What failed is not free.
  EXPECT_EQ(x.available(), units(kBefore - kept));
  EXPECT_EQ(x.state.books.side(fee_income_account(kToken)), units(kept));
  EXPECT_TRUE(x.state.committed.empty());
}

TEST(withdrawal, from_a_safe) {
  Exchange x;
  x.must(x.request(200));
  const WithdrawalId withdrawal{1};
  EXPECT_EQ(x.state.withdrawals.at(withdrawal).state, WithdrawalState::held);
  EXPECT_EQ(x.available(), units(kBefore - 202));
  x.must(ApproveWithdrawal{withdrawal, "operator"});
  x.must(PlanWithdrawal{withdrawal, kSafe});
  const SpendId id{1};
  EXPECT_EQ(x.withdrawal_of(id).state, WithdrawalState::signing);
  EXPECT_EQ(x.state.wallet_free(kSafe, kToken), units(9'800));
  x.must(AuthoriseSpend{id, hash(1), Bytes{1}});
  x.must(AssignGas{id, kGas});
  x.must(AddAttempt{id, x.attempt()});
  EXPECT_EQ(x.withdrawal_of(id).state, WithdrawalState::broadcast);
  EXPECT_EQ(x.mine({x.own(id)}), "BlockConnected SpendMined");
  EXPECT_EQ(x.withdrawal_of(id).state, WithdrawalState::confirming);
  EXPECT_EQ(x.balance(kSafe), units(9'800));
  EXPECT_EQ(x.balance(kGas, kCoin), units(10'000 - 7));
  EXPECT_EQ(x.finalize(), "SpendSettled BlockFinalized");
  EXPECT_EQ(x.withdrawal_of(id).state, WithdrawalState::completed);
  EXPECT_EQ(x.available(), units(kBefore - 202));
}

TEST(withdrawal, from_a_single_key) {
  Exchange x;
  const SpendId id = x.settled(kKey);
  expect_paid(x, id, kKey);
  EXPECT_EQ(x.balance(kKey, kCoin), units(10'000 - 7));  // It pays for itself.
}

TEST(withdrawal, any_of_its_attempts_may_be_mined) {
  Exchange x;
  const SpendId id = x.signed_by();
  const MinedFact first = x.own(id);
  x.must(AddAttempt{id, x.attempt(200)});
  x.mine({first});
  x.finalize();
  expect_paid(x, id, kSafe);
}

TEST(withdrawal, fails_for_good_inside_the_safe) {
  Exchange x;
  const SpendId id = x.mined(kSafe, false);
  EXPECT_EQ(x.finalize(), "SpendSettled WithdrawalReturned BlockFinalized");
  EXPECT_EQ(x.spend(id).state, SpendState::failed);
  expect_returned(x, id, Reason::failed_on_chain);
}

TEST(withdrawal, fails_outside_of_the_safe_and_is_tried_again) {
  Exchange x;
  const SpendId id = x.signed_by();
  EXPECT_EQ(x.mine({x.reverted(id)}), "BlockConnected AttemptMined");
  EXPECT_EQ(x.withdrawal_of(id).state, WithdrawalState::broadcast);
  EXPECT_EQ(x.balance(kGas, kCoin), units(10'000 - 7));
  EXPECT_EQ(x.finalize(), "SpendUnassigned BlockFinalized");
  EXPECT_EQ(x.spend(id).state, SpendState::authorised);
  EXPECT_EQ(x.spend(id).reverts, 1);
  EXPECT_EQ(x.run(AssignGas{id, kGas}), "SpendAssigned");
  x.must(AddAttempt{id, x.attempt()});  // A new nonce: nothing to outbid.
  x.mine({x.own(id)});
  x.finalize();
  expect_paid(x, id, kSafe);
}

TEST(withdrawal, fails_outside_and_its_block_goes_away) {
  Exchange x;
  const SpendId id = x.signed_by();
  const State before = x.state;
  x.mine({x.reverted(id)});
  EXPECT_EQ(x.disconnect(), "AttemptUnmined BlockDisconnected");
  EXPECT_EQ(x.balance(kGas, kCoin), units(10'000));
  EXPECT_EQ(x.state.mined_nonce, before.mined_nonce);
  EXPECT_EQ(x.mine({x.own(id)}), "BlockConnected SpendMined");
}

TEST(withdrawal, goes_through_a_reorganisation) {
  Exchange x;
  const SpendId id = x.mined();
  EXPECT_EQ(x.disconnect(), "SpendUnmined BlockDisconnected");
  EXPECT_EQ(x.withdrawal_of(id).state, WithdrawalState::broadcast);
  EXPECT_EQ(x.balance(kSafe), units(10'000));
  x.mine({x.own(id)});
  x.finalize();
  expect_paid(x, id, kSafe);
}

TEST(withdrawal, is_paid_once_even_if_its_final_block_goes_away) {
  Exchange x;
  const SpendId id = x.settled();
  EXPECT_EQ(x.disconnect(), "IncidentOpened FreezePlaced SpendUnmined BlockDisconnected");
  EXPECT_EQ(x.withdrawal_of(id).state, WithdrawalState::completed);
  x.mine({x.own(id)});
  EXPECT_EQ(x.finalize(), "SpendSettled BlockFinalized");
  expect_paid(x, id, kSafe);
}

TEST(withdrawal, expires_and_its_nonce_is_burnt) {
  Exchange x;
  const SpendId id = x.assigned();
  x.now = x.now + kApprovalLifetimeMs;
  x.must(PlanBurn{id});
  const SpendId burn{2};
  EXPECT_EQ(x.spend(burn).nonce, x.spend(id).nonce);
  EXPECT_EQ(x.spend(burn).gas_wallet, kGas);  // Inherited: its nonce leaves no gap.
  EXPECT_EQ(x.spend(burn).gas_nonce, x.spend(id).gas_nonce);
  x.must(AuthoriseSpend{burn, hash(1), Bytes{1}});
  EXPECT_EQ(x.spend(burn).state, SpendState::assigned);
  x.must(AddAttempt{burn, x.attempt()});
  x.mine({x.own(burn)});
  EXPECT_EQ(x.finalize(), "SpendSettled SpendSuperseded WithdrawalReturned BlockFinalized");
  expect_returned(x, id, Reason::approval_expired);
  EXPECT_TRUE(x.state.open_spends.empty());
}

TEST(withdrawal, is_mined_before_its_burn) {
  Exchange x;
  const SpendId id = x.assigned();
  x.must(PlanBurn{id});
  x.must(AddAttempt{id, x.attempt()});
  x.mine({x.own(id)});
  EXPECT_EQ(x.finalize(), "SpendSettled SpendSuperseded BlockFinalized");
  expect_paid(x, id, kSafe);
}

TEST(withdrawal, an_outsider_relays_it_and_our_own_gas_nonce_is_filled) {
  Exchange x;
  const SpendId id = x.signed_by();
  EXPECT_EQ(x.mine({x.relayed(id)}), "BlockConnected SpendMined");
  EXPECT_FALSE(x.spend(id).payer);
  EXPECT_EQ(x.finalize(), "SpendSettled SpendPlanned BlockFinalized");
  EXPECT_EQ(x.withdrawal_of(id).state, WithdrawalState::completed);
  const Spend& filler = x.spend({2});
  EXPECT_EQ(filler.purpose, Purpose::burn);
  EXPECT_EQ(filler.wallet, kGas);
  EXPECT_EQ(filler.nonce, x.spend(id).gas_nonce);
}

TEST(withdrawal, an_outsider_relays_it_ahead_of_our_own_in_one_block) {
  Exchange x;
  const SpendId id = x.signed_by();
  EXPECT_EQ(x.mine({x.relayed(id), x.reverted(id)}), "BlockConnected SpendMined AttemptMined");
  EXPECT_TRUE(x.state.open_incidents.empty());
  EXPECT_EQ(x.finalize(), "SpendSettled BlockFinalized");  // The gas nonce is used: no filler.
  expect_paid(x, id, kSafe);
  EXPECT_EQ(x.balance(kGas, kCoin), units(10'000 - 7));
}

TEST(withdrawal, our_own_fails_behind_an_outsiders_relay) {
  Exchange x;
  const SpendId id = x.signed_by();
  x.mine({x.relayed(id)});
  EXPECT_EQ(x.mine({x.reverted(id)}), "BlockConnected AttemptMined");
  EXPECT_TRUE(x.state.open_incidents.empty());
  x.finalize();
  expect_paid(x, id, kSafe);
}

TEST(withdrawal, an_outsider_relays_it_after_our_own_failed) {
  Exchange x;
  const SpendId id = x.signed_by();
  x.mine({x.reverted(id)});
  EXPECT_EQ(x.mine({x.relayed(id)}), "BlockConnected SpendMined");
  EXPECT_TRUE(x.state.open_incidents.empty());
  x.finalize();
  expect_paid(x, id, kSafe);
}

// The destination is a contract that, while it is paid, relays another of our signed transactions.
TEST(withdrawal, one_inside_of_another) {
  Exchange x;
  const SpendId outer = x.signed_by(kKey);
  const SpendId inner = x.authorised();
  MinedFact fact = x.relayed(inner);
  const MinedFact sent = x.own(outer);
  fact.txid = sent.txid;
  fact.sender = sent.sender;
  fact.sender_nonce = sent.sender_nonce;
  fact.network_fee = sent.network_fee;
  fact.movements.insert(fact.movements.end(), sent.movements.begin(), sent.movements.end());
  EXPECT_EQ(x.mine({fact}), "BlockConnected SpendMined SpendMined");
  EXPECT_FALSE(x.spend(inner).payer);
  EXPECT_EQ(x.spend(outer).payer, kKey);
  EXPECT_EQ(x.finalize(), "SpendSettled SpendSettled BlockFinalized");
  EXPECT_EQ(x.withdrawal_of(outer).state, WithdrawalState::completed);
  EXPECT_EQ(x.withdrawal_of(inner).state, WithdrawalState::completed);
  EXPECT_EQ(x.balance(kKey), units(9'900));
  EXPECT_EQ(x.balance(kSafe), units(9'900));
}

TEST(withdrawal, a_thief_relays_it_with_our_gas_key) {
  Exchange x;
  const SpendId id = x.signed_by();
  MinedFact fact = x.relayed(id);
  fact.sender = kOtherGas;
  EXPECT_EQ(x.mine({fact}), "BlockConnected SpendMined IncidentOpened FreezePlaced ForeignSpendMined");
  EXPECT_EQ(x.state.wallets.at(kOtherGas).compromised_by, IncidentId{1});
  EXPECT_FALSE(x.state.wallets.at(kSafe).compromised_by);
}

TEST(withdrawal, another_transaction_takes_its_nonce) {
  Exchange x;
  const SpendId id = x.signed_by(kKey);
  EXPECT_EQ(x.mine({x.stolen(kKey, 0)}), "BlockConnected IncidentOpened FreezePlaced ForeignSpendMined");
  EXPECT_EQ(x.finalize(), "SpendSuperseded WithdrawalReturned BlockFinalized");
  expect_returned(x, id, Reason::nonce_superseded);
}

TEST(withdrawal, another_transaction_takes_its_gas_nonce) {
  Exchange x;
  const SpendId id = x.signed_by();
  x.mine({x.stolen(kGas, 0)});
  EXPECT_EQ(x.finalize(), "SpendUnassigned BlockFinalized");
  EXPECT_EQ(x.spend(id).state, SpendState::authorised);
  EXPECT_EQ(x.withdrawal_of(id).state, WithdrawalState::signing);
}

// Its gas nonce goes in one block, its own in the next, and both become final together.
TEST(withdrawal, loses_both_its_nonces_at_once) {
  Exchange x;
  const SpendId id = x.authorised();
  x.must(PlanBurn{id});
  const SpendId burn{2};
  x.must(AuthoriseSpend{burn, hash(1), Bytes{1}});
  x.must(AssignGas{id, kGas});
  x.must(AddAttempt{id, x.attempt()});
  x.mine({x.reverted(id)});
  x.mine({x.relayed(burn)});
  EXPECT_EQ(x.finalize(), "SpendUnassigned SpendSettled SpendSuperseded WithdrawalReturned BlockFinalized");
  EXPECT_EQ(x.withdrawal_of(id).state, WithdrawalState::returned);
  EXPECT_TRUE(x.state.open_spends.empty());
}

// transfer() answered false: the Safe's event says success, and the token says nothing.
TEST(withdrawal, of_a_token_that_moved_nothing_is_returned) {
  for (const WalletId wallet : {kSafe, kKey}) {
    Exchange x;
    const SpendId id = x.signed_by(wallet);
    MinedFact fact = x.own(id);
    fact.movements = {{wallet, {}, kCoin, units(100), {}}, {wallet, kCold, kToken, units(100), {}}};
    x.mine({fact});
    EXPECT_TRUE(x.spend(id).executed);
    EXPECT_EQ(x.finalize(), "SpendSettled WithdrawalReturned BlockFinalized");
    EXPECT_EQ(x.spend(id).state, SpendState::failed);
    expect_returned(x, id, Reason::failed_on_chain);
    EXPECT_EQ(x.balance(wallet), units(10'000));
  }
}

// A token that reports a transfer and moves nothing must not end the process, nor be paid for by somebody else.
TEST(withdrawal, that_moved_nothing_shows_as_a_surplus) {
  Exchange x;
  const SpendId id = x.signed_by();
  EXPECT_EQ(x.run(x.block({x.own(id)}, {}, {{kSafe, kToken, units(10'000)}})),
            "BlockConnected SurplusFound SpendMined");
  x.finalize();
  EXPECT_EQ(x.withdrawal_of(id).state, WithdrawalState::completed);
  EXPECT_EQ(x.balance(kSafe), units(10'000));
}

}  // namespace
}  // namespace holdfast::custody
