// What holds for every withdrawal and every purpose, whatever kind of chain they are on. Pure.
#pragma once

#include "base/instant.h"
#include "signer.pb.h"
#include "signer/effect.h"
#include "signer/memory.h"
#include "signer/policy.h"

#include <cstdint>

namespace holdfast::signer {

using Judged = Checked<void>;

// Whether an approval may begin a payment now. approval_expired, approval_too_long
Judged judge_expiry(const Policy& policy, Instant expires_at, Instant now);

// What was signed stands for ever: an id signed long before its turn could never be used rightly. withdrawal_id_too_far
Judged judge_id(const Memory& memory, std::uint64_t id);

// What moves money to where others choose stops in a freeze. The rest saves, or moves nothing.
bool stops_in_freeze(proto::SignRequest::Purpose purpose);

// How far ahead of the highest so far a nonce, or an index, may lie: others may have signed on without this signer, hence
// for each hour.
inline constexpr std::uint64_t kReachPerHour = 1'000;
bool is_within_reach(std::uint64_t wanted, std::uint64_t highest, Instant since, Instant now);

}  // namespace holdfast::signer
