#include "policy/compare.h"

#include "policy/analysis/cover.h"
#include "policy/analysis/meaning.h"

#include <fmt/format.h>

#include <algorithm>

namespace holdfast::policy {
namespace {

using Missing = std::vector<std::optional<Demand>>;

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
  return out;
}

const std::string& name_of(const Policy& policy, std::uint32_t slot) { return policy.domain().environment.variable(slot).name; }

const Rule* find_rule(const Policy& policy, std::string_view name) {
  const auto found = std::ranges::find(policy.rules(), name, &Rule::name);
  return found == policy.rules().end() ? nullptr : &*found;
}

const WindowUse* find_window(const Policy& policy, std::string_view name) {
  const auto found = std::ranges::find(policy.windows(), name, &WindowUse::name);
  return found == policy.windows().end() ? nullptr : &*found;
}

const TextSet* find_list(const Policy& policy, std::string_view name) {
  const auto is_it = [&](const auto& each) { return name_of(policy, each.first) == name; };
  const auto found = std::ranges::find_if(policy.lists(), is_it);
  return found == policy.lists().end() ? nullptr : &found->second;
}

class Comparer {
 public:
  Comparer(const Policy& from, const Policy& to)
      : from_(from), to_(to), lost_(not_covered(from, to)), gained_(not_covered(to, from)) {}

  Comparison run() {
    for (std::size_t i = 0; i < lost_.size(); ++i) {
      if (lost_[i]) out_.loosens.push_back(reason(from_.rules()[i], *lost_[i]));
    }
    out_.tightens = std::ranges::any_of(gained_, [](const auto& each) { return each.has_value(); });
    rules();
    windows();
    lists();
    return std::move(out_);
  }

  std::string reason(const Rule& rule, const Demand& lost) const {
    const char* what = find_rule(to_, rule.name) == nullptr ? "is gone, and" : "has changed, or what it reads, and";
    return fmt::format("rule {} {} it is not proven that {} is asked for whenever it was", rule.name, what, write_demand(lost));
  }

 private:
  void add(std::string what, const std::string& name, std::string change, Effect effect) {
    out_.differences.push_back({std::move(what), name, std::move(change), effect});
  }

  void changed(const std::string& name, std::string_view what, const std::string& from, const std::string& to, Effect effect) {
    if (from != to) add("rule", name, fmt::format("{}: {} -> {}", what, from, to), effect);
  }

  // Of all rules for which `is_meant`.
  template <class IsMeant>
  Effect effect(const IsMeant& is_meant) const {
    const auto lacks = [&](const Policy& policy, const Missing& missing) {
      for (std::size_t i = 0; i < missing.size(); ++i) {
        if (missing[i] && is_meant(policy, policy.rules()[i])) return true;
      }
      return false;
    };
    if (lacks(from_, lost_)) return Effect::loosens;
    return lacks(to_, gained_) ? Effect::tightens : Effect::neither;
  }

  Effect effect_of_rule(const std::string& name) const {
    return effect([&](const Policy&, const Rule& rule) { return rule.name == name; });
  }

  // Of a window or list: the rules that name it.
  Effect effect_of(const std::string& name) const {
    return effect([&](const Policy& policy, const Rule& rule) {
      return std::ranges::any_of(rule.reads, [&](std::uint32_t slot) {
        const WindowUse* window = window_of(policy, slot);
        return window != nullptr ? window->name == name : name_of(policy, slot) == name;
      });
    });
  }

  void rules() {
    for (const Rule& old : from_.rules()) {
      const Effect effect = effect_of_rule(old.name);
      const Rule* now = find_rule(to_, old.name);
      if (now == nullptr) {
        add("rule", old.name, "removed", effect);
        continue;
      }
      changed(old.name, "when", on_one_line(old.when.source), on_one_line(now->when.source), effect);
      changed(old.name, "then", write_demand(old.then), write_demand(now->then), effect);
      const auto severity = [](const Rule& rule) { return std::string(kSeverities[static_cast<std::size_t>(rule.severity)]); };
      changed(old.name, "severity", severity(old), severity(*now), Effect::neither);
      changed(old.name, "reason", old.reason, now->reason, Effect::neither);
    }
    for (const Rule& now : to_.rules()) {
      if (find_rule(from_, now.name) == nullptr) add("rule", now.name, "added", effect_of_rule(now.name));
    }
  }

  void windows() {
    for (const WindowUse& old : from_.windows()) {
      const WindowUse* now = find_window(to_, old.name);
      const std::string before = whole_window(from_, old);
      if (now == nullptr) add("window", old.name, "removed", effect_of(old.name));
      else if (const std::string after = whole_window(to_, *now); before != after) {
        add("window", old.name, before + " -> " + after, effect_of(old.name));
      }
    }
    for (const WindowUse& now : to_.windows()) {
      if (find_window(from_, now.name) == nullptr) add("window", now.name, "added", effect_of(now.name));
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
      if (removed + added > 0) add("list", name, fmt::format("{} entries added, {} removed", added, removed), effect_of(name));
    }
    for (const auto& [slot, now] : to_.lists()) {
      const std::string& name = name_of(to_, slot);
      if (find_list(from_, name) == nullptr) add("list", name, fmt::format("added, {} entries", now.size()), effect_of(name));
    }
  }

  const Policy& from_;
  const Policy& to_;
  Missing lost_;    // By rule of from_.
  Missing gained_;  // By rule of to_.
  Comparison out_;
};

}  // namespace

Comparison compare(const Policy& from, const Policy& to) { return Comparer(from, to).run(); }

std::vector<std::string> loosens(const Policy& from, const Policy& to) { return compare(from, to).loosens; }

}  // namespace holdfast::policy
