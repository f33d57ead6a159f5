#include "bench/detection/figures.h"

#include <algorithm>
#include <set>

namespace holdfast::detection {
namespace {

using policy::Demand;
using policy::Policy;
using policy::Verdict;
using traffic::kUsd;
using traffic::Payment;

constexpr Instant kJudged{traffic::kOpening.unix_ms + kWarmWeeks * traffic::kWeek};

bool asks_people(const Demand& demand) { return !demand.review.empty() || demand.deny; }

// Whose firing asks people. Rules first, then detectors, as FalseAlarms::rules has them.
std::set<std::size_t> who_fires_for_people(const Policy& policy, const Verdict& verdict) {
  std::set<std::size_t> out;
  const std::size_t rules = policy.rules().size();
  for (const policy::Fired& fired : verdict.fired) {
    if (asks_people(policy.rules()[fired.rule].then)) out.insert(fired.rule);
  }
  for (const policy::Raised& raised : verdict.raised) {
    const policy::Step& step = policy.detectors()[raised.detector].steps[raised.step - 1];
    if (step.freeze || asks_people(step.demand)) out.insert(rules + raised.detector);
  }
  return out;
}

// And whose grade that stands does.
std::set<std::size_t> who_asks_people(const Policy& policy, const Verdict& verdict) {
  std::set<std::size_t> out = who_fires_for_people(policy, verdict);
  const std::size_t rules = policy.rules().size();
  for (const policy::Standing& standing : verdict.standing) {
    const auto found = std::ranges::find(policy.detectors(), standing.detector, &policy::Detector::name);
    const policy::Step& step = found->steps[std::min<std::size_t>(standing.step, found->steps.size()) - 1];
    const auto place = rules + static_cast<std::size_t>(found - policy.detectors().begin());
    if (standing.grade.frozen || asks_people(step.demand)) out.insert(place);
  }
  return out;
}

bool freezes(const Verdict& verdict) { return std::ranges::any_of(verdict.raised, &policy::Raised::freeze); }

void count_rules(const Policy& policy, const Verdict& verdict, FalseAlarms& out) {
  for (const policy::Fired& fired : verdict.fired) ++out.rules[fired.rule].fired;
  for (const policy::Raised& raised : verdict.raised) ++out.rules[policy.rules().size() + raised.detector].fired;
  const std::set<std::size_t> who = who_asks_people(policy, verdict);
  for (const std::size_t each : who) ++out.rules[each].held;
  if (who.size() == 1) ++out.rules[*who.begin()].alone;
}

void count(const Policy& policy, const Verdict& verdict, std::int64_t value, FalseAlarms& out) {
  ++out.judged;
  out.value += value / kUsd;
  count_rules(policy, verdict, out);
  const Demand& demand = verdict.demand;
  if (demand.allows()) return;
  ++out.any;
  if (!demand.review.empty()) ++out.held, out.held_value += value / kUsd;
  if (demand.delay_ms > 0) ++out.delayed;
  if (demand.step_up) ++out.stepped_up;
  if (demand.deny) ++out.denied;
  if (verdict.frozen || freezes(verdict)) ++out.frozen;
  if (!verdict.frozen && freezes(verdict)) ++out.freezes;
}

std::vector<std::string> names(const Policy& policy, const Verdict& verdict) {
  std::vector<std::string> out;
  for (const policy::Fired& fired : verdict.fired) out.push_back(policy.rules()[fired.rule].name);
  for (const policy::Raised& raised : verdict.raised) out.push_back(policy.detectors()[raised.detector].name);
  return out;
}

// A theft is answered by what fires for it. A grade that stands since before it, from a false alarm, is luck and does not count; what the
// luck held up is not gone all the same.
void attempt(const Policy& policy, JudgedExchange& exchange, const Payment& payment, Instant begun, Outcome& out) {
  const Verdict verdict = exchange.judge(payment);
  ++out.requests;
  out.asked += payment.value / kUsd;
  const Outcome::Answer answer{payment.at - begun, out.requests, write_demand(verdict.demand)};
  if (freezes(verdict) || verdict.frozen) exchange.people_lift = false;
  if (!out.freeze && (freezes(verdict) || verdict.frozen)) out.freeze = answer;
  if (!out.review && !who_fires_for_people(policy, verdict).empty()) out.review = answer;
  if (!out.first && !(verdict.fired.empty() && verdict.raised.empty())) {
    out.first = answer;
    out.fired = names(policy, verdict);
  }
  if (!verdict.demand.allows()) return;
  ++out.let_through;
  out.gone += exchange.pay(payment, verdict.demand) / kUsd;
  if (!out.first) out.gone_before = out.gone;
}

void other(JudgedExchange& exchange, const Payment& payment, Outcome& out) {
  if (payment.of == risk::Stream::deposits) return exchange.happened(payment);
  const Verdict verdict = exchange.judge(payment);
  exchange.pay(payment, verdict.demand);
  if (!out.first) return;
  ++out.others;
  if (asks_people(verdict.demand)) ++out.others_held;
}

}  // namespace

FalseAlarms false_alarms(const Policy& policy, const traffic::Assumptions& assumptions, std::uint64_t withdrawals) {
  FalseAlarms out;
  for (const policy::Rule& rule : policy.rules()) out.rules.push_back({rule.name, 0, 0, 0});
  for (const policy::Detector& detector : policy.detectors()) out.rules.push_back({detector.name, 0, 0, 0});
  JudgedExchange exchange(policy);
  traffic::Traffic business(assumptions);
  Instant last = kJudged;
  while (out.judged < withdrawals) {
    const Payment payment = business.next();
    last = payment.at;
    if (payment.of == risk::Stream::deposits || payment.at < kJudged) {
      exchange.happened(payment);
      continue;
    }
    const Verdict verdict = exchange.judge(payment);
    count(policy, verdict, payment.value, out);
    exchange.pay(payment, verdict.demand);  // After people have looked, when they have to. None of it is a theft.
  }
  out.days = (last - kJudged) / kMsPerDay;
  std::erase_if(out.rules, [](const FalseAlarms::OfRule& rule) { return rule.fired + rule.held == 0; });
  return out;
}

// Grades as they stand after three days of judging, in the middle of business as it goes on.
Outcome play(const Policy& policy, const traffic::Assumptions& assumptions, const Theft& theft) {
  Outcome out;
  out.name = theft.name;
  out.what = theft.what;
  JudgedExchange exchange(policy);
  traffic::Traffic business(assumptions);
  const Instant begun = theft.requests.front().at;
  Payment ordinary = business.next();
  const auto until = [&](Instant at, const auto& each) {
    for (; ordinary.at < at; ordinary = business.next()) each(ordinary);
  };
  until(begun + -3 * kMsPerDay, [&](const Payment& payment) { exchange.happened(payment); });
  for (const Payment& request : theft.requests) {
    until(request.at, [&](const Payment& payment) { other(exchange, payment, out); });
    attempt(policy, exchange, request, begun, out);
  }
  return out;
}

Portrait portrait(const traffic::Assumptions& assumptions) {
  traffic::Traffic business(assumptions);
  std::vector<std::int64_t> values;
  std::set<std::pair<std::uint64_t, std::uint64_t>> known;
  std::int64_t sum = 0, fresh = 0;
  for (Payment each = business.next(); each.at < kJudged + 4 * traffic::kWeek; each = business.next()) {
    if (each.of == risk::Stream::deposits) continue;
    const bool is_new = known.emplace(each.customer, each.destination).second;
    if (each.at < kJudged) continue;
    values.push_back(each.value / kUsd);
    sum += values.back();
    fresh += is_new ? 1 : 0;
  }
  std::ranges::sort(values);
  const auto count = static_cast<std::int64_t>(values.size());
  return {count / 28, values[values.size() / 2], sum / count, values[values.size() / 100 * 99], fresh * 100 / count};
}

}  // namespace holdfast::detection
