// The life of a policy: proposed by one person, approved by another, in force when its base still is. What loosens waits first.
#include "custody/handlers.h"
#include "policy/compare.h"

#include <algorithm>

namespace holdfast::custody {
namespace {

bool is_open(const PolicyVersion& policy) {
  return policy.state == PolicyState::proposed || policy.state == PolicyState::approved;
}

// Against what is in force. Without a policy there are the assets' limits, which stay: whatever a first one says comes on top.
bool loosens(const State& s, const policy::Policy& proposed) {
  if (!s.policy_in_force) return false;
  const auto base = policy::Policy::read_untested(as_text(s.policies.at(s.policy_in_force).text), "policy");
  return !base || !policy::loosens(*base, proposed).empty();
}

}  // namespace

Refusal decide(Decision& d, const ProposePolicy& c) {
  if (c.text.size() > kMaxPolicyText) return Refusal::policy_wrong;
  const auto is_theirs = [&](const PolicyVersion& policy) { return policy.proposed_by == c.by; };
  const auto is_in_the_way = [&](const PolicyVersion& p) { return is_theirs(p) && is_open(p) && p.base == d.state.policy_in_force; };
  const auto is_of_today = [&](const PolicyVersion& p) { return is_theirs(p) && d.now - p.proposed_at < kMsPerDay; };
  if (std::ranges::count_if(d.state.policies, is_in_the_way) >= kMaxOpenPolicies) return Refusal::too_many_proposals;
  if (std::ranges::count_if(d.state.policies, is_of_today) >= kMaxDailyPolicies) return Refusal::too_many_proposals;
  const auto read = policy::Policy::read(as_text(c.text), "policy");
  if (!read) return Refusal::policy_wrong;
  PolicyVersion out;
  out.id = d.state.policies.next_id();
  out.hash = read->hash();
  out.text = c.text;
  out.name = c.name;
  out.base = d.state.policy_in_force;
  out.loosens = loosens(d.state, *read);
  out.proposed_by = c.by;
  out.proposed_at = d.now;
  return d.emit(PolicyProposed{std::move(out)});
}

Refusal decide(Decision& d, const ApprovePolicy& c) {
  const PolicyVersion* policy = d.state.policies.find(c.policy);
  if (!policy) return Refusal::policy_unknown;
  if (policy->state == PolicyState::approved) return Refusal::none;
  if (policy->state != PolicyState::proposed) return Refusal::state_wrong;
  if (policy->proposed_by == c.by) return Refusal::proposer_approves;
  return d.emit(PolicyApproved{c.policy, c.by});
}

Refusal decide(Decision& d, const ActivatePolicy& c) {
  const PolicyVersion* policy = d.state.policies.find(c.policy);
  if (!policy) return Refusal::policy_unknown;
  if (policy->state == PolicyState::in_force) return Refusal::none;
  if (policy->state != PolicyState::approved) return Refusal::state_wrong;
  if (policy->base != d.state.policy_in_force) return Refusal::policy_outdated;
  if (policy->loosens && d.now - policy->approved_at < kPolicyTimeLockMs) return Refusal::policy_locked;
  return d.emit(PolicyActivated{c.policy, c.by});
}

Refusal decide(Decision& d, const DropPolicy& c) {
  const PolicyVersion* policy = d.state.policies.find(c.policy);
  if (!policy) return Refusal::policy_unknown;
  if (policy->state == PolicyState::dropped) return Refusal::none;
  if (!is_open(*policy)) return Refusal::state_wrong;
  return d.emit(PolicyDropped{c.policy, c.by});
}

void apply(State& s, Instant, const PolicyProposed& e) { s.policies.add(e.policy.id, e.policy); }

void apply(State& s, Instant at, const PolicyApproved& e) {
  PolicyVersion& policy = s.policies.at(e.policy);
  policy.state = PolicyState::approved;
  policy.approved_by = e.by;
  policy.approved_at = at;
}

void apply(State& s, Instant at, const PolicyActivated& e) {
  if (s.policy_in_force) s.policies.at(s.policy_in_force).state = PolicyState::superseded;
  PolicyVersion& policy = s.policies.at(e.policy);
  policy.state = PolicyState::in_force;
  policy.activated_by = e.by;
  policy.activated_at = at;
  s.policy_in_force = e.policy;
}

// Its hash stays, and the journal has its text.
void apply(State& s, Instant, const PolicyDropped& e) {
  s.policies.at(e.policy).state = PolicyState::dropped;
  s.policies.at(e.policy).text = {};
}

}  // namespace holdfast::custody
