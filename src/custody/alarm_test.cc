// Alarms: incidents, freezes, and the rescue of what a thief could reach.
#include "custody/test_exchange.h"

#include <gtest/gtest.h>

namespace holdfast::custody {
namespace {

ReportForeignSpend report(WalletId wallet, std::uint64_t txid, std::uint64_t nonce = 0, std::int64_t fee = 9) {
  return {IncidentCause::unmatched_spend, wallet, hash(txid), nonce, units(fee), units(fee)};
}

TEST(incident, one_for_a_storm) {
  Exchange x;
  for (std::uint64_t i = 0; i < 10; ++i) x.run(report(i % 2 == 0 ? kKey : kGas, i + 1, i));
  x.run(
      x.block({x.stolen(kKey, 0), x.stolen(kOtherGas, 0)}, {}, {{kSafe, kToken, units(1)}, {kKey, kToken, units(1)}}));
  EXPECT_EQ(x.state.incidents.size(), 1u);
  EXPECT_EQ(x.state.freezes.size(), 1u);
  EXPECT_EQ(x.state.incidents.at({1}).wallets, (std::vector<WalletId>{kKey, kGas, kOtherGas, kSafe}));
  for (const WalletId id : {kSafe, kKey, kGas, kOtherGas})
    EXPECT_EQ(x.state.wallets.at(id).compromised_by, IncidentId{1});
}

TEST(incident, another_after_the_first_is_closed) {
  Exchange x;
  x.run(report(kKey, 1));
  x.must(CloseIncident{{1}, "operator"});
  EXPECT_EQ(x.run(report(kGas, 2)), "IncidentOpened ForeignSpendSeen");  // Still frozen.
  EXPECT_EQ(x.state.incidents.at({2}).wallets, (std::vector<WalletId>{kGas}));
}

TEST(incident, another_over_a_wallet_that_was_lost_before) {
  Exchange x;
  x.run(report(kKey, 1));
  x.must(CloseIncident{{1}, "operator"});
  x.must(LiftFreeze{{1}, "operator"});
  EXPECT_EQ(x.mine({x.stolen(kKey, 0)}), "BlockConnected IncidentOpened FreezePlaced ForeignSpendMined");
  EXPECT_EQ(x.state.wallets.at(kKey).compromised_by, IncidentId{2});
  EXPECT_TRUE(x.state.platform_frozen());
  EXPECT_EQ(x.run(report(kKey, 3)), "ForeignSpendSeen");  // The same storm.
  x.run(report(kGas, 4));
  x.must(CloseIncident{{2}, "operator"});
  x.must(OpenIncident{IncidentCause::operator_report, kSafe, "operator"});
  EXPECT_EQ(x.run(report(kGas, 5)), "IncidentSpread ForeignSpendSeen");
  EXPECT_EQ(x.state.wallets.at(kGas).compromised_by, IncidentId{3});
}

TEST(freeze, is_acknowledged_by_each_signer) {
  Exchange x;
  const FreezeId id = x.frozen();
  x.must(AcknowledgeFreeze{id, {1}});
  x.must(AcknowledgeFreeze{id, {2}});
  EXPECT_EQ(x.state.freezes.at(id).acknowledged, (std::vector<SignerId>{{1}, {2}}));
}

TEST(freeze, stops_plans_but_not_rescues) {
  Exchange x;
  const WithdrawalId withdrawal = x.approved();
  const SpendId planned = x.planned();
  x.compromised(kKey);
  ASSERT_TRUE(x.state.platform_frozen());
  EXPECT_EQ(x.run(x.request(9)), "frozen");
  EXPECT_EQ(x.run(PlanWithdrawal{withdrawal, kSafe}), "frozen");
  EXPECT_EQ(x.run(PlanSweep{kForwarders, {hash(21)}, {kToken}}), "frozen");
  EXPECT_EQ(x.run(AuthoriseSpend{planned, hash(1), Bytes{1}}), "frozen");
  EXPECT_EQ(x.run(PlanBurn{planned}), "SpendPlanned");
  const SpendId burn{2};
  EXPECT_EQ(x.run(AuthoriseSpend{burn, hash(2), Bytes{1}}), "SpendAuthorised");
  EXPECT_EQ(x.run(AssignGas{burn, kGas}), "SpendAssigned");
  EXPECT_EQ(x.run(AddAttempt{burn, x.attempt()}), "SpendSigned");
  EXPECT_EQ(x.run(PlanEvacuation{{1}, kKey, {{kToken, units(10)}}}), "SpendPlanned");
  EXPECT_EQ(x.run(AddAttempt{{3}, x.attempt()}), "SpendSigned");
}

TEST(evacuation, takes_over_every_nonce_that_is_not_mined) {
  Exchange x;
  x.settled(kKey);                         // nonce 0 is used
  const SpendId ours = x.signed_by(kKey);  // nonce 1
  x.run(report(kKey, 1, 2, 500));          // a thief waits at nonce 2
  x.must(PlanEvacuation{{1}, kKey, {{kToken, units(50)}, {kCoin, units(60)}}});
  const SpendId tokens{3};
  const SpendId coins{4};
  EXPECT_EQ(x.spend(tokens).nonce, 1u);
  EXPECT_EQ(x.spend(coins).nonce, 2u);
  EXPECT_EQ(x.spend(coins).destination, x.state.wallets.at(kCold).address);
  EXPECT_EQ((x.state.foreign_spends.at({kKey, 2}).max_fee), units(500));  // what it has to outbid
  x.must(AddAttempt{tokens, x.attempt()});
  x.must(AddAttempt{coins, x.attempt(1000)});
  MinedFact first = x.own(tokens);
  first.movements = {{kKey, kCold, kToken, units(50), {}}};
  MinedFact second = x.own(coins);
  second.movements = {{kKey, kCold, kCoin, units(60), {}}};
  EXPECT_EQ(x.mine({first, second}), "BlockConnected SpendMined SpendMined");
  EXPECT_EQ(x.balance(kCold), units(50));
  EXPECT_EQ(x.finalize(), "SpendSettled SpendSuperseded WithdrawalReturned SpendSettled BlockFinalized");
  EXPECT_EQ(x.withdrawal_of(ours).reason, Reason::nonce_superseded);
}

TEST(evacuation, starts_where_the_thief_has_come_to) {
  Exchange x;
  x.mine({x.stolen(kKey, 0), x.stolen(kKey, 1)});
  x.must(PlanEvacuation{{1}, kKey, {{kToken, units(50)}}});
  EXPECT_EQ(x.spend({1}).nonce, 2u);
  x.disconnect();
  EXPECT_EQ(x.state.mined_nonce.at(kKey), 0u);
}

TEST(evacuation, of_a_gas_wallet_does_not_step_over_a_nonce_that_a_relay_left) {
  Exchange x;
  const SpendId id = x.signed_by();
  x.mine({x.relayed(id)});  // our gas nonce 0 is still to be used
  x.compromised(kGas);
  x.must(PlanEvacuation{{1}, kGas, {{kCoin, units(50)}}});
  EXPECT_EQ(x.spend({2}).nonce, 0u);
  EXPECT_EQ(x.finalize(), "SpendSettled BlockFinalized");  // It needs no filler: the evacuation uses the nonce.
}

TEST(evacuation, of_a_safe_uses_no_nonce_of_it) {
  Exchange x;
  const SpendId pending = x.assigned();
  x.compromised(kSafe);
  x.must(PlanEvacuation{{1}, kSafe, {{kToken, units(1)}, {kCoin, units(1)}}});
  const SpendId id{2};
  EXPECT_EQ(x.spend(id).assets, (std::vector<AssetId>{kToken, kCoin}));
  x.must(AuthoriseSpend{id, hash(1), Bytes{1}});
  EXPECT_EQ(x.run(AssignGas{id, kOtherGas}), "SpendAssigned");  // It waits for nobody.
  x.must(AddAttempt{id, x.attempt()});
  MinedFact fact = x.own(id);
  fact.movements = {{kSafe, kCold, kToken, units(10'000), {}}};
  EXPECT_EQ(x.mine({fact}), "BlockConnected SpendMined");
  EXPECT_EQ(x.balance(kCold), units(10'000));
  EXPECT_EQ(x.finalize(), "SpendSettled BlockFinalized");
  EXPECT_EQ(x.spend(pending).state, SpendState::assigned);
}

}  // namespace
}  // namespace holdfast::custody
