#include "policy/verdict.h"

#include "base/instant.h"
#include "policy/cel/functions/civil_time.h"

#include <algorithm>
#include <charconv>
#include <tuple>
#include <utility>

namespace holdfast::policy {
namespace {

constexpr std::int64_t kNanosPerMs = 1'000'000;
constexpr std::uint32_t kMostOperators = 9;
constexpr std::size_t kLongestRole = 32;

bool is_role(std::string_view text) {
  return !text.empty() && text.size() <= kLongestRole &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

std::optional<Action> read_delay(std::string_view text) {
  std::int64_t nanos = 0;
  if (cel::read_duration(text, nanos) != cel::DurationProblem::none) return std::nullopt;
  const std::int64_t ms = nanos / kNanosPerMs;
  if (ms <= 0 || ms > 30 * kMsPerDay) return std::nullopt;
  return Action{.outcome = Outcome::delay, .delay_ms = ms, .operators = 0, .role = {}};
}

std::optional<Action> read_review(std::string_view text) {
  std::uint32_t operators = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), operators);
  const std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
  if (error != std::errc() || operators == 0 || operators > kMostOperators || !rest.starts_with(' ')) return std::nullopt;
  if (!is_role(rest.substr(1))) return std::nullopt;
  return Action{.outcome = Outcome::review, .delay_ms = 0, .operators = operators, .role = std::string(rest.substr(1))};
}

// In the largest unit that divides it.
std::string write_delay(std::int64_t ms) {
  constexpr std::pair<std::int64_t, const char*> kUnits[] = {{3'600'000, "h"}, {60'000, "m"}, {kMsPerSecond, "s"}};
  for (const auto& [unit, name] : kUnits) {
    if (ms % unit == 0) return std::to_string(ms / unit) + name;
  }
  return std::to_string(ms) + "ms";
}

}  // namespace

std::optional<Action> read_action(std::string_view text) {
  if (text == "deny") return Action{.outcome = Outcome::deny, .delay_ms = 0, .operators = 0, .role = {}};
  if (text == "step up") return Action{.outcome = Outcome::step_up, .delay_ms = 0, .operators = 0, .role = {}};
  if (text.starts_with("delay ")) return read_delay(text.substr(6));
  if (text.starts_with("review ")) return read_review(text.substr(7));
  return std::nullopt;
}

std::string write_action(const Action& action) {
  switch (action.outcome) {
    case Outcome::allow: return "allow";
    case Outcome::delay: return "delay " + write_delay(action.delay_ms);
    case Outcome::step_up: return "step up";
    case Outcome::review: return "review " + std::to_string(action.operators) + " " + action.role;
    case Outcome::deny: return "deny";
  }
  return {};
}

bool is_stricter(const Action& a, const Action& b) {
  return std::tuple(a.outcome, a.delay_ms, a.operators) > std::tuple(b.outcome, b.delay_ms, b.operators);
}

}  // namespace holdfast::policy
