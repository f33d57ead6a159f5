#include "policy/verdict.h"

#include "base/instant.h"
#include "policy/cel/functions/civil_time.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace holdfast::policy {
namespace {

constexpr std::int64_t kNanosPerMs = 1'000'000;
constexpr std::uint32_t kMostOperators = 9;
constexpr std::size_t kLongestRole = 32;

bool is_role(std::string_view text) {
  return !text.empty() && text.size() <= kLongestRole &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

bool read_delay(std::string_view text, Demand& demand) {
  std::int64_t nanos = 0;
  if (cel::read_duration(text, nanos) != cel::DurationProblem::none) return false;
  demand.delay_ms = nanos / kNanosPerMs;
  return demand.delay_ms > 0 && demand.delay_ms <= 30 * kMsPerDay;
}

bool read_review(std::string_view text, Demand& demand) {
  std::uint32_t operators = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), operators);
  const std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
  if (error != std::errc() || operators == 0 || operators > kMostOperators || !rest.starts_with(' ')) return false;
  demand.review[std::string(rest.substr(1))] = operators;
  return is_role(rest.substr(1));
}

bool read_part(std::string_view text, Demand& demand) {
  if (text == "step up") return demand.step_up = true;
  if (text.starts_with("delay ")) return read_delay(text.substr(6), demand);
  return text.starts_with("review ") && read_review(text.substr(7), demand);
}

}  // namespace

std::string write_length(std::int64_t ms) {
  constexpr std::pair<std::int64_t, const char*> kUnits[] = {{3'600'000, "h"}, {60'000, "m"}, {kMsPerSecond, "s"}};
  for (const auto& [unit, name] : kUnits) {
    if (ms % unit == 0) return fmt::format("{}{}", ms / unit, name);
  }
  return fmt::format("{}ms", ms);
}

Demand both(const Demand& a, const Demand& b) {
  if (a.deny || b.deny) return {.deny = true, .review = {}, .step_up = false, .delay_ms = 0};
  Demand out = a;
  for (const auto& [role, operators] : b.review) out.review[role] = std::max(out.review[role], operators);
  out.step_up = a.step_up || b.step_up;
  out.delay_ms = std::max(a.delay_ms, b.delay_ms);
  return out;
}

const Demand& frozen_demand() {
  static const Demand demand{.deny = false, .review = {{"risk", 2}}, .step_up = false, .delay_ms = 0};
  return demand;
}

std::optional<Demand> read_demand(std::string_view text) {
  if (text == "allow") return Demand{};
  if (text == "deny") return Demand{.deny = true, .review = {}, .step_up = false, .delay_ms = 0};
  Demand out;
  for (;;) {
    const std::size_t comma = text.find(", ");
    Demand part;
    if (!read_part(text.substr(0, comma), part)) return std::nullopt;
    out = both(out, part);
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 2);
  }
}

std::string write_demand(const Demand& demand) {
  if (demand.allows()) return "allow";
  if (demand.deny) return "deny";
  std::vector<std::string> parts;
  for (const auto& [role, operators] : demand.review) parts.push_back(fmt::format("review {} {}", operators, role));
  if (demand.step_up) parts.emplace_back("step up");
  if (demand.delay_ms > 0) parts.push_back("delay " + write_length(demand.delay_ms));
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace holdfast::policy
