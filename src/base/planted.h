// Planted bugs: defects on purpose, to prove that the simulator would find them (sim/README.md lists where each one is).
//
// Without HF_PLANTED_BUGS, HF_PLANTED(x) is the constant false: no code of a planted bug is in any program but
// holdfast-sim-planted, and there only the one that was chosen is alive.
#pragma once

namespace holdfast {

enum class PlantedBug : unsigned char {
  none = 0,
  sync_lies,                 // The disk says durable before it is.
  broadcast_before_durable,  // A transaction goes to the node before its attempt is in the journal.
  hold_not_released,         // A rejected withdrawal's money stays reserved.
  credit_before_final,       // A deposit is credited when it is seen.
  reorg_not_undone,          // A deposit whose block is gone stays in the books.
  paid_at_two_nonces,     // A withdrawal that failed once is planned again at a new nonce while the first may be mined.
  request_forgotten,      // After a restart a request id is taken for a new one.
  signer_forgets,         // A signer's memory of what it signed is empty after a restart.
  signer_ignores_freeze,  // A signer acknowledges a freeze and goes on.
  expiry_gives_back_early,  // An expired approval returns the money although a signed transaction is alive.
  bump_at_new_nonce,        // A fee bump is signed at the next nonce, beside the first transaction.
  sweep_counted_twice,      // Swept money is credited to the hot wallet once more.
  evacuation_elsewhere,     // The rescue of a single-key wallet goes to an address of the rescuer's choice.
  frozen_attempt,           // A signature that arrives after a freeze still becomes an attempt.
  snapshot_loses_holds,     // A snapshot leaves out a field.
  own_fee_forgotten,        // Network fees of our own transactions are not booked.
  approval_skipped,         // A withdrawal over the limit needs no person.
  foreign_spend_ignored,    // A transaction by a stolen key raises no alarm.
};

#ifdef HF_PLANTED_BUGS
inline PlantedBug planted_bug = PlantedBug::none;
#define HF_PLANTED(bug) (::holdfast::planted_bug == ::holdfast::PlantedBug::bug)
#else
#define HF_PLANTED(bug) false
#endif

}  // namespace holdfast
