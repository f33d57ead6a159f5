#include "signer/withdrawal_rules.h"

#include <fmt/format.h>
#include <algorithm>

namespace holdfast::signer {
namespace {

using proto::SignRequest;

constexpr std::int64_t kMsPerHour = 60 * 60 * kMsPerSecond;
constexpr std::uint64_t kWithdrawalReach = 1'000'000;

}  // namespace

Judged judge_expiry(const Policy& policy, Instant expires_at, Instant now) {
  if (expires_at <= now) return no(Refusal::approval_expired);
  // Compared this way round, a hostile time cannot overflow.
  if (expires_at > now + policy.max_approval_ms) return no(Refusal::approval_too_long);
  return {};
}

Judged judge_id(const Memory& memory, std::uint64_t id) {
  const std::uint64_t highest = memory.highest_withdrawal();
  if (highest == 0 || id <= highest || id - highest <= kWithdrawalReach) return {};
  return no(Refusal::withdrawal_id_too_far, fmt::format("{}, {} is the highest so far", id, highest));
}

bool stops_in_freeze(SignRequest::Purpose purpose) {
  return purpose != SignRequest::EVACUATION && purpose != SignRequest::BURN && purpose != SignRequest::GUARD_FREEZE;
}

bool is_within_reach(std::uint64_t wanted, std::uint64_t highest, Instant since, Instant now) {
  if (wanted <= highest) return true;
  const std::int64_t hours = std::max<std::int64_t>(0, now - since) / kMsPerHour;
  return (wanted - highest - 1) / kReachPerHour <= static_cast<std::uint64_t>(hours);
}

}  // namespace holdfast::signer
