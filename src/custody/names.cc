#include "custody/refusal.h"

namespace holdfast::custody {

std::string_view name(Refusal refusal) {
  switch (refusal) {
    case Refusal::none: return "none";
    case Refusal::amount_not_positive: return "amount_not_positive";
    case Refusal::amount_over_limit: return "amount_over_limit";
    case Refusal::amount_overflows: return "amount_overflows";
    case Refusal::asset_unknown: return "asset_unknown";
    case Refusal::chain_unknown: return "chain_unknown";
    case Refusal::wallet_unknown: return "wallet_unknown";
    case Refusal::signer_unknown: return "signer_unknown";
    case Refusal::customer_unknown: return "customer_unknown";
    case Refusal::withdrawal_unknown: return "withdrawal_unknown";
    case Refusal::spend_unknown: return "spend_unknown";
    case Refusal::incident_unknown: return "incident_unknown";
    case Refusal::freeze_unknown: return "freeze_unknown";
    case Refusal::registration_conflict: return "registration_conflict";
    case Refusal::address_taken: return "address_taken";
    case Refusal::destination_is_own_address: return "destination_is_own_address";
    case Refusal::funds_insufficient: return "funds_insufficient";
    case Refusal::wallet_short: return "wallet_short";
    case Refusal::wallet_compromised: return "wallet_compromised";
    case Refusal::wallet_kind_wrong: return "wallet_kind_wrong";
    case Refusal::frozen: return "frozen";
    case Refusal::idempotency_key_reused: return "idempotency_key_reused";
    case Refusal::state_wrong: return "state_wrong";
    case Refusal::already_done: return "already_done";
    case Refusal::approval_expired: return "approval_expired";
    case Refusal::nonce_wrong: return "nonce_wrong";
    case Refusal::fee_bump_too_small: return "fee_bump_too_small";
    case Refusal::block_not_next: return "block_not_next";
    case Refusal::block_unknown: return "block_unknown";
    case Refusal::destination_forbidden: return "destination_forbidden";
    case Refusal::coin_unknown: return "coin_unknown";
    case Refusal::coin_not_spendable: return "coin_not_spendable";
    case Refusal::coin_reserved: return "coin_reserved";
    case Refusal::coin_not_final: return "coin_not_final";
    case Refusal::change_wrong: return "change_wrong";
    case Refusal::amount_under_limit: return "amount_under_limit";
    case Refusal::review_not_wanted: return "review_not_wanted";
    case Refusal::reviewed_already: return "reviewed_already";
    case Refusal::policy_wrong: return "policy_wrong";
    case Refusal::policy_unknown: return "policy_unknown";
    case Refusal::policy_locked: return "policy_locked";
    case Refusal::policy_outdated: return "policy_outdated";
    case Refusal::proposer_approves: return "proposer_approves";
    case Refusal::case_unknown: return "case_unknown";
    case Refusal::case_closed: return "case_closed";
    case Refusal::case_full: return "case_full";
    case Refusal::too_many_proposals: return "too_many_proposals";
    case Refusal::price_wrong: return "price_wrong";
    case Refusal::price_unknown: return "price_unknown";
    case Refusal::price_jumps: return "price_jumps";
    case Refusal::authorisation_missing: return "authorisation_missing";
    case Refusal::authorisation_invalid: return "authorisation_invalid";
    case Refusal::authorisation_expired: return "authorisation_expired";
    case Refusal::customer_key_unknown: return "customer_key_unknown";
    case Refusal::customer_key_removed: return "customer_key_removed";
    case Refusal::customer_key_known: return "customer_key_known";
    case Refusal::customer_key_wrong: return "customer_key_wrong";
    case Refusal::too_many_customer_keys: return "too_many_customer_keys";
    case Refusal::alarm_wrong: return "alarm_wrong";
  }
  return "unknown";
}

std::string_view explain(Refusal refusal) {
  switch (refusal) {
    case Refusal::none: return "Nothing was refused.";
    case Refusal::amount_not_positive: return "The amount is zero; send a positive amount.";
    case Refusal::amount_over_limit: return "The amount is over the asset's limit for one withdrawal; split it or have the limit raised.";
    case Refusal::amount_overflows: return "The amount and its fee together are over 2^127 - 1 base units.";
    case Refusal::asset_unknown: return "No such asset is registered; GET /v1/assets lists them.";
    case Refusal::chain_unknown: return "No such chain is registered.";
    case Refusal::wallet_unknown: return "No such wallet is registered; GET /v1/wallets lists them.";
    case Refusal::signer_unknown: return "No such signer is registered.";
    case Refusal::customer_unknown: return "No such customer; create the customer first.";
    case Refusal::withdrawal_unknown: return "No such withdrawal.";
    case Refusal::spend_unknown: return "No such spend.";
    case Refusal::incident_unknown: return "No such incident.";
    case Refusal::freeze_unknown: return "No such freeze.";
    case Refusal::registration_conflict: return "It is registered already with other facts that can never change; correct the configuration.";
    case Refusal::address_taken: return "The address belongs to somebody else already.";
    case Refusal::destination_is_own_address: return "The destination is an address of this exchange; move the balance inside instead.";
    case Refusal::funds_insufficient: return "The customer's available balance is less than the amount and its fee.";
    case Refusal::wallet_short: return "No hot wallet holds enough of this asset yet; it waits for a refill.";
    case Refusal::wallet_compromised: return "The wallet's key is known to others; it only evacuates.";
    case Refusal::wallet_kind_wrong: return "A wallet of this kind cannot do that.";
    case Refusal::frozen: return "Frozen; GET /v1/freezes tells why. Try again after it is lifted.";
    case Refusal::idempotency_key_reused: return "The idempotency key was used for a different request; use a new key.";
    case Refusal::state_wrong: return "It is not in a state in which this can be done.";
    case Refusal::already_done: return "It was done already.";
    case Refusal::approval_expired: return "The approval has expired.";
    case Refusal::nonce_wrong: return "Another spend of this wallet must go first.";
    case Refusal::fee_bump_too_small: return "A replacement must raise both fees by at least 10 %.";
    case Refusal::block_not_next: return "The block does not follow the newest known block.";
    case Refusal::block_unknown: return "The block is not the newest known one.";
    case Refusal::destination_forbidden: return "The destination is a contract that cannot give the money back, or a key that must hold none; choose another.";
    case Refusal::coin_unknown: return "No such coin.";
    case Refusal::coin_not_spendable: return "The coin is spent, gone, of another wallet, or named twice.";
    case Refusal::coin_reserved: return "Another spend counts on the coin.";
    case Refusal::coin_not_final: return "What pays rests on final coins and on change of our own; this coin is neither.";
    case Refusal::change_wrong: return "The change script is missing, not wanted, or of an index that was used.";
    case Refusal::amount_under_limit: return "The amount is under the asset's least for one withdrawal; ask for more.";
    case Refusal::review_not_wanted: return "No review by anybody of your roles is missing; the withdrawal's verdict tells whose is.";
    case Refusal::reviewed_already: return "You have approved it already; somebody else has to.";
    case Refusal::policy_wrong: return "It is no policy, or too long; `holdfast policy lint` tells what is wrong.";
    case Refusal::policy_unknown: return "No such policy; GET /v1/policies lists them.";
    case Refusal::policy_locked: return "It loosens the policy in force, and the time lock is not over; GET /v1/policies tells when it is.";
    case Refusal::policy_outdated: return "Another policy has come into force since it was proposed; propose it again.";
    case Refusal::proposer_approves: return "Who proposed it cannot approve it; somebody else has to.";
    case Refusal::case_unknown: return "No such case; GET /v1/cases lists them.";
    case Refusal::case_closed: return "Nothing in it waits for people any more.";
    case Refusal::case_full: return "It has as many notes as a case may have.";
    case Refusal::too_many_proposals: return "8 of your proposals are open, or you made 20 within a day: drop one, or wait.";
    case Refusal::price_wrong: return "A price of zero is no price.";
    case Refusal::price_unknown: return "The asset has no price yet: an operator has to tell the first one, or the configuration.";
    case Refusal::price_jumps:
      return "Over twice, or under half, of what it has been within the last hour or so: the price before stays. Tell it again as time goes on.";
    case Refusal::authorisation_missing: return "The customer has enrolled keys: one of them has to sign this.";
    case Refusal::authorisation_invalid: return "The authorisation is not by this key over this text; POST /v1/withdrawals/intent tells the text.";
    case Refusal::authorisation_expired: return "The customer's authorisation has expired; have it signed anew.";
    case Refusal::customer_key_unknown: return "The customer has no such key.";
    case Refusal::customer_key_removed: return "This key was removed; it speaks for nobody any more.";
    case Refusal::customer_key_known: return "The customer has, or had, this very key; a key that was removed never comes back.";
    case Refusal::customer_key_wrong: return "This is no key, or its name is longer than 64 bytes.";
    case Refusal::too_many_customer_keys: return "The customer has 16 keys; remove one first.";
    case Refusal::alarm_wrong: return "An alarm's code is 1 to 64 small letters, digits and underscores.";
  }
  return "unknown";
}

std::string_view name(Reason reason) {
  switch (reason) {
    case Reason::none: return "none";
    case Reason::rejected_by_operator: return "rejected_by_operator";
    case Reason::cancelled_by_customer: return "cancelled_by_customer";
    case Reason::approval_expired: return "approval_expired";
    case Reason::failed_on_chain: return "failed_on_chain";
    case Reason::nonce_superseded: return "nonce_superseded";
    case Reason::denied_by_policy: return "denied_by_policy";
    case Reason::destination_relabelled: return "destination_relabelled";
  }
  return "unknown";
}

}  // namespace holdfast::custody
