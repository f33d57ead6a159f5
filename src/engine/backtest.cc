#include "engine/backtest.h"

#include "base/check.h"
#include "custody/value.h"
#include "engine/record.h"

#include <algorithm>

namespace holdfast::engine {
namespace {

using namespace custody;

void count(BacktestSide& side, const policy::Demand& demand, std::uint64_t micro_usd) {
  if (demand.allows()) {
    ++side.allowed;
    return;
  }
  side.denied += demand.deny ? 1U : 0U;
  side.delayed += demand.delay_ms > 0 ? 1U : 0U;
  side.stepped_up += demand.step_up ? 1U : 0U;
  side.reviewed += demand.review.empty() ? 0U : 1U;
  for (const auto& [role, people] : demand.review) side.reviews += std::uint64_t{people};
  side.stopped_micro_usd += micro_usd;
}

template <class... Bodies>
bool is_one_of(const Event& event) {
  return (std::holds_alternative<Bodies>(event.body) || ...);
}

// What follows from a verdict, behind its request: such events are those of the policy that is tested, not the journal's.
bool is_of_a_verdict(const Event& event) { return is_one_of<WithdrawalJudged, GradeRaised, CaseOpened>(event); }

// What becomes of a case, and of news, which stand in one. Nothing of it moves a verdict.
bool is_of_a_case(const Event& event) {
  return is_one_of<CaseOpened, CaseAssigned, CaseNoted, CaseOverdue, AddressLabelled, NewsClosed>(event);
}

RequestWithdrawal request_of(const WithdrawalRequested& e) {
  return {e.request, e.fingerprint, e.customer, e.asset, e.amount, e.destination, e.session};
}

}  // namespace

Backtest::Backtest(const policy::Policy* policy, DeskOptions options) : policy_(policy), desk_([&] {
  options.screen = [this](std::string_view, const Address&) { return labels_; };
  return std::move(options);
}()) {
  if (policy_ != nullptr) desk_.start(state_, *policy_);
}

void Backtest::see(const Event& event) {
  ++report_.records;
  if (!expected_.empty()) compare_records(event);
  const auto* asked = std::get_if<WithdrawalRequested>(&event.body);
  if (asked) judge(*asked, event.at), is_judging_ = true;
  if (const auto* judged = std::get_if<WithdrawalJudged>(&event.body)) was_ = judged->demand;
  if (is_replaced(event)) return;
  apply(state_, event);
  if (asked) {
    for (const Event& ours : expected_) {
      if (is_of_a_verdict(ours)) apply(state_, ours);
    }
  }
  const bool switches = std::holds_alternative<PolicyActivated>(event.body) && tests_another();
  if (!switches) desk_.follow(state_, event);
  if (std::holds_alternative<WithdrawalHeld>(event.body)) compare_demands(), is_judging_ = false;
}

bool Backtest::is_replaced(const Event& event) const {
  const auto has_no_verdict = [&](WithdrawalId id) { return state_.verdict(id) == nullptr; };
  if (is_judging_ && is_of_a_verdict(event)) return true;
  // Cases are those of the policy that is tested; and once it says otherwise than the journal, their numbers are others.
  if (is_of_a_case(event) && (tests_another() || report_.different > 0)) return true;
  if (const auto* reviewed = std::get_if<WithdrawalReviewed>(&event.body)) return has_no_verdict(reviewed->withdrawal);
  if (const auto* confirmed = std::get_if<WithdrawalConfirmed>(&event.body)) return has_no_verdict(confirmed->withdrawal);
  return false;
}

// A price was known, and no value was written down.
bool Backtest::is_from_before(const WithdrawalRequested& asked) const {
  return asked.value == 0 && value_of(state_.assets.at(asked.asset), asked.amount) != 0;
}

void Backtest::judge(const WithdrawalRequested& asked, Instant at) {
  labels_ = asked.labels;
  Events events;
  const Refusal refusal = decide(state_, request_of(asked), at, events, &desk_);
  HF_CHECK(refusal == Refusal::none && !events.empty());  // It was accepted on this state.
  const bool is_old = !tests_another() && is_from_before(asked);
  if (is_old) ++report_.from_before;
  if (!tests_another() && !is_old && encode(events.front()) != encode({at, asked})) ++report_.different;
  judged_ = asked.withdrawal;
  was_ = {};
  fired_.clear();
  expected_.assign(events.begin() + 1, events.end());
  if (is_old) expected_.clear();
  ++report_.withdrawals;
}

// With the policies of then, what it leads to now is what stands behind it, byte for byte.
void Backtest::compare_records(const Event& event) {
  if (tests_another()) return;
  if (encode(event) == encode(expected_.front())) {
    expected_.pop_front();
    return;
  }
  ++report_.different;
  expected_.clear();
}

void Backtest::compare_demands() {
  const Verdict* verdict = state_.verdict(judged_);
  const policy::Demand would_be = verdict ? verdict->demand : policy::Demand{};
  const std::uint64_t value = state_.withdrawals.at(judged_).value;
  count(report_.was, was_, value);
  count(report_.would_be, would_be, value);
  if (verdict) {
    for (const FiredRule& rule : verdict->fired) fired_.push_back(rule.rule);
  }
  for (const std::string& rule : fired_) ++report_.fired[rule];
  if (!tests_another()) return;
  expected_.clear();
  if (was_ == would_be) return;
  ++report_.different;
  const policy::Demand together = policy::both(was_, would_be);
  if (together == would_be) ++report_.stricter, report_.stricter_micro_usd += value;
  if (together == was_) ++report_.milder, report_.milder_micro_usd += value;
  if (report_.changes.size() == BacktestReport::kMaxChanges) return;
  report_.changes.push_back({judged_, state_.withdrawals.at(judged_).requested_at, value, was_, would_be, fired_});
}

}  // namespace holdfast::engine
