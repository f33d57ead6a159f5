// Which field of custody's values has which number: the one description that both writes and reads records and snapshots.
// The same numbers, with words, stand in proto/custody.proto. Numbers are for ever.
#pragma once

#include "custody/events.h"
#include "custody/state.h"
#include "engine/wire.h"

#include <concepts>
#include <type_traits>

namespace holdfast::engine {

using custody::ChainFamily, custody::CoinState;
using custody::DepositState, custody::IncidentCause, custody::Purpose, custody::Reason, custody::Scope;
using custody::SpendState, custody::WalletKind, custody::WithdrawalState, ledger::HoldState;
template <>
inline constexpr EnumRange<WalletKind> kRange<WalletKind>{WalletKind::safe, WalletKind::multisig};
template <>
inline constexpr EnumRange<DepositState> kRange<DepositState>{DepositState::seen, DepositState::reversed};
template <>
inline constexpr EnumRange<WithdrawalState> kRange<WithdrawalState>{WithdrawalState::requested,
                                                                    WithdrawalState::returned};
template <>
inline constexpr EnumRange<Reason> kRange<Reason>{Reason::none, Reason::destination_relabelled};
template <>
inline constexpr EnumRange<Purpose> kRange<Purpose>{Purpose::withdrawal, Purpose::reserve};
template <>
inline constexpr EnumRange<SpendState> kRange<SpendState>{SpendState::planned, SpendState::superseded};
template <>
inline constexpr EnumRange<ChainFamily> kRange<ChainFamily>{ChainFamily::accounts, ChainFamily::coins};
template <>
inline constexpr EnumRange<CoinState> kRange<CoinState>{CoinState::unspent, CoinState::orphaned};
template <>
inline constexpr EnumRange<Scope> kRange<Scope>{Scope::platform, Scope::customer};
template <>
inline constexpr EnumRange<IncidentCause> kRange<IncidentCause>{IncidentCause::unmatched_spend,
                                                                IncidentCause::signer_alarm};
template <>
inline constexpr EnumRange<custody::CustomerKeyKind> kRange<custody::CustomerKeyKind>{custody::CustomerKeyKind::ed25519,
                                                                                      custody::CustomerKeyKind::webauthn};
template <>
inline constexpr EnumRange<custody::PolicyState> kRange<custody::PolicyState>{custody::PolicyState::proposed,
                                                                              custody::PolicyState::dropped};
template <>
inline constexpr EnumRange<policy::Scope> kRange<policy::Scope>{policy::Scope::customer, policy::Scope::platform};
template <>
inline constexpr EnumRange<HoldState> kRange<HoldState>{HoldState::open, HoldState::released};

// `Of<T> auto&` binds to a T that is read into, and to a const T that is written. `in_order` numbers the fields from 1: add
// behind the last, and never take one out.
template <class X, class... Ts>
concept Of = (... || std::same_as<std::remove_const_t<X>, Ts>);

// The things themselves.

template <class V>
void fields(V& v, Of<custody::Chain> auto& x) {
  v.in_order(x.id, x.caip2, x.finality_depth, x.family);
}
template <class V>
void fields(V& v, Of<custody::DepositTier> auto& x) {
  v.in_order(x.from, x.depth);
}
template <class V>
void fields(V& v, Of<custody::OutPoint> auto& x) {
  v.in_order(x.txid, x.vout);
}
template <class V>
void fields(V& v, Of<custody::Coin> auto& x) {
  v.in_order(x.id, x.wallet, x.outpoint, x.script, x.branch, x.index, x.amount, x.height, x.coinbase, x.state,
             x.spent_by, x.heavy);
}
template <class V>
void fields(V& v, Of<custody::Asset> auto& x) {
  v.in_order(x.id, x.chain, x.symbol, x.decimals, x.contract, x.auto_approve_max, x.withdrawal_max, x.withdrawal_fee,
             x.price_micro_usd, x.withdrawal_min, x.deposit_tiers, x.priced_at, x.base_micro_usd, x.base_at);
}
template <class V>
void fields(V& v, Of<custody::LabelLists> auto& x) {
  v.in_order(x.hash, x.labels, x.checked_at, x.loaded_at);
}
template <class V>
void fields(V& v, Of<custody::LabelledAddress> auto& x) {
  v.in_order(x.chain, x.address, x.labels, x.case_id, x.closed, x.withdrawals, x.deposits, x.last_withdrawal, x.last_deposit, x.paid,
             x.credited);
}
template <class V>
void fields(V& v, Of<custody::Wallet> auto& x) {
  v.in_order(x.id, x.chain, x.kind, x.name, x.address, x.cold, x.signer, x.module, x.guard, x.next_nonce,
             x.compromised_by, x.output_descriptor, x.next_receive, x.next_change);
}
template <class V>
void fields(V& v, Of<custody::Signer> auto& x) {
  v.in_order(x.id, x.name, x.owner);
}
template <class V>
void fields(V& v, Of<custody::Customer> auto& x) {
  v.in_order(x.id, x.reference);
}
template <class V>
void fields(V& v, Of<custody::CustomerKey> auto& x) {
  v.in_order(x.id, x.customer, x.kind, x.key, x.name, x.enrolled_at, x.removed_at);
}
template <class V>
void fields(V& v, Of<custody::DepositAddress> auto& x) {
  v.in_order(x.customer, x.chain, x.address, x.salt, x.wallet, x.index, x.number);
}
template <class V>
void fields(V& v, Of<custody::BlockRef> auto& x) {
  v.in_order(x.height, x.hash, x.parent, x.time);
}
template <class V>
void fields(V& v, Of<custody::Deposit> auto& x) {
  v.in_order(x.id, x.customer, x.asset, x.amount, x.address, x.txid, x.position, x.height, x.state, x.credited_at,
             x.value, x.from);
}
template <class V>
void fields(V& v, Of<custody::Attempt> auto& x) {
  v.in_order(x.txid, x.raw, x.max_fee, x.priority_fee, x.signed_at);
}
template <class V>
void fields(V& v, Of<custody::AssetAmount> auto& x) {
  v.in_order(x.asset, x.amount);
}
template <class V>
void fields(V& v, Of<custody::Movement> auto& x) {
  v.in_order(x.from, x.to, x.asset, x.amount, x.source);
}
template <class V>
void fields(V& v, Of<custody::Spend> auto& x) {
  v.in_order(x.id, x.purpose, x.wallet, x.nonce, x.withdrawal, x.incident, x.burns, x.destination, x.money, x.assets,
             x.salts, x.expires_at, x.intent, x.authorisation, x.gas_wallet, x.gas_nonce, x.state, x.attempts,
             x.live_from, x.reverts, x.settled_once, x.success, x.executed, x.height, x.mined_txid, x.movements,
             x.payer, x.network_fee, x.planned_at, x.inputs, x.batch, x.change, x.change_index,
             x.in_all_attempts);
}
template <class V>
void fields(V& v, Of<custody::Freeze> auto& x) {
  v.in_order(x.id, x.scope, x.subject, x.incident, x.placed_by, x.placed_at, x.lifted_at, x.acknowledged);
}
template <class V>
void fields(V& v, Of<custody::Incident> auto& x) {
  v.in_order(x.id, x.cause, x.chain, x.wallets, x.txid, x.opened_at, x.closed_at, x.alarm);
}

template <class V>
void fields(V& v, Of<custody::Withdrawal> auto& x) {
  v.in_order(x.id, x.request, x.fingerprint, x.customer, x.asset, x.amount, x.fee, x.destination, x.state, x.reason,
             x.requested_at, x.approval_expires_at, x.spend, x.policy, x.value, x.payer, x.session.device, x.session.ip,
             x.session.api_key, x.session.reset_at, x.completed_at, x.labels, x.authorised_key);
}
template <class V>
void fields(V& v, Of<custody::Saw> auto& x) {
  v.in_order(x.variable, x.value);
}
template <class V>
void fields(V& v, Of<custody::FiredRule> auto& x) {
  v.in_order(x.rule, x.reason, x.severity, x.untold, x.saw);
}
template <class V>
void fields(V& v, Of<custody::Review> auto& x) {
  v.in_order(x.by, x.role, x.at);
}
template <class V>
void fields(V& v, Of<custody::Verdict> auto& x) {
  v.in_order(x.withdrawal, x.demand, x.fired, x.fired_more, x.passes_up_to, x.reviews, x.confirmed, x.case_id, x.passes_from,
             x.passes_known_for_ms);
}
template <class V>
void fields(V& v, Of<custody::Note> auto& x) {
  v.in_order(x.by, x.at, x.text);
}
template <class V>
void fields(V& v, Of<custody::Case> auto& x) {
  v.in_order(x.id, x.scope, x.subject, x.cause, x.severity, x.opened_at, x.due_at, x.assigned_to, x.notes, x.closed_at,
             x.overdue);
}
template <class V>
void fields(V& v, Of<custody::GradeEntry> auto& x) {
  v.in_order(x.key.scope, x.key.subject, x.key.detector, x.grade.step, x.grade.since, x.grade.decay_ms, x.grade.frozen);
}
template <class V>
void fields(V& v, Of<custody::PolicyVersion> auto& x) {
  v.in_order(x.id, x.hash, x.text, x.name, x.base, x.loosens, x.state, x.proposed_by, x.proposed_at, x.approved_by,
             x.approved_at, x.activated_by, x.activated_at);
}
template <class V>
void fields(V& v, Of<custody::RecentBlock::Adjustment> auto& x) {
  v.in_order(x.wallet, x.asset, x.amount, x.incident);
}
template <class V>
void fields(V& v, Of<custody::RecentBlock::Foreign> auto& x) {
  v.in_order(x.incident, x.wallet, x.txid, x.nonce);
}
template <class V>
void fields(V& v, Of<custody::RecentBlock::Wasted> auto& x) {
  v.in_order(x.spend, x.txid, x.payer, x.nonce, x.network_fee);
}
template <class V>
void fields(V& v, Of<custody::RecentBlock::Flush> auto& x) {
  v.in_order(x.txid, x.movements);
}
template <class V>
void fields(V& v, Of<custody::RecentBlock> auto& x) {
  v.in_order(x.ref, x.deposits, x.spends, x.adjustments, x.foreign, x.wasted, x.flushes, x.coins,
             x.spent_coins, x.seen_at);
}
template <class V>
void fields(V& v, Of<custody::ChainProgress> auto& x) {
  v.in_order(x.final_height, x.recent);
}
template <class V>
void fields(V& v, Of<ledger::Hold> auto& x) {
  v.in_order(x.customer, x.asset, x.amount, x.state);
}

// The events, in the order of their numbers in Event.body, from 2 on. Add behind the last, and never take one out.
template <class... Body>
struct BodyList {};
using Bodies =
    BodyList<custody::ChainRegistered, custody::AssetRegistered, custody::SignerRegistered, custody::WalletRegistered,
             custody::CustomerCreated, custody::DepositAddressAssigned, custody::WithdrawalRequested,
             custody::WithdrawalHeld, custody::WithdrawalApproved, custody::WithdrawalRejected,
             custody::WithdrawalReturned, custody::SpendPlanned, custody::SpendAuthorised, custody::SpendAssigned,
             custody::SpendSigned, custody::SpendMined, custody::SpendUnmined, custody::SpendSettled,
             custody::SpendUnassigned, custody::SpendSuperseded, custody::BlockConnected, custody::BlockDisconnected,
             custody::BlockFinalized, custody::DepositSeen, custody::DepositCredited, custody::DepositOrphaned,
             custody::DepositReversed, custody::SurplusFound, custody::LossFound, custody::SurplusUndone,
             custody::LossUndone, custody::IncidentOpened, custody::IncidentSpread, custody::IncidentClosed,
             custody::ForeignSpendSeen, custody::ForeignSpendMined, custody::ForeignSpendUnmined, custody::FreezePlaced,
             custody::FreezeAcknowledged, custody::FreezeLifted, custody::AttemptMined, custody::AttemptUnmined,
             custody::ForwardersSwept, custody::ForwardersSweepUndone, custody::CoinSeen, custody::CoinOrphaned,
             custody::CoinSpent, custody::CoinUnspent, custody::SpendExtended, custody::CoinExpected,
             custody::WithdrawalJudged, custody::WithdrawalReviewed, custody::WithdrawalConfirmed, custody::PolicyProposed,
             custody::PolicyApproved, custody::PolicyActivated, custody::PolicyDropped, custody::GradeRaised,
             custody::CaseOpened, custody::CaseAssigned, custody::CaseNoted, custody::PriceSet, custody::LabelsLoaded,
             custody::CaseOverdue, custody::AddressLabelled, custody::NewsClosed, custody::DecisionSigned,
             custody::CustomerKeyEnrolled, custody::CustomerKeyRemoved>;

template <class V>
void fields(V& v, Of<custody::ChainRegistered> auto& e) {
  v.in_order(e.chain);
}
template <class V>
void fields(V& v, Of<custody::AssetRegistered> auto& e) {
  v.in_order(e.asset);
}
template <class V>
void fields(V& v, Of<custody::PriceSet> auto& e) {
  v.in_order(e.asset, e.micro_usd, e.by);
}
template <class V>
void fields(V& v, Of<custody::LabelsLoaded> auto& e) {
  v.in_order(e.lists);
}
template <class V>
void fields(V& v, Of<custody::SignerRegistered> auto& e) {
  v.in_order(e.signer);
}
template <class V>
void fields(V& v, Of<custody::WalletRegistered> auto& e) {
  v.in_order(e.wallet);
}
template <class V>
void fields(V& v, Of<custody::CustomerCreated> auto& e) {
  v.in_order(e.customer);
}
template <class V>
void fields(V& v, Of<custody::DepositAddressAssigned> auto& e) {
  v.in_order(e.address);
}
template <class V>
void fields(V& v, Of<custody::WithdrawalRequested> auto& e) {
  v.in_order(e.withdrawal, e.request, e.fingerprint, e.customer, e.asset, e.amount, e.fee, e.destination, e.policy,
             e.value, e.payer, e.session.device, e.session.ip, e.session.api_key, e.session.reset_at, e.labels,
             e.authorisation.proof, e.authorisation.key, e.authorisation.expires);
}
template <class V>
void fields(V& v, Of<custody::WithdrawalJudged> auto& e) {
  v.in_order(e.withdrawal, e.demand, e.fired, e.fired_more, e.passes_up_to, e.case_id, e.passes_from, e.passes_known_for_ms);
}
template <class V>
void fields(V& v, Of<custody::CaseOpened> auto& e) {
  v.in_order(e.one);
}
template <class V>
void fields(V& v, Of<custody::CaseAssigned> auto& e) {
  v.in_order(e.id, e.to, e.by);
}
template <class V>
void fields(V& v, Of<custody::CaseOverdue> auto& e) {
  v.in_order(e.id);
}
template <class V>
void fields(V& v, Of<custody::AddressLabelled> auto& e) {
  v.in_order(e.one);
}
template <class V>
void fields(V& v, Of<custody::DecisionSigned> auto& e) {
  v.in_order(e.by, e.key, e.statement, e.signature);
}
template <class V>
void fields(V& v, Of<custody::CustomerKeyEnrolled> auto& e) {
  v.in_order(e.key, e.authorisation, e.authorised_key);
}
template <class V>
void fields(V& v, Of<custody::CustomerKeyRemoved> auto& e) {
  v.in_order(e.key, e.by);
}
template <class V>
void fields(V& v, Of<custody::NewsClosed> auto& e) {
  v.in_order(e.id, e.text, e.by);
}
template <class V>
void fields(V& v, Of<custody::CaseNoted> auto& e) {
  v.in_order(e.id, e.text, e.by);
}
template <class V>
void fields(V& v, Of<custody::GradeRaised> auto& e) {
  v.in_order(e.entry);
}
template <class V>
void fields(V& v, Of<custody::WithdrawalReviewed> auto& e) {
  v.in_order(e.withdrawal, e.by, e.role);
}
template <class V>
void fields(V& v, Of<custody::WithdrawalConfirmed> auto& e) {
  v.in_order(e.withdrawal);
}
template <class V>
void fields(V& v, Of<custody::PolicyProposed> auto& e) {
  v.in_order(e.policy);
}
template <class V>
void fields(V& v, Of<custody::PolicyApproved, custody::PolicyActivated, custody::PolicyDropped> auto& e) {
  v.in_order(e.policy, e.by);
}
template <class V>
void fields(V& v, Of<custody::WithdrawalHeld> auto& e) {
  v.in_order(e.withdrawal);
}
template <class V>
void fields(V& v, Of<custody::WithdrawalApproved> auto& e) {
  v.in_order(e.withdrawal, e.expires_at, e.by);
}
template <class V>
void fields(V& v, Of<custody::WithdrawalRejected> auto& e) {
  v.in_order(e.withdrawal, e.by);
}
template <class V>
void fields(V& v, Of<custody::WithdrawalReturned> auto& e) {
  v.in_order(e.withdrawal, e.reason);
}
template <class V>
void fields(V& v, Of<custody::SpendPlanned, custody::SpendUnmined, custody::SpendSettled, custody::SpendUnassigned,
                     custody::SpendSuperseded> auto& e) {
  v.in_order(e.spend);
}
template <class V>
void fields(V& v, Of<custody::SpendAuthorised> auto& e) {
  v.in_order(e.spend, e.intent, e.authorisation);
}
template <class V>
void fields(V& v, Of<custody::SpendAssigned> auto& e) {
  v.in_order(e.spend, e.gas_wallet, e.gas_nonce);
}
template <class V>
void fields(V& v, Of<custody::SpendSigned> auto& e) {
  v.in_order(e.spend, e.attempt);
}
template <class V>
void fields(V& v, Of<custody::SpendMined> auto& e) {
  v.in_order(e.spend, e.txid, e.height, e.success, e.executed, e.payer, e.network_fee, e.movements);
}
template <class V>
void fields(V& v, Of<custody::BlockConnected, custody::BlockDisconnected> auto& e) {
  v.in_order(e.chain, e.block);
}
template <class V>
void fields(V& v, Of<custody::BlockFinalized> auto& e) {
  v.in_order(e.chain, e.height);
}
template <class V>
void fields(V& v, Of<custody::DepositSeen, custody::DepositCredited, custody::DepositOrphaned> auto& e) {
  v.in_order(e.deposit);
}
template <class V>
void fields(V& v, Of<custody::DepositReversed> auto& e) {
  v.in_order(e.deposit, e.from_customer, e.shortfall, e.incident);
}
template <class V>
void fields(V& v, Of<custody::SurplusFound> auto& e) {
  v.in_order(e.wallet, e.asset, e.amount, e.height);
}
template <class V>
void fields(V& v, Of<custody::LossFound> auto& e) {
  v.in_order(e.wallet, e.asset, e.amount, e.height, e.incident);
}
template <class V>
void fields(V& v, Of<custody::SurplusUndone> auto& e) {
  v.in_order(e.wallet, e.asset, e.amount);
}
template <class V>
void fields(V& v, Of<custody::LossUndone> auto& e) {
  v.in_order(e.wallet, e.asset, e.amount, e.incident);
}
template <class V>
void fields(V& v, Of<custody::IncidentOpened, custody::IncidentClosed> auto& e) {
  v.in_order(e.incident, e.by);
}
template <class V>
void fields(V& v, Of<custody::IncidentSpread> auto& e) {
  v.in_order(e.incident, e.wallet);
}
template <class V>
void fields(V& v, Of<custody::ForeignSpendSeen> auto& e) {
  v.in_order(e.incident, e.wallet, e.txid, e.nonce, e.max_fee, e.priority_fee);
}
template <class V>
void fields(V& v, Of<custody::ForeignSpendMined> auto& e) {
  v.in_order(e.incident, e.wallet, e.txid, e.nonce, e.height);
}
template <class V>
void fields(V& v, Of<custody::ForeignSpendUnmined> auto& e) {
  v.in_order(e.incident, e.wallet, e.txid, e.nonce);
}
template <class V>
void fields(V& v, Of<custody::FreezePlaced> auto& e) {
  v.in_order(e.freeze);
}
template <class V>
void fields(V& v, Of<custody::FreezeAcknowledged> auto& e) {
  v.in_order(e.freeze, e.signer);
}
template <class V>
void fields(V& v, Of<custody::FreezeLifted> auto& e) {
  v.in_order(e.freeze, e.by);
}

template <class V>
void fields(V& v, Of<custody::AttemptMined> auto& e) {
  v.in_order(e.spend, e.txid, e.payer, e.nonce, e.network_fee, e.height);
}
template <class V>
void fields(V& v, Of<custody::AttemptUnmined> auto& e) {
  v.in_order(e.spend, e.txid, e.payer, e.nonce, e.network_fee);
}
template <class V>
void fields(V& v, Of<custody::ForwardersSwept> auto& e) {
  v.in_order(e.chain, e.txid, e.height, e.movements);
}
template <class V>
void fields(V& v, Of<custody::ForwardersSweepUndone> auto& e) {
  v.in_order(e.chain, e.txid, e.movements);
}
template <class V>
void fields(V& v, Of<custody::CoinSeen, custody::CoinOrphaned, custody::CoinUnspent, custody::CoinExpected> auto& e) {
  v.in_order(e.coin);
}
template <class V>
void fields(V& v, Of<custody::CoinSpent> auto& e) {
  v.in_order(e.coin, e.txid);
}
template <class V>
void fields(V& v, Of<custody::SpendExtended> auto& e) {
  v.in_order(e.spend, e.inputs);
}

}  // namespace holdfast::engine
