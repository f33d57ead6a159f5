// Every way in which a signer says no. The names are stable: holdfastd, the docs (docs/api/signer-refusals.md) and the
// tests match on them.
#pragma once

#include <cstdint>
#include <string_view>

namespace holdfast::signer {

enum class Refusal : std::uint8_t {
  // The request itself.
  request_malformed,
  chain_unknown,
  account_unknown,
  wallet_unknown,

  // The transaction's form.
  transaction_malformed,
  transaction_type_unsupported,
  chain_id_differs,
  access_list_present,
  contract_creation,
  psbt_malformed,
  transaction_too_large,
  locktime_unsupported,
  sequence_unsupported,
  input_twice,
  utxo_missing,
  utxo_differs,
  input_foreign,
  sighash_unsupported,
  outputs_exceed_inputs,
  output_dust,

  // What it pays the network.
  gas_too_high,
  fee_too_high,
  priority_fee_too_high,
  feerate_too_high,
  over_fee_limit,

  // What it does.
  target_unknown,
  call_unknown,
  call_malformed,
  value_unexpected,
  delegatecall,
  refund_set,
  safe_tx_gas_zero,
  safe_tx_gas_too_high,
  signatures_unexpected,
  quorum_missing,
  owner_signature_invalid,
  deadline_passed,
  deadline_too_far,

  // What it does, against what it was said to do.
  effect_differs,
  recipient_differs,
  asset_differs,
  amount_differs,
  evacuation_elsewhere,
  burn_moves_money,
  output_unexpected,
  change_differs,

  // The withdrawal.
  withdrawal_malformed,
  asset_unknown,
  destination_forbidden,
  approval_expired,
  approval_too_long,
  over_withdrawal_limit,
  over_day_limit,

  // Who says so.
  withdrawal_unknown,
  withdrawal_unlike,
  withdrawal_repeated,
  withdrawal_unapproved,
  withdrawal_ended,
  balance_unproven,
  authorisation_missing,
  authorisation_invalid,
  authorisation_expired,
  customer_key_not_in_force,
  destination_too_new,
  over_customer_limit,
  over_unenrolled_limit,
  approvals_missing,

  // What was signed before.
  withdrawal_bound_elsewhere,
  withdrawal_changed,
  nonce_taken,
  nonce_burned,
  nonce_too_far,
  withdrawal_id_too_far,
  batch_changed,
  coin_left_out,
  coin_taken,
  coin_burned,
  change_too_far,

  // The signer's own state.
  retired,
  memory_lost,
  frozen,
  clock_wrong,
  journal_not_followed,
  journal_behind,
  head_stale,
  watch_silent,
  journal_unavailable,
  key_unavailable,
  records_too_many,
};

inline constexpr std::size_t kRefusalCount = static_cast<std::size_t>(Refusal::records_too_many) + 1;

// A literal, snake_case, equal to the enumerator.
std::string_view name(Refusal refusal);
// One sentence: what is wrong and how to mend it.
std::string_view explain(Refusal refusal);

}  // namespace holdfast::signer
