#include "policy/analysis/meaning.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace holdfast::policy {
namespace {

constexpr std::string_view kOfKeysAndLength[] = {"count", "sum", "age", "idle", "known", "least", "greatest", "median", "median_distance"};

// What is not asked for here is not known to be the same in two policies.
bool is_plain(const risk::WindowSpec& spec) {
  risk::WindowSpec known;
  known.length_ms = spec.length_ms;
  known.extremes = spec.extremes;
  known.profile = spec.profile;
  known.distinct = spec.distinct;
  return known == spec;
}

std::string length_of(const risk::WindowSpec& spec) {
  constexpr std::pair<std::int64_t, const char*> kUnits[] = {{3'600'000, "h"}, {60'000, "m"}, {1'000, "s"}, {1, "ms"}};
  if (spec.length_ms == risk::kEver) return "ever";
  const auto* unit = std::ranges::find_if(kUnits, [&](const auto& each) { return spec.length_ms % each.first == 0; });
  return fmt::format("{}{}", spec.length_ms / unit->first, unit->second);
}

}  // namespace

const WindowUse* window_of(const Policy& policy, std::uint32_t slot) {
  const auto holds = [&](const WindowUse& use) { return slot >= use.first_slot && slot < use.first_slot + use.slots; };
  const auto found = std::ranges::find_if(policy.windows(), holds);
  return found == policy.windows().end() ? nullptr : &*found;
}

std::string write_window(const Policy& policy, const WindowUse& use) {
  std::vector<std::string_view> keys;
  for (const risk::KeyKind kind : policy.groups()[use.group].keys) keys.push_back(risk::name(kind));
  return fmt::format("{}, {}", fmt::join(keys, ", "), length_of(use.spec));
}

std::string meaning_of(const Policy& policy, std::uint32_t slot, unsigned number) {
  const std::string& name = policy.domain().environment.variable(slot).name;
  if (slot < kFirstOwnSlot) return name;
  const std::string own = fmt::format("<policy {}>.{}", number, name);
  const WindowUse* use = window_of(policy, slot);
  if (use == nullptr || !is_plain(use->spec)) return own;
  const std::string what = name.substr(use->name.size() + 1);
  const std::string window = write_window(policy, *use);
  if (what == "distinct") return fmt::format("<{}>.{} {}", window, what, risk::name(*use->spec.distinct));
  return std::ranges::count(kOfKeysAndLength, what) > 0 ? fmt::format("<{}>.{}", window, what) : own;
}

}  // namespace holdfast::policy
