// A withdrawal up to its approval, and the ends that need no chain. From approval on it is a spend's: spends.cc.
#include "base/planted.h"
#include "custody/handlers.h"
#include "custody/value.h"

#include <algorithm>

namespace holdfast::custody {
namespace {

// Where money would be lost, or lie where none belongs: nowhere, contracts of tokens and of our Safes, owners' keys.
bool forbidden(const State& s, ChainId chain, const Address& to) {
  const auto is_contract = [&](const Asset& asset) { return asset.chain == chain && asset.contract == to; };
  const auto serves = [&](const Wallet& wallet) {
    return wallet.chain == chain && (wallet.module == to || wallet.guard == to);
  };
  return std::ranges::all_of(to.view(), [](std::uint8_t byte) { return byte == 0; }) ||
         std::ranges::any_of(s.assets, is_contract) || std::ranges::any_of(s.wallets, serves) ||
         std::ranges::any_of(s.signers, [&](const Signer& signer) { return signer.owner == to; });
}

Refusal judge_request(const Decision& d, const RequestWithdrawal& c) {
  const State& s = d.state;
  const Asset* asset = s.assets.find(c.asset);
  if (!asset) return Refusal::asset_unknown;
  if (!s.customers.find(c.customer)) return Refusal::customer_unknown;
  if (const Refusal refusal = check_authorisation(d, c.customer, c.authorisation); refusal != Refusal::none) return refusal;
  if (c.amount.is_zero()) return Refusal::amount_not_positive;
  if (c.amount > asset->withdrawal_max) return Refusal::amount_over_limit;
  if (c.amount < asset->withdrawal_min) return Refusal::amount_under_limit;
  if (s.origin_of(asset->chain, c.destination)) return Refusal::destination_is_own_address;
  if (forbidden(s, asset->chain, c.destination)) return Refusal::destination_forbidden;
  if (s.frozen(asset->chain, c.asset, {}, c.customer)) return Refusal::frozen;
  const auto total = Amount::sum(c.amount, asset->withdrawal_fee);
  if (!total) return Refusal::amount_overflows;
  if (s.available(c.customer, c.asset) < *total) return Refusal::funds_insufficient;
  return Refusal::none;
}

Judgement judged(Decision& d, const RequestWithdrawal& c) {
  if (d.judge) return d.judge->judge(d.state, c, d.now);
  return d.state.policy_in_force ? without_judge(d.state, c) : without_policy(d.state, c);
}

bool waits(const Withdrawal& withdrawal) {
  return withdrawal.state == WithdrawalState::held || withdrawal.state == WithdrawalState::approved;
}

void leave_waiting(State& s, Instant at, const Withdrawal& withdrawal) {
  s.waiting_held.erase(withdrawal.id);
  leave_case(s, at, withdrawal);
  leave_delay(s, withdrawal);
  s.waiting_approved.erase(withdrawal.id);
}

}  // namespace

Refusal decide(Decision& d, const RequestWithdrawal& c) {
  if (const WithdrawalId known = d.state.requests.find(c.request)) {
    const bool same = d.state.withdrawals.at(known).fingerprint == c.fingerprint;
    return same ? Refusal::none : Refusal::idempotency_key_reused;
  }
  if (const Refusal refusal = judge_request(d, c); refusal != Refusal::none) return refusal;
  const Asset& asset = d.state.assets.at(c.asset);
  const WithdrawalId id = d.state.withdrawals.next_id();
  Judgement j = judged(d, c);
  const policy::Demand demand = j.demand;
  d.emit(WithdrawalRequested{id, c.request, c.fingerprint, c.customer, c.asset, c.amount, asset.withdrawal_fee, c.destination,
                             j.policy, j.value, j.payer, c.session, j.labels, c.authorisation});
  const CaseId case_id = case_for(d, c, j);
  if (!demand.allows() || !j.fired.empty()) {
    d.emit(WithdrawalJudged{id, demand, std::move(j.fired), j.fired_more, j.passes_up_to, case_id, j.passes_from, j.passes_known_for_ms});
  }
  for (GradeEntry& entry : j.raised) d.emit(GradeRaised{std::move(entry)});
  d.emit(WithdrawalHeld{id});
  freeze_as_asked(d, j.freezes);
  if (demand.deny) return d.emit(WithdrawalRejected{id, {}});
  if (demand.allows() || HF_PLANTED(approval_skipped)) d.emit(WithdrawalApproved{id, d.now + kApprovalLifetimeMs, {}});
  return Refusal::none;
}

Refusal decide(Decision& d, const CancelWithdrawal& c) {
  const Withdrawal* withdrawal = d.state.withdrawals.find(c.withdrawal);
  if (!withdrawal) return Refusal::withdrawal_unknown;
  if (withdrawal->reason == Reason::cancelled_by_customer) return Refusal::none;
  const bool too_soon = HF_PLANTED(cancelled_while_signed) && withdrawal->state == WithdrawalState::broadcast;
  // A signature may exist: only the chain can undo it now.
  if (!waits(*withdrawal) && !too_soon) return Refusal::state_wrong;
  return d.emit(WithdrawalReturned{c.withdrawal, Reason::cancelled_by_customer});
}

Refusal decide(Decision& d, const RejectWithdrawal& c) {
  const Withdrawal* withdrawal = d.state.withdrawals.find(c.withdrawal);
  if (!withdrawal) return Refusal::withdrawal_unknown;
  if (withdrawal->state == WithdrawalState::rejected) return Refusal::none;
  if (!waits(*withdrawal)) return Refusal::state_wrong;
  return d.emit(WithdrawalRejected{c.withdrawal, c.by});
}

Refusal decide(Decision& d, const ExpireApprovals& c) {
  std::size_t left = c.limit;
  for (const WithdrawalId id : d.state.waiting_approved) {
    if (left-- == 0) break;
    if (d.state.withdrawals.at(id).approval_expires_at > d.now) continue;
    d.emit(WithdrawalReturned{id, Reason::approval_expired});
  }
  return Refusal::none;
}

void apply(State& s, Instant at, const WithdrawalRequested& e) {
  Withdrawal withdrawal;
  withdrawal.id = e.withdrawal;
  withdrawal.request = e.request;
  withdrawal.fingerprint = e.fingerprint;
  withdrawal.customer = e.customer;
  withdrawal.asset = e.asset;
  withdrawal.amount = e.amount;
  withdrawal.fee = e.fee;
  withdrawal.destination = e.destination;
  withdrawal.requested_at = at;
  withdrawal.policy = e.policy;
  withdrawal.value = e.value != 0 ? e.value : value_of(s.assets.at(e.asset), e.amount);  // 0: of a journal from before values.
  withdrawal.payer = e.payer;
  withdrawal.session = e.session;
  if (e.labels != "none") withdrawal.labels = e.labels;
  withdrawal.authorised_key = e.authorisation.key;
  s.withdrawals.add(e.withdrawal, std::move(withdrawal));
  s.requests.add(e.request, e.withdrawal);
}

void apply(State& s, Instant, const WithdrawalHeld& e) {
  Withdrawal& withdrawal = s.withdrawals.at(e.withdrawal);
  s.books.open_hold(e.withdrawal.value, withdrawal.customer.value, withdrawal.asset.value, withdrawal.amount + withdrawal.fee);
  withdrawal.state = WithdrawalState::held;
  s.waiting_held.insert(s.waiting_held.end(), e.withdrawal);  // Mostly the newest: the place is known.
  enter_delay(s, withdrawal);
  enter_case(s, withdrawal);
}

void apply(State& s, Instant at, const WithdrawalApproved& e) {
  Withdrawal& withdrawal = s.withdrawals.at(e.withdrawal);
  HF_CHECK(withdrawal.state == WithdrawalState::held);
  withdrawal.state = WithdrawalState::approved;
  withdrawal.approval_expires_at = e.expires_at;
  leave_waiting(s, at, withdrawal);
  s.waiting_approved.insert(s.waiting_approved.end(), e.withdrawal);
}

void apply(State& s, Instant at, const WithdrawalRejected& e) {
  Withdrawal& withdrawal = s.withdrawals.at(e.withdrawal);
  HF_CHECK(waits(withdrawal));
  leave_waiting(s, at, withdrawal);
  withdrawal.state = WithdrawalState::rejected;
  withdrawal.reason = e.by.empty() ? Reason::denied_by_policy : Reason::rejected_by_operator;
  if (!HF_PLANTED(hold_not_released)) s.books.release_hold(e.withdrawal.value);
}

void apply(State& s, Instant at, const WithdrawalReturned& e) {
  Withdrawal& withdrawal = s.withdrawals.at(e.withdrawal);
  HF_CHECK(withdrawal.state != WithdrawalState::completed && withdrawal.state != WithdrawalState::rejected);
  leave_waiting(s, at, withdrawal);
  withdrawal.state = WithdrawalState::returned;
  withdrawal.reason = e.reason;
  // What fails on chain has cost us gas and the limits of others: if it were free, anybody could keep all from paying.
  const Amount kept = e.reason == Reason::failed_on_chain ? withdrawal.fee : Amount::zero();
  s.books.release_hold(e.withdrawal.value, kept, fee_income_account(withdrawal.asset));
}

}  // namespace holdfast::custody
