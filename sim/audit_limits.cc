#include "sim/audit_limits.h"

#include "sim/installation.h"
#include "sim/law.h"

#include <fmt/format.h>

namespace holdfast::sim {
namespace {

constexpr std::int64_t kDayMs = 24 * 3'600'000;
constexpr std::int64_t kHourMs = 3'600'000;

}  // namespace

void AuditLimits::requested(const record::WithdrawalRequested& e, std::int64_t at_ms, std::optional<Uint128> micro_usd) {
  Asked& added = asked_[e.withdrawal()];
  added = {e.customer(), at_ms, micro_usd.value_or(0), true, false, false, {}};
  Uint128 day = 0;
  std::uint64_t hour = 0;
  for (const auto& [id, one] : asked_) {
    if (!one.counts) continue;
    if (one.customer == added.customer && at_ms - one.at_ms < kDayMs) day += one.micro_usd;
    if (at_ms - one.at_ms < kHourMs) ++hour;
  }
  added.over_limit = !micro_usd || day > Uint128{kCustomerDayUsd} * 1'000'000;
  added.over_pace = hour > kPlatformHourCount;
}

void AuditLimits::denied(std::uint64_t withdrawal) { asked_.at(withdrawal).counts = false; }
void AuditLimits::reviewed(std::uint64_t withdrawal, const std::string& role) { asked_.at(withdrawal).roles.insert(role); }

void AuditLimits::approved(std::uint64_t withdrawal, std::int64_t at_ms) const {
  const Asked& one = asked_.at(withdrawal);
  if (!one.counts) throw LawBroken{"2 intent", fmt::format("withdrawal {} was denied, and is approved", withdrawal)};
  if (one.over_limit && !one.roles.contains("risk")) {
    throw LawBroken{"2 intent", fmt::format("withdrawal {} is over its customer's limit, and nobody of risk has looked at it", withdrawal)};
  }
  if (one.over_pace && at_ms - one.at_ms < kPaceDelayMs) {
    throw LawBroken{"2 intent", fmt::format("withdrawal {} came at a pace that has to wait, and did not", withdrawal)};
  }
}

}  // namespace holdfast::sim
