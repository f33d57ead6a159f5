#include "policy/analysis/cover.h"

#include "policy/analysis/prove.h"

#include <algorithm>
#include <deque>

namespace holdfast::policy {
namespace {

constexpr std::uint64_t kEffortOfOne = 20'000;   // Of a rule against one other.
constexpr std::uint64_t kEffortOfRule = 200'000;  // Against all together, and all of its proofs.
constexpr std::uint64_t kEffortOfAll = 20'000'000;
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
    for (const Rule& rule : from.rules()) old_.push_back(read_condition(rule, from, 0, words_));
    for (const Rule& rule : to.rules()) new_.push_back(read_condition(rule, to, 1, words_));
  }

  std::optional<Demand> missing(std::size_t rule) {
    Demand out;
    effort_of_rule_ = std::min(kEffortOfRule, effort_.left());
    for (const Demand& part : parts_of(from_.rules()[rule].then)) {
      if (!is_asked_for(rule, part)) out = both(out, part);
    }
    return out.allows() ? std::nullopt : std::optional(out);
  }

 private:
  bool is_asked_for(std::size_t rule, const Demand& part) {
    std::vector<std::size_t> candidates;
    for (std::size_t i = 0; i < new_.size(); ++i) {
      const Demand& then = to_.rules()[i].then;
      if (both(part, then) == then) candidates.push_back(i);
    }
    // Most often it is the one that is called the same.
    std::ranges::stable_partition(candidates, [&](std::size_t i) { return to_.rules()[i].name == from_.rules()[rule].name; });
    if (std::ranges::any_of(candidates, [&](std::size_t i) { return fires_with(rule, {i}, kEffortOfOne); })) return true;
    return candidates.size() > 1 && candidates.size() <= kMostTogether && fires_with(rule, candidates, kEffortOfRule);
  }

  // Whenever the old rule fires one of the new ones does.
  bool fires_with(std::size_t rule, const std::vector<std::size_t>& any_of, std::uint64_t most) {
    std::vector<Goal> goals{{&old_[rule], Wanted::not_false}};
    for (const std::size_t i : any_of) goals.push_back({&new_[i], Wanted::is_false});
    const std::uint64_t share = std::min(most, effort_of_rule_);
    Effort effort(share);
    const bool is_proven = cannot_be({words_}, goals, effort);
    effort_of_rule_ -= share - effort.left();
    effort_.spend(share - effort.left());
    return is_proven;
  }

  const Policy& from_;
  const Policy& to_;
  Vocabulary words_{Purpose::comparison};
  std::deque<Formula> old_;  // Of each rule.
  std::deque<Formula> new_;
  Effort effort_{kEffortOfAll};
  std::uint64_t effort_of_rule_ = 0;
};

}  // namespace

std::vector<std::optional<Demand>> not_covered(const Policy& from, const Policy& to) {
  Cover cover(from, to);
  std::vector<std::optional<Demand>> out;
  for (std::size_t i = 0; i < from.rules().size(); ++i) out.push_back(cover.missing(i));
  return out;
}

}  // namespace holdfast::policy
