// What is there to do? A pure reading of the state: the same after a crash as before it, because nothing is remembered.
#pragma once

#include "chain/port.h"
#include "custody/commands.h"
#include "custody/state.h"

#include <map>
#include <set>
#include <vector>

namespace holdfast::engine {

struct PlanLimits {
  std::size_t spends_per_wallet = 16;  // Withdrawals on their way at once.
  std::size_t sweep_addresses = 40;    // In one transaction.
  std::size_t examined = 10'000;       // Approved withdrawals looked at in one round.
  std::int64_t sweep_pause_ms = 20'000;  // Before an address is swept again: one that cannot be emptied must not crowd out others.
  std::uint8_t reverts = 2;            // Failed outer transactions before a withdrawal is given up and its nonce burnt.
};

struct PlanInput {
  Instant now;
  std::set<custody::SignerId> attached;                 // Signers that can be asked.
  std::set<custody::SignerId> gone;                     // Signers that have been away for a while.
  std::map<custody::ChainId, chain::FeeQuote> quotes;   // To leave enough native coin for a rescue's own fees.
  std::set<custody::SpendId> refused;                   // So many signers refused that the quorum cannot come together.
};

// A consolidation that the signers refuse, or a withdrawal's spend that will not be paid any more: its approval has run out
// before anything was signed, the signers will not come together over it, or it keeps failing.
bool is_given_up(const custody::State& state, const custody::Spend& spend, const PlanInput& input, const PlanLimits& limits);

// Commands to submit, in order. What only a chain of coins plans is not among them: Builder::plan(). Each may be refused
// when the state has moved on; then nothing is lost.
std::vector<custody::Command> plan(const custody::State& state, const PlanInput& input, const PlanLimits& limits);

}  // namespace holdfast::engine
