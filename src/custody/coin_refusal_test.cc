// For every command about coins: what it leads to, and every way in which it is refused.
#include "custody/test_cases.h"
#include "custody/test_coins.h"

namespace holdfast::custody {
namespace {

class coin_table : public Outcome {};
TEST_P(coin_table, outcome) { check(); }

Wallet wallet(Exchange& x, WalletId id) { return x.state.wallets.at(id); }

PlanCoins with_change(PlanCoins plan, Address change, std::uint32_t index) {
  plan.change = std::move(change);
  plan.change_index = index;
  return plan;
}
template <class Change>
PlanCoins other(PlanCoins plan, Change change) { return changed(std::move(plan), change); }

// clang-format off: one line a case.
const std::vector<Example> kCoins = {
    {"pay", [](Exchange& x) { CoinSide c(x); return c.payment({{1}}, {c.approved()}); }, "SpendPlanned"},
    {"pay by key", [](Exchange& x) { CoinSide c(x); return c.payment({{11}}, {c.approved()}, c.key); }, "SpendPlanned"},
    {"pay two at once", [](Exchange& x) { CoinSide c(x); return c.payment({{1}}, {c.approved(), c.approved()}); }, "SpendPlanned"},
    {"pay from nowhere", [](Exchange& x) {
       CoinSide c(x);
       return other(c.payment({{1}}, {c.approved()}), [](auto& p) { p.wallet = {99}; });
     }, "wallet_unknown"},
    {"pay from cold", [](Exchange& x) {
       CoinSide c(x);
       return other(c.payment({{1}}, {c.approved()}), [&](auto& p) { p.wallet = c.cold; });
     }, "wallet_kind_wrong"},
    {"pay coins from an account", [](Exchange& x) {
       CoinSide c(x);
       return other(c.payment({{1}}, {c.approved()}), [](auto& p) { p.wallet = kKey; });
     }, "wallet_kind_wrong"},
    {"pay from a compromised wallet", [](Exchange& x) {
       CoinSide c(x);
       const auto id = c.approved(); x.compromised(c.quorum);
       return c.payment({{1}}, {id});
     }, "wallet_compromised"},
    {"pay with no coin", [](Exchange& x) { CoinSide c(x); return c.payment({}, {c.approved()}); }, "amount_not_positive"},
    {"pay with a coin that never was", [](Exchange& x) { CoinSide c(x); return c.payment({{99}}, {c.approved()}); }, "coin_unknown"},
    {"pay with a coin of another wallet", [](Exchange& x) {
       CoinSide c(x);
       return c.payment({{11}}, {c.approved()});
     }, "coin_not_spendable"},
    {"pay with a coin twice", [](Exchange& x) { CoinSide c(x); return c.payment({{1}, {1}}, {c.approved()}); }, "coin_not_spendable"},
    {"pay with a spent coin", [](Exchange& x) {
       CoinSide c(x); c.mine(c.signed_by());
       return c.payment({{1}}, {c.approved()});
     }, "coin_not_spendable"},
    {"pay with a coin whose block is gone", [](Exchange& x) {
       CoinSide c(x);
       x.must(c.with_coins({c.at_ann(500)})); c.disconnect();
       return c.payment({{13}}, {c.approved()});
     }, "coin_not_spendable"},
    {"pay with a coin that is not final", [](Exchange& x) {
       CoinSide c(x);
       x.must(c.with_coins({c.at_ann(500)}));
       return c.payment({{13}}, {c.approved()});
     }, "coin_not_final"},
    {"consolidate a coin that is not final", [](Exchange& x) {
       CoinSide c(x);
       x.must(c.with_coins({c.at_ann(500)}));
       return c.plan(Purpose::consolidation, {{1}, {13}});
     }, "coin_not_final"},
    {"extend by a coin that is not final", [](Exchange& x) {
       CoinSide c(x);
       const auto id = c.signed_by(); x.must(c.with_coins({c.at_ann(500)}));
       return ExtendSpend{id, {{13}}};
     }, "coin_not_final"},
    {"pay with a reserved coin", [](Exchange& x) {
       CoinSide c(x);
       c.planned();
       return c.payment({{2}, {1}}, {c.approved()});
     }, "coin_reserved"},
    {"pay with a coin that has a reserve", [](Exchange& x) {
       CoinSide c(x); c.reserve({1});
       return c.payment({{1}}, {c.approved()});
     }, "SpendPlanned"},
    {"pay nobody", [](Exchange& x) { CoinSide c(x); return c.payment({{1}}, {}); }, "amount_not_positive"},
    {"pay too many at once", [](Exchange& x) {
       CoinSide c(x);
       x.must(RegisterAsset{changed(x.state.assets.at(c.asset), [](Asset& a) { a.withdrawal_min = a.withdrawal_fee = {}; })});
       std::vector<WithdrawalId> all;
       for (std::size_t i = 0; i <= kMaxBatch; ++i) all.push_back(c.approved(1));
       return c.payment({{1}}, all);
     }, "amount_not_positive"},
    {"pay what nobody asked for", [](Exchange& x) { CoinSide c(x); return c.payment({{1}}, {{99}}); }, "withdrawal_unknown"},
    {"pay one twice", [](Exchange& x) {
       CoinSide c(x);
       const auto id = c.approved();
       return c.payment({{1}}, {id, id});
     }, "withdrawal_unknown"},
    {"pay what is paid", [](Exchange& x) { CoinSide c(x); return c.payment({{2}}, {c.withdrawal(c.planned()).id}); }, "state_wrong"},
    {"pay unapproved", [](Exchange& x) { CoinSide c(x); x.must(x.request(200, c.asset)); return c.payment({{1}}, {{1}}); }, "state_wrong"},
    {"pay too late", [](Exchange& x) {
       CoinSide c(x);
       const auto id = c.approved(); x.now = x.now + kApprovalLifetimeMs;
       return c.payment({{1}}, {id});
     }, "approval_expired"},
    {"pay another chain's", [](Exchange& x) { CoinSide c(x); return c.payment({{1}}, {x.approved()}); }, "wallet_kind_wrong"},
    {"pay more than the coins are", [](Exchange& x) {
       CoinSide c(x);
       std::vector<WithdrawalId> all;
       for (int i = 0; i < 10; ++i) all.push_back(c.approved(100));
       return c.payment({{1}}, all);  // nothing left for the fee
     }, "wallet_short"},
    {"pay without change", [](Exchange& x) { CoinSide c(x); return with_change(c.payment({{1}}, {c.approved()}), {}, 0); }, "change_wrong"},
    {"pay with change at an old script", [](Exchange& x) {
       CoinSide c(x);
       c.planned();
       return with_change(c.payment({{2}}, {c.approved()}), address(3), 0);
     }, "change_wrong"},
    {"pay with change out of range", [](Exchange& x) {
       CoinSide c(x);
       return with_change(c.payment({{1}}, {c.approved()}), address(3), kMaxScriptIndex);
     }, "change_wrong"},
    {"pay while frozen", [](Exchange& x) {
       CoinSide c(x);
       const auto id = c.approved(); x.frozen(Scope::chain, c.chain.value);
       return c.payment({{1}}, {id});
     }, "frozen"},
    {"pay while one of its customers is frozen", [](Exchange& x) {
       CoinSide c(x);
       const auto id = c.approved(); x.frozen(Scope::customer, kAnn.value);
       return c.payment({{1}}, {id});
     }, "frozen"},
    {"sweep coins", [](Exchange& x) { CoinSide c(x); return c.plan(Purpose::sweep, {{1}}); }, "wallet_kind_wrong"},
    {"withdraw coins as from an account", [](Exchange& x) {
       CoinSide c(x);
       return PlanWithdrawal{c.approved(), c.key};
     }, "wallet_kind_wrong"},
    {"consolidate", [](Exchange& x) { CoinSide c(x); return c.plan(Purpose::consolidation, {{1}, {2}}); }, "SpendPlanned"},
    {"consolidate what is reserved", [](Exchange& x) {
       CoinSide c(x);
       c.planned();
       return c.plan(Purpose::consolidation, {{1}, {2}});
     }, "coin_reserved"},
    {"consolidate a compromised wallet", [](Exchange& x) {
       CoinSide c(x); x.compromised(c.quorum);
       return c.plan(Purpose::consolidation, {{1}});
     }, "wallet_compromised"},
    {"consolidate while frozen", [](Exchange& x) { CoinSide c(x); x.frozen(); return c.plan(Purpose::consolidation, {{1}}); }, "frozen"},
    {"burn a payment", [](Exchange& x) { CoinSide c(x); return c.burn(c.planned()); }, "SpendPlanned"},
    {"burn it twice", [](Exchange& x) {
       CoinSide c(x);
       const auto id = c.planned();
       c.must(c.burn(id));
       return c.burn(id);
     }, "already_done"},
    {"burn a signed payment", [](Exchange& x) { CoinSide c(x); return c.burn(c.signed_by()); }, "state_wrong"},
    {"burn a consolidation", [](Exchange& x) {
       CoinSide c(x);
       return c.burn(c.must(c.plan(Purpose::consolidation, {{1}})));
     }, "state_wrong"},
    {"burn one of its coins only", [](Exchange& x) {
       CoinSide c(x);
       return other(c.burn(c.planned({{1}, {2}})), [](auto& p) { p.inputs = {{2}}; });
     }, "state_wrong"},
    {"burn nothing", [](Exchange& x) { CoinSide c(x); return c.plan(Purpose::burn, {{1}}); }, "state_wrong"},
    {"burn coins as a nonce", [](Exchange& x) { CoinSide c(x); return PlanBurn{c.planned()}; }, "state_wrong"},
    {"burn while frozen", [](Exchange& x) { CoinSide c(x); const auto id = c.planned(); x.frozen(); return c.burn(id); }, "SpendPlanned"},
    {"evacuate", [](Exchange& x) { CoinSide c(x); return c.evacuation({{1}, {2}}); }, "SpendPlanned"},
    {"evacuate what is reserved", [](Exchange& x) { CoinSide c(x); c.planned(); return c.evacuation({{1}}); }, "SpendPlanned"},
    {"evacuate it twice", [](Exchange& x) { CoinSide c(x); c.must(c.evacuation({{1}})); return c.evacuation({{2}, {1}}); }, "already_done"},
    {"evacuate with change", [](Exchange& x) { CoinSide c(x); return with_change(c.evacuation({{1}}), address(3), 0); }, "change_wrong"},
    {"evacuate a sound wallet of coins", [](Exchange& x) {
       CoinSide c(x); x.compromised(kKey);
       return other(c.plan(Purpose::evacuation, {{1}}), [](auto& p) { p.incident = {1}; });
     }, "state_wrong"},
    {"evacuate coins without an incident", [](Exchange& x) {
       CoinSide c(x);
       return c.plan(Purpose::evacuation, {{1}});
     }, "incident_unknown"},
    {"evacuate coins as from an account", [](Exchange& x) {
       CoinSide c(x);
       return PlanEvacuation{x.compromised(c.key), c.key, {{c.asset, units(1)}}};
     }, "wallet_kind_wrong"},
    {"reserve", [](Exchange& x) { CoinSide c(x); return c.plan(Purpose::reserve, {{1}}); }, "SpendPlanned"},
    {"reserve twice", [](Exchange& x) { CoinSide c(x); c.reserve({1}); return c.plan(Purpose::reserve, {{1}}); }, "already_done"},
    {"reserve two coins together", [](Exchange& x) { CoinSide c(x); return c.plan(Purpose::reserve, {{1}, {2}}); }, "state_wrong"},
    {"reserve what is paid out", [](Exchange& x) { CoinSide c(x); c.planned(); return c.plan(Purpose::reserve, {{1}}); }, "SpendPlanned"},
    {"extend", [](Exchange& x) { CoinSide c(x); return ExtendSpend{c.signed_by(), {{2}}}; }, "SpendExtended"},
    {"extend by what it has", [](Exchange& x) { CoinSide c(x); return ExtendSpend{c.signed_by(), {{1}}}; }, "coin_reserved"},
    {"extend by what is reserved", [](Exchange& x) {
       CoinSide c(x);
       c.planned({{2}});
       return ExtendSpend{c.signed_by(), {{2}}};
     }, "coin_reserved"},
    {"extend by nothing", [](Exchange& x) { CoinSide c(x); return ExtendSpend{c.signed_by(), {}}; }, "amount_not_positive"},
    {"extend by a coin that never was", [](Exchange& x) { CoinSide c(x); return ExtendSpend{c.signed_by(), {{99}}}; }, "coin_unknown"},
    {"extend by another wallet's coin", [](Exchange& x) {
       CoinSide c(x);
       return ExtendSpend{c.signed_by(), {{11}}};
     }, "coin_not_spendable"},
    {"extend what is mined", [](Exchange& x) {
       CoinSide c(x);
       const auto id = c.signed_by(); c.mine(id);
       return ExtendSpend{id, {{2}}};
     }, "state_wrong"},
    {"extend a reserve", [](Exchange& x) { CoinSide c(x); return ExtendSpend{c.reserve({1}), {{2}}}; }, "state_wrong"},
    {"extend while frozen", [](Exchange& x) {
       CoinSide c(x);
       const auto id = c.signed_by(); x.frozen();
       return ExtendSpend{id, {{2}}};
     }, "frozen"},
    {"extend nothing", [](Exchange& x) { CoinSide c(x); return ExtendSpend{{9}, {{1}}}; }, "spend_unknown"},
    {"plan a child", [](Exchange& x) { CoinSide c(x); return c.child(c.signed_by()); }, "CoinExpected SpendPlanned"},
    {"plan a child of another attempt", [](Exchange& x) {
       CoinSide c(x);
       const auto id = c.sign(c.signed_by(), 200); x.must(c.child(id, 0));
       return c.child(id, 1);
     }, "CoinExpected SpendPlanned"},
    {"plan a child twice", [](Exchange& x) {
       CoinSide c(x);
       const auto id = c.signed_by(); x.must(c.child(id));
       return c.child(id);
     }, "coin_reserved"},
    {"plan a child of nothing", [](Exchange& x) {
       CoinSide c(x);
       return changed(c.child(c.signed_by()), [](auto& p) { p.parent = {99}; });
     }, "spend_unknown"},
    {"plan a child of what nobody signed", [](Exchange& x) {
       CoinSide c(x);
       return changed(c.child(c.signed_by()), [&](auto& p) { p.parent = c.planned({{2}}); });
     }, "state_wrong"},
    {"plan a child of another's attempt", [](Exchange& x) {
       CoinSide c(x);
       return changed(c.child(c.signed_by()), [&](auto& p) { p.parent = c.signed_by({{2}}); });
     }, "state_wrong"},
    {"plan a child of what is mined", [](Exchange& x) {
       CoinSide c(x);
       const auto id = c.signed_by(); const auto plan = c.child(id); c.mine(id);
       return plan;
     }, "state_wrong"},
    {"plan a child of a consolidation", [](Exchange& x) {
       CoinSide c(x);
       return c.child(c.sign(c.must(c.plan(Purpose::consolidation, {{1}}))));
     }, "state_wrong"},
    {"plan a child of a Safe's payment", [](Exchange& x) {
       CoinSide c(x);
       const auto safe = x.signed_by(kSafe);
       return changed(c.child(c.signed_by()), [&](auto& p) { p.parent = safe, p.output.txid = x.spend(safe).attempts[0].txid; });
     }, "state_wrong"},
    {"plan a child of what hangs on change itself", [](Exchange& x) {
       CoinSide c(x);
       const auto first = c.signed_by(); c.mine(first);
       const auto second = c.signed_by({{x.state.coins.size()}}); c.disconnect();
       return c.child(second);
     }, "state_wrong"},
    {"plan a child of what is robbed", [](Exchange& x) {
       CoinSide c(x);
       const auto id = c.signed_by(); const auto plan = c.child(id); x.must(c.with_theft({{1}}));
       return plan;
     }, "state_wrong"},
    {"plan a child in a compromised wallet", [](Exchange& x) {
       CoinSide c(x);
       const auto id = c.signed_by(); x.compromised(c.quorum);
       return c.child(id);
     }, "wallet_compromised"},
    {"plan a child of no change", [](Exchange& x) {
       CoinSide c(x);
       return changed(c.child(c.signed_by()), [](auto& p) { p.amount = {}; });
     }, "coin_not_spendable"},
    {"plan a child of more than is left", [](Exchange& x) {
       CoinSide c(x);
       return changed(c.child(c.signed_by({{1}}, 100)), [](auto& p) { p.amount = units(900); });
     }, "coin_not_spendable"},
    {"plan a child of mad change", [](Exchange& x) {
       CoinSide c(x);
       return changed(c.child(c.signed_by()), [](auto& p) { p.amount = Amount::max(); });
     }, "coin_not_spendable"},
    {"plan a child of an output that is not there", [](Exchange& x) {
       CoinSide c(x);
       return changed(c.child(c.signed_by()), [](auto& p) { p.output.vout = 2; });
     }, "coin_not_spendable"},
    {"plan a child with an old script", [](Exchange& x) {
       CoinSide c(x);
       return changed(c.child(c.signed_by()), [](auto& p) { p.change_index = 0; });
     }, "change_wrong"},
    {"plan a child without a script", [](Exchange& x) {
       CoinSide c(x);
       return changed(c.child(c.signed_by()), [](auto& p) { p.change = {}; });
     }, "change_wrong"},
    {"plan a child while frozen", [](Exchange& x) {
       CoinSide c(x);
       const auto id = c.signed_by(); x.frozen(Scope::wallet, c.quorum.value);
       return c.child(id);
     }, "frozen"},
    {"plan a child while the parent's customer is frozen", [](Exchange& x) {
       CoinSide c(x);
       const auto id = c.signed_by(); x.frozen(Scope::customer, kAnn.value);
       return c.child(id);
     }, "frozen"},
    {"sign coins", [](Exchange& x) { CoinSide c(x); return AddAttempt{c.planned(), x.attempt()}; }, "SpendSigned"},
    {"bump coins", [](Exchange& x) { CoinSide c(x); return AddAttempt{c.signed_by(), x.attempt(110)}; }, "SpendSigned"},
    {"bump coins by less", [](Exchange& x) { CoinSide c(x); return AddAttempt{c.signed_by(), x.attempt(109)}; }, "fee_bump_too_small"},
    {"of too little", [](Exchange& x) { CoinSide c(x); return x.request(9, c.asset); }, "amount_under_limit"},
    {"to a script of change", [](Exchange& x) {
       CoinSide c(x);
       const auto id = c.planned();
       return changed(x.request(50, c.asset), [&](auto& r) { r.destination = x.spend(id).change; });
     }, "destination_is_own_address"},
    {"wallet of coins again", [](Exchange& x) { CoinSide c(x); return RegisterWallet{wallet(x, c.quorum)}; }, ""},
    {"wallet of coins with another descriptor", [](Exchange& x) {
       CoinSide c(x);
       return RegisterWallet{changed(wallet(x, c.quorum), [](Wallet& w) { w.output_descriptor = "another"; })};
     }, "registration_conflict"},
    {"wallet of coins without a descriptor", [](Exchange& x) {
       CoinSide c(x);
       return RegisterWallet{changed(wallet(x, c.quorum), [](Wallet& w) { w.name = "new", w.output_descriptor = {}; })};
     }, "wallet_kind_wrong"},
    {"a Safe of coins", [](Exchange& x) {
       CoinSide c(x);
       return RegisterWallet{changed(wallet(x, c.quorum), [](Wallet& w) { w.name = "new", w.kind = WalletKind::safe; })};
     }, "wallet_kind_wrong"},
    {"a quorum's wallet of accounts", [](Exchange& x) {
       return RegisterWallet{changed(wallet(x, kSafe), [](Wallet& w) { w.name = "new", w.kind = WalletKind::multisig; })};
     }, "wallet_kind_wrong"},
    {"deposit script", [](Exchange& x) {
       CoinSide c(x);
       return AssignDepositAddress{{kBob, c.chain, address(722), {}, c.quorum, 2}};
     }, "DepositAddressAssigned"},
    {"deposit script out of turn", [](Exchange& x) {
       CoinSide c(x);
       return AssignDepositAddress{{kBob, c.chain, address(722), {}, c.quorum, 3}};
     }, "address_taken"},
    {"deposit script of no wallet", [](Exchange& x) {
       CoinSide c(x);
       return AssignDepositAddress{{kBob, c.chain, address(722), {}, {}, 2}};
     }, "wallet_kind_wrong"},
    {"deposit script of another chain's wallet", [](Exchange& x) {
       CoinSide c(x);
       return AssignDepositAddress{{kBob, c.chain, address(722), {}, kSafe, 1}};
     }, "wallet_unknown"},
    {"block of coins that are mad", [](Exchange& x) {
       CoinSide c(x);
       return changed(c.with_coins({c.at_ann(1)}), [](ConnectBlock& b) { b.facts.coins[0].amount = Amount::max(); });
     }, "amount_overflows"},
    {"foreign spend of a coin", [](Exchange& x) {
       CoinSide c(x);
       return ReportForeignSpend{IncidentCause::unmatched_spend, c.quorum, hash(5), 1, units(9), units(9)};
     }, "IncidentOpened FreezePlaced ForeignSpendSeen"},
    {"foreign spend of a coin again", [](Exchange& x) {
       CoinSide c(x);
       const ReportForeignSpend r{IncidentCause::unmatched_spend, c.quorum, hash(5), 1, units(9), units(9)};
       x.must(r);
       return r;
     }, ""},
    {"foreign spend of a coin for more", [](Exchange& x) {
       CoinSide c(x);
       ReportForeignSpend r{IncidentCause::unmatched_spend, c.quorum, hash(5), 1, units(9), units(9)};
       x.must(r); r.priority_fee = units(10);
       return r;
     }, "ForeignSpendSeen"},
    {"foreign spend of change that is not mined", [](Exchange& x) {
       CoinSide c(x);
       const ReportForeignSpend r{IncidentCause::unmatched_spend, c.quorum, hash(5), 0, units(9), units(9)};
       x.must(r);
       return r;
     }, ""},
};
INSTANTIATE_TEST_SUITE_P(coins, coin_table, ::testing::ValuesIn(kCoins));
// clang-format on

}  // namespace

const std::vector<Example>& coin_cases() { return kCoins; }

}  // namespace holdfast::custody
