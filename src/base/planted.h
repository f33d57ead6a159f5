// Planted bugs: defects on purpose, to prove that the simulator would find them (sim/README.md).
//
// Without HF_PLANTED_BUGS, HF_PLANTED(x) is the constant false: no code of a planted bug is in any program but
// holdfast-sim-planted, and there only the one that was chosen is alive.
#pragma once

#ifdef HF_PLANTED_BUGS

namespace holdfast {

enum class PlantedBug : unsigned char {
  none = 0,
  sync_lies,                 // The disk says durable before it is.
  broadcast_before_durable,  // A transaction goes to the node before its attempt is in the journal.
  hold_not_released,         // A rejected withdrawal's money stays reserved.
  approval_skipped,          // A large withdrawal needs no person.
  cancelled_while_signed,    // A customer may cancel what is already on its way.
  request_forgotten,         // After a restart a request id is taken for a new one.
  snapshot_loses_unswept,    // A snapshot leaves out a field.
  credit_before_final,       // Every block is taken for final at once.
  reorg_not_undone,          // A deposit whose block is gone stays in the books.
  sweep_counted_twice,       // A swept token is booked as moved twice.
  own_fee_forgotten,         // Network fees of our own transactions are not booked.
  loss_without_incident,     // Money is missing, and nobody is told.
  stolen_owner_ignored,      // A stolen owner's signature raises no alarm.
  gas_nonce_not_filled,      // An outsider relayed our call; the gas wallet waits for its own for ever.
  paid_at_two_nonces,        // A withdrawal whose transaction failed is planned again, at a new nonce.
  bump_at_new_nonce,         // A fee bump is signed at the next nonce, beside the first transaction.
  frozen_attempt,            // A signature that arrives after a freeze still becomes an attempt.
  evacuation_elsewhere,      // A single-key wallet is rescued to a gas wallet.
  signer_forgets,            // A signer's memory of what it signed is empty after a restart.
  signer_ignores_freeze,     // A signer acknowledges a freeze and goes on.
  coin_spent_twice,          // Two payments may count on the same coin.
  change_not_booked,         // What comes back from a payment of coins is overlooked.
  replacement_with_other_coins,  // A fee bump leaves out the coins of the transaction that it is to replace.
  tiers_ignored,             // A large deposit is credited as early as a small one.
  child_outlives_parent,     // What spends change of an attempt waits on when another attempt is final.
  reserve_broadcast_early,   // An evacuation signed beforehand goes out at once.
  windows_cold,              // After a start the windows are empty: what was asked for before does not count.
  windows_blind,             // What waits for a person does not count towards the limits.
  signer_signs_unrecorded,   // A signature leaves although its record could not be written.
  request_id_twice,          // A signer pays one request id as often as the journal repeats it.
  balance_believed,          // A signer takes the journal's word for what a customer has.
  customers_unasked,         // A signer does not ask whether an enrolled customer signed.
  later_keys_unvouched,      // A signer takes any key that the journal enrols for a customer.
  approvals_unasked,         // A signer does not count the approvers of a large withdrawal.
};

inline PlantedBug planted_bug = PlantedBug::none;

}  // namespace holdfast

#define HF_PLANTED(bug) (::holdfast::planted_bug == ::holdfast::PlantedBug::bug)
#else
#define HF_PLANTED(bug) false
#endif
