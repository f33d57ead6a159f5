// What a verdict demands, and how it is met: reviews by people, the customer's second factor, time.
#include "custody/handlers.h"
#include "custody/value.h"

#include <algorithm>

namespace holdfast::custody {
namespace {

constexpr std::string_view kEverybody = "operator";
constexpr std::uint64_t kMicroPerCent = 10'000;

std::size_t reviews_by(const Verdict& verdict, std::string_view role) {
  return static_cast<std::size_t>(std::ranges::count(verdict.reviews, role, &Review::role));
}

bool delay_is_over(const Withdrawal& withdrawal, const Verdict& verdict, Instant now) {
  return now - withdrawal.requested_at >= verdict.demand.delay_ms;
}

// To be emitted behind what has just been decided about `after`, the verdict as that will leave it.
void approve_if_met(Decision& d, const Withdrawal& withdrawal, const Verdict& after, const std::string& by) {
  if (!only_waits(after) || !delay_is_over(withdrawal, after, d.now)) return;
  d.emit(WithdrawalApproved{withdrawal.id, d.now + kApprovalLifetimeMs, by});
}

policy::Scope graded(Scope scope) {
  switch (scope) {
    case Scope::platform: return policy::Scope::platform;
    case Scope::chain: return policy::Scope::chain;
    case Scope::asset: return policy::Scope::asset;
    case Scope::wallet: return policy::Scope::wallet;
    case Scope::customer: return policy::Scope::customer;
  }
  return policy::Scope::platform;
}

FiredRule over_limit() {
  FiredRule out;
  out.rule = "asset_limit";
  out.reason = "over the asset's own limit for a payment that no person has seen";
  return out;
}

}  // namespace

Judgement without_policy(const State& state, const RequestWithdrawal& request) {
  const Asset& asset = state.assets.at(request.asset);
  Judgement out;
  out.policy = state.policy_in_force;
  out.value = value_of(asset, request.amount);
  if (request.amount <= asset.auto_approve_max) return out;
  out.demand.review[std::string(kEverybody)] = 1;
  out.fired.push_back(over_limit());
  // Rounded up before: in whole cents it is not over.
  out.passes_up_to = value_of(asset, asset.auto_approve_max) / kMicroPerCent * kMicroPerCent;
  return out;
}

Judgement without_judge(const State& state, const RequestWithdrawal& request) {
  Judgement out = without_policy(state, request);
  out.passes_up_to = 0;
  out.demand.review[std::string(kEverybody)] = 2;
  FiredRule& fired = out.fired.emplace_back();
  fired.rule = "policy_unasked";
  fired.reason = "the policy in force could not be asked";
  fired.untold = true;
  return out;
}

std::optional<std::string> role_missing(const Verdict& verdict, const std::vector<std::string>& roles) {
  const auto misses = [&](const auto& wanted) { return reviews_by(verdict, wanted.first) < wanted.second; };
  const policy::Demand& demand = verdict.demand;
  // Own duties first: nobody of few is spent on what everybody may do.
  for (const auto& wanted : demand.review) {
    if (wanted.first != kEverybody && std::ranges::find(roles, wanted.first) != roles.end() && misses(wanted)) return wanted.first;
  }
  const auto anybody = demand.review.find(std::string(kEverybody));
  return anybody != demand.review.end() && misses(*anybody) ? std::optional(anybody->first) : std::nullopt;
}

bool only_waits(const Verdict& verdict) {
  const auto reviewed = [&](const auto& wanted) { return reviews_by(verdict, wanted.first) >= wanted.second; };
  return !verdict.demand.deny && (verdict.confirmed || !verdict.demand.step_up) && std::ranges::all_of(verdict.demand.review, reviewed);
}

bool is_satisfied(const State& s, const Withdrawal& withdrawal) {
  const Verdict* verdict = s.verdict(withdrawal.id);
  const Instant approved_at = withdrawal.approval_expires_at + -kApprovalLifetimeMs;
  return !verdict || (only_waits(*verdict) && delay_is_over(withdrawal, *verdict, approved_at));
}

Refusal decide(Decision& d, const ApproveWithdrawal& c) {
  const Withdrawal* withdrawal = d.state.withdrawals.find(c.withdrawal);
  if (!withdrawal) return Refusal::withdrawal_unknown;
  if (withdrawal->state == WithdrawalState::approved) return Refusal::none;
  if (withdrawal->state != WithdrawalState::held) return Refusal::state_wrong;
  const Verdict* verdict = d.state.verdict(c.withdrawal);
  // Held by a version that kept no verdicts: it was over the asset's limit, and wants one person.
  if (!verdict) return d.emit(WithdrawalApproved{c.withdrawal, d.now + kApprovalLifetimeMs, c.by});
  if (std::ranges::find(verdict->reviews, c.by, &Review::by) != verdict->reviews.end()) return Refusal::reviewed_already;
  const auto role = role_missing(*verdict, c.roles);
  if (!role) return Refusal::review_not_wanted;
  d.emit(WithdrawalReviewed{c.withdrawal, c.by, *role});
  Verdict after = *verdict;
  after.reviews.push_back({c.by, *role, d.now});
  approve_if_met(d, *withdrawal, after, c.by);
  return Refusal::none;
}

Refusal decide(Decision& d, const ConfirmWithdrawal& c) {
  const Withdrawal* withdrawal = d.state.withdrawals.find(c.withdrawal);
  if (!withdrawal) return Refusal::withdrawal_unknown;
  const Verdict* verdict = d.state.verdict(c.withdrawal);
  if (!verdict || !verdict->demand.step_up || verdict->confirmed) return Refusal::none;
  if (withdrawal->state != WithdrawalState::held) return Refusal::state_wrong;
  d.emit(WithdrawalConfirmed{c.withdrawal});
  Verdict after = *verdict;
  after.confirmed = true;
  approve_if_met(d, *withdrawal, after, {});
  return Refusal::none;
}

Refusal decide(Decision& d, const ReleaseDelayed& c) {
  std::size_t left = c.limit;
  for (const auto& [until, id] : d.state.waiting_delay) {
    if (until > d.now || left-- == 0) break;
    d.emit(WithdrawalApproved{id, d.now + kApprovalLifetimeMs, {}});
  }
  return Refusal::none;
}

void enter_delay(State& s, const Withdrawal& withdrawal) {
  const Verdict* verdict = s.verdict(withdrawal.id);
  if (!verdict || !only_waits(*verdict) || verdict->demand.delay_ms == 0) return;
  s.waiting_delay.insert({withdrawal.requested_at + verdict->demand.delay_ms, withdrawal.id});
}

void leave_delay(State& s, const Withdrawal& withdrawal) {
  const Verdict* verdict = s.verdict(withdrawal.id);
  if (verdict) s.waiting_delay.erase({withdrawal.requested_at + verdict->demand.delay_ms, withdrawal.id});
}

void apply(State& s, Instant, const WithdrawalJudged& e) {
  s.verdicts[e.withdrawal] = {e.withdrawal, e.demand,  e.fired,       e.fired_more,        e.passes_up_to, {},
                              false,        e.case_id, e.passes_from, e.passes_known_for_ms};
}

void apply(State& s, Instant, const GradeRaised& e) { s.grades.raise(e.entry.key, e.entry.grade); }

void lift_grades(State& s, const Freeze& freeze) {
  const policy::Scope scope = graded(freeze.scope);
  const std::string subject = freeze.scope == Scope::platform ? "platform" : std::to_string(freeze.subject);
  std::vector<std::string> frozen;
  s.grades.each_of(scope, subject, [&](const std::string& detector, const policy::Grade& grade) {
    if (grade.frozen) frozen.push_back(detector);
  });
  for (const std::string& detector : frozen) s.grades.lift({scope, subject, detector});
}

void apply(State& s, Instant at, const WithdrawalReviewed& e) {
  s.verdicts.at(e.withdrawal).reviews.push_back({e.by, e.role, at});
  enter_delay(s, s.withdrawals.at(e.withdrawal));
  leave_case_if_reviewed(s, at, s.withdrawals.at(e.withdrawal));
}

void apply(State& s, Instant, const WithdrawalConfirmed& e) {
  s.verdicts.at(e.withdrawal).confirmed = true;
  enter_delay(s, s.withdrawals.at(e.withdrawal));
}

}  // namespace holdfast::custody
