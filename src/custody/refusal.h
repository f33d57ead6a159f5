// Every way in which custody says no. Each has a stable name; the API serves it as a problem type (docs/api/problems.md).
#pragma once

#include <cstdint>
#include <string_view>

namespace holdfast::custody {

// Numbers may be stored by callers: add at the end, never renumber.
enum class Refusal : std::uint8_t {
  none = 0,
  amount_not_positive,
  amount_over_limit,
  amount_overflows,
  asset_unknown,
  chain_unknown,
  wallet_unknown,
  signer_unknown,
  customer_unknown,
  withdrawal_unknown,
  spend_unknown,
  incident_unknown,
  freeze_unknown,
  registration_conflict,
  address_taken,
  destination_is_own_address,
  funds_insufficient,
  wallet_short,
  wallet_compromised,
  wallet_kind_wrong,
  frozen,
  idempotency_key_reused,
  state_wrong,
  already_done,
  approval_expired,
  nonce_wrong,
  fee_bump_too_small,
  block_not_next,
  block_unknown,
  destination_forbidden,
  coin_unknown,
  coin_not_spendable,
  coin_reserved,
  coin_not_final,
  change_wrong,
  amount_under_limit,
  review_not_wanted,
  reviewed_already,
  policy_wrong,
  policy_unknown,
  policy_locked,
  policy_outdated,
  proposer_approves,
  case_unknown,
  case_closed,
  case_full,
  too_many_proposals,
  price_wrong,
  price_unknown,
  price_jumps,
  authorisation_missing,
  authorisation_invalid,
  authorisation_expired,
  customer_key_unknown,
  customer_key_removed,
  customer_key_known,
  customer_key_wrong,
  too_many_customer_keys,
  alarm_wrong,
};

std::string_view name(Refusal refusal);
// One sentence: what is wrong and how to mend it.
std::string_view explain(Refusal refusal);

// Why a withdrawal ended without being paid. Stored in the journal: add at the end, never renumber.
enum class Reason : std::uint8_t {
  none = 0,
  rejected_by_operator,
  cancelled_by_customer,
  approval_expired,
  failed_on_chain,
  nonce_superseded,
  denied_by_policy,
  destination_relabelled,
};

std::string_view name(Reason reason);

}  // namespace holdfast::custody
