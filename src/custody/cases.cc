// The review queue: what waits for people, one case for a storm, with who looks at it, notes and a clock.
#include "custody/handlers.h"

#include <algorithm>

namespace holdfast::custody {
namespace {

struct Cause {
  policy::Scope scope = policy::Scope::customer;
  std::string subject;
  const FiredRule* rule = nullptr;
};

// What a detector raised goes by its subject: a storm over one address is one case, whoever asks. All else goes by customer.
Cause cause_of(const RequestWithdrawal& c, const Judgement& j) {
  Cause out{policy::Scope::customer, std::to_string(c.customer.value), nullptr};
  const auto strictest = std::ranges::max_element(j.fired, {}, &FiredRule::severity);
  if (strictest != j.fired.end()) out.rule = &*strictest;
  for (const GradeEntry& raised : j.raised) {
    const auto rule = std::ranges::find(j.fired, raised.key.detector, &FiredRule::rule);
    const bool first = out.scope == policy::Scope::customer && rule != j.fired.end();
    if (first) out = {raised.key.scope, raised.key.subject, &*rule};
  }
  return out;
}

Refusal find_open(const State& s, CaseId id) {
  if (!s.cases.find(id)) return Refusal::case_unknown;
  return s.open_cases.contains(id) ? Refusal::none : Refusal::case_closed;
}

bool wants_people(const Verdict& verdict) { return verdict.case_id && !verdict.demand.review.empty(); }

}  // namespace

CaseId case_for(Decision& d, const RequestWithdrawal& c, const Judgement& j) {
  if (j.demand.review.empty()) return {};
  const Cause cause = cause_of(c, j);
  const auto open = d.state.case_of_subject.find({cause.scope, cause.subject});
  if (open != d.state.case_of_subject.end()) return open->second;
  Case out;
  out.id = d.state.cases.next_id();
  out.scope = cause.scope;
  out.subject = cause.subject;
  if (cause.rule) out.cause = cause.rule->rule;
  if (cause.rule) out.severity = cause.rule->severity;
  out.opened_at = d.now;
  out.due_at = d.now + kCaseDueMs[std::min<std::size_t>(out.severity, std::size(kCaseDueMs) - 1)];
  const CaseId id = out.id;
  d.emit(CaseOpened{std::move(out)});
  return id;
}

Refusal decide(Decision& d, const AssignCase& c) {
  if (const Refusal refusal = find_open(d.state, c.id); refusal != Refusal::none) return refusal;
  if (d.state.cases.at(c.id).assigned_to == c.to) return Refusal::none;
  return d.emit(CaseAssigned{c.id, c.to, c.by});
}

Refusal decide(Decision& d, const NoteCase& c) {
  const Case* known = d.state.cases.find(c.id);
  if (!known) return Refusal::case_unknown;
  if (known->notes.size() == kMaxNotes || c.text.size() > kMaxNoteText) return Refusal::case_full;
  return d.emit(CaseNoted{c.id, c.text, c.by});
}

// As if each of it had been decided alone: what this person may not or need not approve stays.
Refusal decide(Decision& d, const DecideCase& c) {
  if (const Refusal refusal = find_open(d.state, c.id); refusal != Refusal::none) return refusal;
  std::size_t left = kMaxDecided;
  std::size_t decided = 0;
  Refusal first = Refusal::none;
  for (const WithdrawalId id : d.state.open_cases.at(c.id)) {
    if (left-- == 0) break;
    const Refusal refusal = c.approve ? decide(d, ApproveWithdrawal{id, c.by, c.roles}) : decide(d, RejectWithdrawal{id, c.by});
    if (refusal == Refusal::none) ++decided;
    else if (first == Refusal::none) first = refusal;
  }
  return decided > 0 ? Refusal::none : first;
}

void enter_case(State& s, const Withdrawal& withdrawal) {
  const Verdict* verdict = s.verdict(withdrawal.id);
  if (!verdict || !wants_people(*verdict)) return;
  const Case& one = s.cases.at(verdict->case_id);
  s.open_cases[one.id].insert(withdrawal.id);
  s.case_of_subject[{one.scope, one.subject}] = one.id;
}

void leave_case(State& s, Instant at, const Withdrawal& withdrawal) {
  const Verdict* verdict = s.verdict(withdrawal.id);
  if (!verdict || !wants_people(*verdict)) return;
  const auto open = s.open_cases.find(verdict->case_id);
  if (open == s.open_cases.end() || open->second.erase(withdrawal.id) == 0 || !open->second.empty()) return;
  Case& one = s.cases.at(verdict->case_id);
  one.closed_at = at;
  s.open_cases.erase(open);
  s.case_of_subject.erase({one.scope, one.subject});
}

void apply(State& s, Instant, const CaseOpened& e) { s.cases.add(e.one.id, e.one); }
void apply(State& s, Instant, const CaseAssigned& e) { s.cases.at(e.id).assigned_to = e.to; }
void apply(State& s, Instant at, const CaseNoted& e) { s.cases.at(e.id).notes.push_back({e.by, at, e.text}); }

}  // namespace holdfast::custody
