#include "policy/analysis/cover.h"

#include "policy/analysis/prove.h"

#include <algorithm>
#include <deque>

namespace holdfast::policy {
namespace {

constexpr std::uint64_t kEffortOfOne = 20'000;   // Of a rule against one other.
constexpr std::uint64_t kEffortOfRule = 200'000;  // Against all together, and all of its proofs.
constexpr std::uint64_t kEffortOfAll = 4'000'000;
constexpr std::size_t kMostTogether = 20;

// A demand as the single things that it asks for.
std::vector<Demand> parts_of(const Demand& demand) {
  std::vector<Demand> out;
  if (demand.deny) out.push_back({.deny = true, .review = {}, .step_up = false, .delay_ms = 0});
  for (const auto& [role, operators] : demand.review) {
    out.push_back({.deny = false, .review = {{role, operators}}, .step_up = false, .delay_ms = 0});
  }
  if (demand.step_up) out.push_back({.deny = false, .review = {}, .step_up = true, .delay_ms = 0});
  if (demand.delay_ms > 0) out.push_back({.deny = false, .review = {}, .step_up = false, .delay_ms = demand.delay_ms});
  return out;
}

class Cover {
 public:
  Cover(const Policy& from, const Policy& to) : from_(from), to_(to) {
    for (const Rule& rule : from.rules()) old_rules_.push_back(read_condition(rule, from, 0, words_));
    for (const Detector& detector : from.detectors()) old_detectors_.push_back(read_condition(detector, from, 0, words_));
    for (const Rule& rule : to.rules()) add_answer(rule, rule.then);
    first_detector_ = answers_.size();
    for (const Detector& detector : to.detectors()) add_answer(detector, detector.steps.front().demand);
  }

  Uncovered run() {
    Uncovered out;
    for (std::size_t i = 0; i < old_rules_.size(); ++i) out.rules.push_back(missing(i));
    for (std::size_t i = 0; i < old_detectors_.size(); ++i) out.detectors.push_back(weakness(i));
    return out;
  }

 private:
  // What the new policy asks for when something holds: a rule, or a detector, which asks for its first step at least.
  struct Answer {
    const std::string* name;
    const Demand* demand;
    Meant when;
  };

  void add_answer(const Condition& condition, const Demand& demand) {
    answers_.push_back({&condition.name, &demand, read_condition(condition, to_, 1, words_)});
  }

  std::optional<Demand> missing(std::size_t rule) {
    Demand out;
    effort_of_rule_ = std::min(kEffortOfRule, effort_.left());
    for (const Demand& part : parts_of(from_.rules()[rule].then)) {
      if (!is_asked_for(rule, part)) out = both(out, part);
    }
    return out.allows() ? std::nullopt : std::optional(out);
  }

  bool is_asked_for(std::size_t rule, const Demand& part) {
    std::vector<const Answer*> answers;
    for (const Answer& answer : answers_) {
      if (both(part, *answer.demand) == *answer.demand) answers.push_back(&answer);
    }
    // Most often it is the one that is called the same.
    std::ranges::stable_partition(answers, [&](const Answer* answer) { return *answer->name == from_.rules()[rule].name; });
    const auto is_same = [&](const Answer* answer) { return answer->when.key == old_rules_[rule].key; };
    if (std::ranges::any_of(answers, is_same)) return true;
    const auto alone = [&](const Answer* answer) { return fires_with(rule, {answer}, kEffortOfOne); };
    if (std::ranges::any_of(answers, alone)) return true;
    return answers.size() > 1 && answers.size() <= kMostTogether && fires_with(rule, answers, kEffortOfRule);
  }

  // Whenever the old rule fires one of the new answers does.
  bool fires_with(std::size_t rule, const std::vector<const Answer*>& any_of, std::uint64_t most) {
    std::vector<Goal> goals{{&old_rules_[rule].formula, Wanted::not_false}};
    for (const Answer* answer : any_of) goals.push_back({&answer->when.formula, Wanted::is_false});
    return prove(goals, most);
  }

  bool prove(const std::vector<Goal>& goals, std::uint64_t most) {
    const std::uint64_t share = std::min(most, effort_of_rule_);
    Effort effort(share);
    const bool is_proven = cannot_be({words_}, goals, effort);
    effort_of_rule_ -= share - effort.left();
    effort_.spend(share - effort.left());
    return is_proven;
  }

  // Grades last longer than the withdrawal that raised them, and are known by scope and name: so a detector has to climb whenever the
  // old one did, be as strict on every step, and stay there as long.
  std::string weakness(std::size_t detector) {
    const Detector& old = from_.detectors()[detector];
    const auto found = std::ranges::find(to_.detectors(), old.name, &Detector::name);
    if (found == to_.detectors().end()) return "is gone";
    if (found->scope != old.scope) return "has another scope";
    if (found->decay_ms < old.decay_ms) return "decays faster";
    if (!are_as_strict(found->steps, old.steps)) return "has fewer or milder steps";
    const Meant& old_when = old_detectors_[detector];
    const Meant& new_when = answers_[first_detector_ + static_cast<std::size_t>(found - to_.detectors().begin())].when;
    if (new_when.key == old_when.key) return "";
    const Formula& before = old_when.formula;
    const Formula& after = new_when.formula;
    effort_of_rule_ = std::min(kEffortOfRule, effort_.left());
    // What cannot be told fires and does not climb.
    const bool fires = prove({{&before, Wanted::not_false}, {&after, Wanted::is_false}}, kEffortOfRule);
    const bool climbs = fires && prove({{&before, Wanted::is_true}, {&after, Wanted::not_true}}, kEffortOfRule);
    return climbs ? "" : "is not proven to fire whenever it did";
  }

  static bool are_as_strict(const std::vector<Step>& steps, const std::vector<Step>& old) {
    if (steps.size() < old.size()) return false;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const Step& before = old[std::min(i, old.size() - 1)];
      if (both(steps[i].demand, before.demand) != steps[i].demand || (before.freeze && !steps[i].freeze)) return false;
    }
    return true;
  }

  const Policy& from_;
  const Policy& to_;
  Vocabulary words_{Purpose::comparison};
  std::deque<Meant> old_rules_;  // Of each.
  std::deque<Meant> old_detectors_;
  std::deque<Answer> answers_;      // Rules, then detectors.
  std::size_t first_detector_ = 0;  // Of the answers.
  Effort effort_{kEffortOfAll};
  std::uint64_t effort_of_rule_ = 0;
};

}  // namespace

Uncovered uncovered(const Policy& from, const Policy& to) { return Cover(from, to).run(); }

}  // namespace holdfast::policy
