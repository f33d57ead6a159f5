// The state machine of custody: money comes in, is judged, goes out, exactly once.
//
//   decide(state, command, now, events)   May this happen?     -> the events, or a refusal and none
//   apply(state, event)                   This has happened.   -> cannot refuse
//   check(state)                          Do the laws hold?    -> ends the process if not
//
// decide changes nothing and reads no clock, file, socket or random number. apply takes the same path live and on replay.
#pragma once

#include "base/result.h"
#include "custody/commands.h"
#include "custody/events.h"
#include "custody/refusal.h"
#include "custody/state.h"

#include <vector>

namespace holdfast::custody {

inline constexpr std::int64_t kApprovalLifetimeMs = 30 * 60 * 1000;

using Events = std::vector<Event>;

// Appends to `events` what the command leads to: possibly nothing, when it was done before. On a refusal `events` is as it was.
// Without a judge and with a policy in force no withdrawal goes on without people.
Refusal decide(const State& state, const Command& command, Instant now, Events& events, WithdrawalJudge* judge = nullptr);

void apply(State& state, const Event& event);

// Walks everything: for tests, the simulator and after a replay, not for every command.
void check(const State& state);

}  // namespace holdfast::custody
