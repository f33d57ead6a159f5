#include "policy/grades.h"

#include "base/check.h"

#include <algorithm>
#include <bit>

namespace holdfast::policy {

std::string_view name(Scope scope) {
  switch (scope) {
    case Scope::customer: return "customer";
    case Scope::destination: return "destination";
    case Scope::asset: return "asset";
    case Scope::chain: return "chain";
    case Scope::wallet: return "wallet";
    case Scope::platform: return "platform";
  }
  return "";
}

std::optional<Scope> scope_named(std::string_view text) {
  for (std::size_t i = 0; i < kScopes; ++i) {
    if (name(static_cast<Scope>(i)) == text) return static_cast<Scope>(i);
  }
  return std::nullopt;
}

std::uint32_t Grade::step_at(Instant now) const {
  if (frozen || now <= since) return step;
  const std::int64_t down = (now - since) / decay_ms;
  return down >= step ? 0 : step - static_cast<std::uint32_t>(down);
}

void Grades::raise(const GradeKey& key, const Grade& grade) {
  HF_CHECK(grade.step > 0 && grade.decay_ms > 0);
  const auto stands = entries_.find(key);
  if (stands != entries_.end()) {
    Grade& old = stands->second;
    old = {std::max(old.step_at(grade.since), grade.step), std::max(old.since, grade.since), grade.decay_ms, old.frozen || grade.frozen};
    return;
  }
  if (std::has_single_bit(entries_.size())) {
    std::erase_if(entries_, [&](const auto& entry) { return entry.second.step_at(grade.since) == 0; });
  }
  entries_.emplace(key, grade);
}

}  // namespace holdfast::policy
