// The review queue: what waits for people, one case for a storm, with who looks at it, notes and a clock.
#include "custody/handlers.h"

#include <algorithm>
#include <utility>

namespace holdfast::custody {
namespace {

std::uint32_t severity_of(const std::vector<FiredRule>& fired) {
  const auto strictest = std::ranges::max_element(fired, {}, &FiredRule::severity);
  return strictest == fired.end() ? 0 : strictest->severity;
}

std::int64_t due_ms(std::uint32_t severity) { return kCaseDueMs[std::min<std::size_t>(severity, std::size(kCaseDueMs) - 1)]; }

Refusal find_open(const State& s, CaseId id) {
  if (!s.cases.find(id)) return Refusal::case_unknown;
  return s.open_cases.contains(id) ? Refusal::none : Refusal::case_closed;
}

bool misses_people(const Verdict& verdict) {
  return verdict.case_id && std::ranges::any_of(verdict.demand.review, [&](const auto& wanted) {
           return std::cmp_less(std::ranges::count(verdict.reviews, wanted.first, &Review::role), wanted.second);
         });
}

}  // namespace

// What a detector wants goes by its subject: a storm over one address is one case, whoever asks. All else goes by customer.
CaseId case_for(Decision& d, const RequestWithdrawal& c, const Judgement& j) {
  if (j.demand.review.empty()) return {};
  const policy::Scope scope = j.about ? j.about->scope : policy::Scope::customer;
  const std::string subject = j.about ? j.about->subject : std::to_string(c.customer.value);
  const auto strictest = std::ranges::max_element(j.fired, {}, &FiredRule::severity);
  const std::string by_rule = strictest == j.fired.end() ? std::string() : strictest->rule;
  return case_for(d, scope, subject, j.about ? j.about->detector : by_rule, severity_of(j.fired));
}

CaseId case_for(Decision& d, policy::Scope scope, const std::string& subject, const std::string& cause, std::uint32_t severity) {
  const auto open = d.state.case_of_subject.find({scope, subject});
  if (open != d.state.case_of_subject.end()) return open->second;
  Case out;
  out.id = d.state.cases.next_id();
  out.scope = scope;
  out.subject = subject;
  out.cause = cause;
  out.severity = severity;
  out.opened_at = d.now;
  out.due_at = d.now + due_ms(out.severity);
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

// As if each of it had been decided alone: what this person may not or need not approve stays, and so does what came later than the
// last one that was looked at.
Refusal decide(Decision& d, const DecideCase& c) {
  if (const Refusal refusal = find_open(d.state, c.id); refusal != Refusal::none) return refusal;
  std::size_t left = kMaxDecided;
  std::size_t decided = 0;
  Refusal first = Refusal::none;
  for (const WithdrawalId id : d.state.open_cases.at(c.id)) {
    if (left == 0 || c.up_to < id) break;
    const Refusal refusal = c.approve ? decide(d, ApproveWithdrawal{id, c.by, c.roles}) : decide(d, RejectWithdrawal{id, c.by});
    if (refusal == Refusal::none) ++decided, --left;
    else if (first == Refusal::none) first = refusal;
  }
  return decided > 0 ? Refusal::none : first;
}

// Somebody else may have it now: whoever had it did not come to it.
Refusal decide(Decision& d, const MarkOverdue& c) {
  std::size_t left = c.limit;
  for (const auto& [id, waiting] : d.state.open_cases) {
    const Case& one = d.state.cases.at(id);
    if (one.overdue || one.due_at > d.now) continue;
    if (left-- == 0) break;
    d.emit(CaseOverdue{id});
  }
  return Refusal::none;
}

void enter_case(State& s, const Withdrawal& withdrawal) {
  const Verdict* verdict = s.verdict(withdrawal.id);
  if (!verdict || !misses_people(*verdict)) return;
  Case& one = s.cases.at(verdict->case_id);
  // Whatever is more urgent than what opened it makes the whole more urgent. Told from the verdict alone, so as often as need be.
  one.severity = std::max(one.severity, severity_of(verdict->fired));
  one.due_at = std::min(one.due_at, withdrawal.requested_at + due_ms(severity_of(verdict->fired)));
  s.open_cases[one.id].insert(withdrawal.id);
  s.case_of_subject[{one.scope, one.subject}] = one.id;
}

void leave_case(State& s, Instant at, const Withdrawal& withdrawal) {
  const Verdict* verdict = s.verdict(withdrawal.id);
  if (!verdict || !verdict->case_id) return;
  const auto open = s.open_cases.find(verdict->case_id);
  if (open != s.open_cases.end() && open->second.erase(withdrawal.id) > 0) close_case_if_done(s, at, verdict->case_id);
}

void close_case_if_done(State& s, Instant at, CaseId id) {
  if (!s.open_cases.at(id).empty() || s.news_of_case.contains(id)) return;
  Case& one = s.cases.at(id);
  one.closed_at = at;
  s.open_cases.erase(id);
  s.case_of_subject.erase({one.scope, one.subject});
}

void leave_case_if_reviewed(State& s, Instant at, const Withdrawal& withdrawal) {
  const Verdict* verdict = s.verdict(withdrawal.id);
  if (verdict && !misses_people(*verdict)) leave_case(s, at, withdrawal);
}

void apply(State& s, Instant, const CaseOpened& e) { s.cases.add(e.one.id, e.one); }
void apply(State& s, Instant, const CaseOverdue& e) {
  s.cases.at(e.id).overdue = true;
  s.cases.at(e.id).assigned_to.clear();
}
void apply(State& s, Instant, const CaseAssigned& e) { s.cases.at(e.id).assigned_to = e.to; }
void apply(State& s, Instant at, const CaseNoted& e) { s.cases.at(e.id).notes.push_back({e.by, at, e.text}); }

}  // namespace holdfast::custody
