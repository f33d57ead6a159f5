#include "policy/analysis/meaning.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace holdfast::policy {
namespace {

constexpr std::string_view kFromFactsAndLength[] = {"count",    "sum",    "age",             "idle",        "known",     "least",
                                                    "greatest", "median", "median_distance", "usual_count", "usual_sum", "weeks"};

// What windows may be asked beside what is looked at here is not known to mean the same in two policies.
bool is_plain(const risk::WindowSpec& spec, const risk::GroupSpec& group) {
  risk::WindowSpec known;
  known.length_ms = spec.length_ms;
  known.extremes = spec.extremes;
  known.profile = spec.profile;
  known.distinct = spec.distinct;
  known.rhythm = spec.rhythm;
  return known == spec && risk::GroupSpec{group.keys, group.windows, group.over, group.band} == group;
}

std::string write_band(const risk::Band& band) {
  if (band == risk::Band{}) return "";
  return fmt::format(", {} to {} USD", write_usd({band.least}), band.most == risk::Band{}.most ? "any" : write_usd({band.most}));
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
  const risk::GroupSpec& group = policy.groups()[use.group];
  const char* over = group.over == risk::Stream::deposits ? ", deposits" : group.over == risk::Stream::paid ? ", paid" : "";
  const std::string length = use.spec.length_ms == risk::kEver ? "ever" : write_length(use.spec.length_ms);
  return fmt::format("{}, {}{}{}", fmt::join(keys, ", "), length, over, write_band(group.band));
}

std::string meaning_of(const Policy& policy, std::uint32_t slot, unsigned number) {
  const std::string& name = policy.domain().environment.variable(slot).name;
  if (slot < kFirstOwnSlot || policy.asset_at(slot) != nullptr) return name;
  const std::string own = fmt::format("<policy {}>.{}", number, name);
  const WindowUse* use = window_of(policy, slot);
  if (use == nullptr || !is_plain(use->spec, policy.groups()[use->group])) return own;
  const std::string what = name.substr(use->name.size() + 1);
  const std::string window = write_window(policy, *use);
  if (what == "distinct") return fmt::format("<{}>.{} {}", window, what, risk::name(*use->spec.distinct));
  return std::ranges::count(kFromFactsAndLength, what) > 0 ? fmt::format("<{}>.{}", window, what) : own;
}

}  // namespace holdfast::policy
