#include "policy/compare.h"

#include "policy/analysis/cover.h"
#include "policy/analysis/meaning.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace holdfast::policy {
namespace {

constexpr std::string_view kSeverities[] = {"low", "medium", "high", "critical"};

std::string on_one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!is_blank) out += c;
    else if (!out.empty() && out.back() != ' ') out += ' ';
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

// A window with what it tells beside count and sum.
std::string whole_window(const Policy& policy, const WindowUse& use) {
  std::string out = write_window(policy, use);
  if (use.spec.distinct) out += fmt::format(", distinct {}", risk::name(*use.spec.distinct));
  if (use.spec.extremes) out += ", extremes";
  if (use.spec.profile) out += ", profile";
  if (use.spec.rhythm) out += ", rhythm";
  return out;
}

const std::string& name_of(const Policy& policy, std::uint32_t slot) { return policy.domain().environment.variable(slot).name; }

// Null: there is none of that name.
template <class Named>
const Named* find(const std::vector<Named>& things, std::string_view name) {
  const auto found = std::ranges::find(things, name, &Named::name);
  return found == things.end() ? nullptr : &*found;
}

std::string write_steps(const Detector& detector) {
  std::string out;
  for (const Step& step : detector.steps) out += (out.empty() ? "" : " > ") + step.written;
  return out;
}

std::string severity(const Condition& condition) { return std::string(kSeverities[static_cast<std::size_t>(condition.severity)]); }

const TextSet* find_list(const Policy& policy, std::string_view name) {
  const auto is_it = [&](const auto& each) { return name_of(policy, each.first) == name; };
  const auto found = std::ranges::find_if(policy.lists(), is_it);
  return found == policy.lists().end() ? nullptr : &found->second;
}

class Comparer {
 public:
  Comparer(const Policy& from, const Policy& to)
      : from_(from), to_(to), lost_(uncovered(from, to)) {}

  std::vector<std::string> reasons() const {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < lost_.rules.size(); ++i) {
      if (lost_.rules[i]) out.push_back(reason(from_.rules()[i], *lost_.rules[i]));
    }
    for (std::size_t i = 0; i < lost_.detectors.size(); ++i) {
      const std::string& why = lost_.detectors[i];
      const Detector& detector = from_.detectors()[i];
      if (!why.empty()) out.push_back(fmt::format("detector {} {}{}", detector.name, why, changes_below(detector)));
    }
    return out;
  }

  Comparison run() {
    gained_ = uncovered(to_, from_);
    out_.loosens = reasons();
    out_.tightens = lacks(to_, gained_, [](const Policy&, const Condition&) { return true; });
    rules();
    detectors();
    windows();
    lists();
    return std::move(out_);
  }

 private:
  void add(std::string what, const std::string& name, std::string change, Effect effect) {
    out_.differences.push_back({std::move(what), name, std::move(change), effect});
  }

  void changed(std::string what, const std::string& name, std::string_view part, const std::string& from, const std::string& to,
               Effect effect) {
    if (from != to) add(std::move(what), name, fmt::format("{}: {} -> {}", part, from, to), effect);
  }

  void condition_changed(const std::string& what, const Condition& from, const Condition& to, Effect effect) {
    changed(what, from.name, "when", on_one_line(from.when.source), on_one_line(to.when.source), effect);
    changed(what, from.name, "severity", severity(from), severity(to), Effect::neither);
    changed(what, from.name, "reason", on_one_line(from.reason), on_one_line(to.reason), Effect::neither);
  }

  std::string reason(const Rule& rule, const Demand& lost) const {
    const Rule* now = find(to_.rules(), rule.name);
    std::string out = fmt::format("rule {} ", rule.name);
    if (now == nullptr) return out + fmt::format("is gone, and nothing is proven to ask for {} whenever it did", write_demand(lost));
    out += fmt::format("is not proven to ask for {} whenever it did", write_demand(lost));
    if (rule.then != now->then) out += "; it asks for something else";
    if (rule.when.source != now->when.source) out += "; its condition is another";
    return out + changes_below(rule);
  }

  // "; list partners is another"
  std::string changes_below(const Condition& condition) const {
    std::set<std::string> changed;
    for (const std::uint32_t slot : condition.reads) {
      const std::string& name = name_of(from_, slot);
      if (const WindowUse* window = window_of(from_, slot)) {
        const WindowUse* now = find(to_.windows(), window->name);
        const bool is_same = now != nullptr && whole_window(from_, *window) == whole_window(to_, *now);
        if (!is_same) changed.insert("window " + window->name);
      } else if (const TextSet* list = find_list(from_, name)) {
        const TextSet* now = find_list(to_, name);
        if (now == nullptr || *now != *list) changed.insert("list " + name);
      }
    }
    std::string out;
    for (const std::string& each : changed) out += fmt::format("; {} is another", each);
    return out;
  }

  // Some rule or detector for which `is_meant` is not covered.
  template <class IsMeant>
  static bool lacks(const Policy& policy, const Uncovered& uncovered, const IsMeant& is_meant) {
    for (std::size_t i = 0; i < uncovered.rules.size(); ++i) {
      if (uncovered.rules[i] && is_meant(policy, policy.rules()[i])) return true;
    }
    for (std::size_t i = 0; i < uncovered.detectors.size(); ++i) {
      if (!uncovered.detectors[i].empty() && is_meant(policy, policy.detectors()[i])) return true;
    }
    return false;
  }

  template <class IsMeant>
  Effect effect(const IsMeant& is_meant) const {
    if (lacks(from_, lost_, is_meant)) return Effect::loosens;
    return lacks(to_, gained_, is_meant) ? Effect::tightens : Effect::neither;
  }

  // Names are of one rule or detector only.
  Effect effect_of_rule(const std::string& name) const {
    return effect([&](const Policy&, const Condition& condition) { return condition.name == name; });
  }

  // Of a window or list: that of what names it.
  Effect effect_of(const std::string& name) const {
    return effect([&](const Policy& policy, const Condition& condition) {
      return std::ranges::any_of(condition.reads, [&](std::uint32_t slot) {
        const WindowUse* window = window_of(policy, slot);
        return window != nullptr ? window->name == name : name_of(policy, slot) == name;
      });
    });
  }

  void rules() {
    for (const Rule& old : from_.rules()) {
      const Effect effect = effect_of_rule(old.name);
      const Rule* now = find(to_.rules(), old.name);
      if (now == nullptr) {
        add("rule", old.name, "removed", effect);
        continue;
      }
      condition_changed("rule", old, *now, effect);
      changed("rule", old.name, "then", write_demand(old.then), write_demand(now->then), effect);
    }
    for (const Rule& now : to_.rules()) {
      if (find(from_.rules(), now.name) == nullptr) add("rule", now.name, "added", effect_of_rule(now.name));
    }
  }

  void detectors() {
    for (const Detector& old : from_.detectors()) {
      const Effect effect = effect_of_rule(old.name);
      const Detector* now = find(to_.detectors(), old.name);
      if (now == nullptr) {
        add("detector", old.name, "removed", effect);
        continue;
      }
      condition_changed("detector", old, *now, effect);
      changed("detector", old.name, "scope", std::string(policy::name(old.scope)), std::string(policy::name(now->scope)), effect);
      changed("detector", old.name, "steps", write_steps(old), write_steps(*now), effect);
      changed("detector", old.name, "decay", write_length(old.decay_ms), write_length(now->decay_ms), effect);
    }
    for (const Detector& now : to_.detectors()) {
      if (find(from_.detectors(), now.name) == nullptr) add("detector", now.name, "added", effect_of_rule(now.name));
    }
  }

  void windows() {
    for (const WindowUse& old : from_.windows()) {
      const WindowUse* now = find(to_.windows(), old.name);
      const std::string before = whole_window(from_, old);
      if (now == nullptr) add("window", old.name, "removed", effect_of(old.name));
      else if (const std::string after = whole_window(to_, *now); before != after) {
        add("window", old.name, before + " -> " + after, effect_of(old.name));
      }
    }
    for (const WindowUse& now : to_.windows()) {
      if (find(from_.windows(), now.name) == nullptr) add("window", now.name, "added", effect_of(now.name));
    }
  }

  void lists() {
    for (const auto& [slot, old] : from_.lists()) {
      const std::string& name = name_of(from_, slot);
      const TextSet* now = find_list(to_, name);
      if (now == nullptr) {
        add("list", name, "removed", effect_of(name));
        continue;
      }
      const auto removed = std::ranges::count_if(old, [&](const std::string& text) { return !now->contains(text); });
      const auto added = std::ranges::count_if(*now, [&](const std::string& text) { return !old.contains(text); });
      if (removed + added > 0) add("list", name, fmt::format("{} added, {} removed", added, removed), effect_of(name));
    }
    for (const auto& [slot, now] : to_.lists()) {
      const std::string& name = name_of(to_, slot);
      if (find_list(from_, name) == nullptr) add("list", name, fmt::format("added, of {}", now.size()), effect_of(name));
    }
  }

  const Policy& from_;
  const Policy& to_;
  Uncovered lost_;    // Of from_.
  Uncovered gained_;  // Of to_.
  Comparison out_;
};

}  // namespace

Comparison compare(const Policy& from, const Policy& to) { return Comparer(from, to).run(); }

std::vector<std::string> loosens(const Policy& from, const Policy& to) { return Comparer(from, to).reasons(); }

}  // namespace holdfast::policy
