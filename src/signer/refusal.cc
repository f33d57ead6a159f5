#include "signer/refusal.h"

#include "base/check.h"

#include <array>

namespace holdfast::signer {
namespace {

struct Row {
  Refusal refusal;
  std::string_view name;
  std::string_view text;
};

#define HF_ROW(refusal, text) \
  Row { Refusal::refusal, #refusal, text }

constexpr std::array<Row, kRefusalCount> kRows = {{
    HF_ROW(request_malformed, "The request does not say which kind of signature it wants, or what for."),
    HF_ROW(chain_unknown, "The signer's configuration does not name this chain."),
    HF_ROW(account_unknown, "The signer holds no key for this account, or its configuration does not list it."),
    HF_ROW(wallet_unknown,
           "The signer's configuration does not name this wallet of coins."),

    HF_ROW(transaction_malformed,
           "The bytes are not one unsigned transaction in canonical form, without anything after it."),
    HF_ROW(transaction_type_unsupported,
           "Only EIP-1559 transactions (type 2) are signed, and of coins those of version 2."),
    HF_ROW(chain_id_differs, "The transaction names another chain than the request."),
    HF_ROW(access_list_present, "The transaction carries an access list, which nothing here needs."),
    HF_ROW(contract_creation, "The transaction has no recipient: it would create a contract."),
    HF_ROW(psbt_malformed,
           "The bytes are not a PSBT of version 2 that describes one transaction the network could take."),
    HF_ROW(transaction_too_large,
           "The transaction, or its PSBT, is larger than nodes relay."),
    HF_ROW(locktime_unsupported,
           "The locktime has to be a block's height, not a time."),
    HF_ROW(sequence_unsupported,
           "An input's sequence is neither 0xfffffffd nor 0xfffffffe."),
    HF_ROW(input_twice,
           "The same coin is spent twice."),
    HF_ROW(utxo_missing,
           "An input does not show what it spends; segwit v0 needs the whole previous transaction."),
    HF_ROW(utxo_differs,
           "What an input is said to spend is not what its outpoint names."),
    HF_ROW(input_foreign,
           "An input is not the wallet's at the derivation that the PSBT states for the signer's own key."),
    HF_ROW(sighash_unsupported,
           "Only signatures over the whole transaction are made: ALL, of Taproot DEFAULT."),
    HF_ROW(outputs_exceed_inputs,
           "The outputs are worth more than the inputs."),
    HF_ROW(output_dust,
           "An output is worth less than it would cost to spend."),

    HF_ROW(gas_too_high, "The gas limit is over the configured max_gas."),
    HF_ROW(fee_too_high,
           "The fee per gas is over max_fee_gwei; of coins: the fee is over max_fee, or in an evacuation over half of the value."),
    HF_ROW(priority_fee_too_high, "The priority fee is over the configured max_priority_gwei, or over the fee itself."),
    HF_ROW(feerate_too_high,
           "The fee for each virtual byte is over max_feerate, or in an evacuation over rescue_max_feerate."),
    HF_ROW(over_fee_limit,
           "With this transaction the last 24 hours of the account, or of the chain's coins, would be over fees_per_day."),

    HF_ROW(target_unknown, "The transaction calls a contract that the configuration does not name."),
    HF_ROW(call_unknown, "The calldata is none of the calls that the signer can explain."),
    HF_ROW(call_malformed, "The calldata is not the canonical encoding of its call, or something follows it."),
    HF_ROW(value_unexpected, "Coins are sent along with a call that takes none."),
    HF_ROW(delegatecall, "The Safe would run foreign code as its own; a delegatecall is never signed."),
    HF_ROW(refund_set, "The Safe would refund gas; all four refund fields must be zero."),
    HF_ROW(safe_tx_gas_zero, "With safeTxGas 0 a failing payment would not use up the Safe's nonce; set it."),
    HF_ROW(safe_tx_gas_too_high, "safeTxGas is over the configured max_gas: the payment could never be mined."),
    HF_ROW(signatures_unexpected, "A signature stands where it is only now asked for; leave it empty."),
    HF_ROW(quorum_missing, "The Safe transaction carries fewer owners' signatures than the configured threshold."),
    HF_ROW(owner_signature_invalid,
           "A signature inside is not by a listed owner, is there twice or out of order, or is for other content."),
    HF_ROW(deadline_passed, "The deadline inside the call has passed by the signer's own clock."),
    HF_ROW(deadline_too_far, "The deadline inside the call is more than 2 hours ahead by the signer's own clock."),

    HF_ROW(effect_differs, "What the transaction does is not what the request's purpose says."),
    HF_ROW(recipient_differs, "The transaction pays another address than the withdrawal names."),
    HF_ROW(asset_differs, "The transaction moves another asset than the withdrawal names."),
    HF_ROW(amount_differs, "The transaction moves another amount than the withdrawal names."),
    HF_ROW(evacuation_elsewhere,
           "An evacuation may go to the configured cold address or script and nowhere else."),
    HF_ROW(burn_moves_money,
           "A burn sends nothing to the wallet itself, with empty data; of coins: all of them to one change output."),
    HF_ROW(output_unexpected,
           "An output is neither one of the withdrawals nor the one change output that is allowed."),
    HF_ROW(change_differs,
           "An output is said to be the wallet's change and is not what the wallet derives there."),

    HF_ROW(withdrawal_malformed,
           "The withdrawal lacks its id, a positive amount or a destination; or it is in its batch twice."),
    HF_ROW(asset_unknown, "The signer's configuration does not list this asset."),
    HF_ROW(destination_forbidden,
           "The destination is the zero address, a token's contract, an own address, or a script that nobody surely can spend from."),
    HF_ROW(approval_expired, "The approval has expired by the signer's own clock; approve anew."),
    HF_ROW(approval_too_long, "The approval would be valid for longer than the configured max_approval_hours."),
    HF_ROW(over_withdrawal_limit, "The amount is over the signer's own limit for one withdrawal of this asset."),
    HF_ROW(over_day_limit, "With this amount the last 24 hours would be over the signer's own limit for this asset."),

    HF_ROW(withdrawal_unknown, "Nobody asked for such a withdrawal in the part of the journal that the signer has."),
    HF_ROW(withdrawal_unlike, "The withdrawal's asset, amount or destination is not what the journal says was asked for."),
    HF_ROW(withdrawal_repeated, "Its request id was used for an earlier withdrawal: one word of the customer pays once."),
    HF_ROW(withdrawal_unapproved, "The journal holds no approval of the withdrawal that is in force and the same as stated."),
    HF_ROW(withdrawal_ended, "The journal says that the withdrawal was rejected or returned."),
    HF_ROW(balance_unproven,
           "The customer asked for more of this asset than the signer saw arrive on its own chain node."),
    HF_ROW(authorisation_missing, "The customer is enrolled, and no key of theirs has signed for this withdrawal."),
    HF_ROW(authorisation_invalid,
           "What is said to be the customer's signature is not one over this withdrawal's canonical intent."),
    HF_ROW(authorisation_expired, "The customer's word was good until a time that has passed; it has to be asked for anew."),
    HF_ROW(customer_key_not_in_force,
           "The customer's key is removed, too new, not known, or was signed for by no key that was in force."),
    HF_ROW(destination_too_new,
           "The customer named this destination too short a time ago for such an amount."),
    HF_ROW(over_customer_limit,
           "With it the last 24 hours of this customer, who has no key in force, would be over unenrolled_customer_day."),
    HF_ROW(over_unenrolled_limit,
           "With it the last 24 hours of all customers without a key in force would be over unenrolled_day."),
    HF_ROW(approvals_missing,
           "So much takes approvals: too few of the signer's own approvers have signed the canonical decision."),

    HF_ROW(withdrawal_bound_elsewhere,
           "The withdrawal was signed at another wallet, nonce or chain; it stays there for ever."),
    HF_ROW(withdrawal_changed, "The withdrawal was signed with another recipient, asset or amount."),
    HF_ROW(nonce_taken,
           "This nonce of the wallet carries something else; only a burn or an evacuation may replace it."),
    HF_ROW(nonce_burned, "A burn was signed at this nonce of the wallet; no withdrawal is signed there again."),
    HF_ROW(nonce_too_far, "The nonce is far above every nonce that was signed at this wallet before."),
    HF_ROW(withdrawal_id_too_far, "The withdrawal's id is more than a million above every id that was signed before."),
    HF_ROW(batch_changed,
           "The withdrawal was signed together with others; it is paid with exactly these for ever."),
    HF_ROW(coin_left_out,
           "An earlier payment of the withdrawal spends a coin that this one does not: both could be mined."),
    HF_ROW(coin_taken,
           "The coin was signed into a payment of other withdrawals; only a burn or an evacuation may spend it."),
    HF_ROW(coin_burned,
           "The coin was signed into a burn; nothing is paid from it again."),
    HF_ROW(change_too_far,
           "The change output's index is far above every index that was signed for this wallet before."),

    HF_ROW(retired, "The signer was retired: it signs nothing more."),
    HF_ROW(memory_lost,
           "The signer was restored without its journal: what it signed before it does not know, so it signs what saves and nothing else."),
    HF_ROW(frozen, "The signer is frozen; only evacuations, burns and freezes are signed until its operator thaws it."),
    HF_ROW(clock_wrong, "The signer's clock is more than a minute behind its own newest record; set the clock right."),
    HF_ROW(journal_not_followed,
           "The signer does not trust its copy of holdfastd's journal: forked, rolled back, broken or not there; see its log."),
    HF_ROW(journal_behind, "The question rests on records of the journal that the signer does not have yet; ask again."),
    HF_ROW(head_stale,
           "Too few of the other witnesses have vouched lately for the journal that the signer has; ask again."),
    HF_ROW(watch_silent, "The signer has not looked at this chain with its own node for a minute; see its log."),
    HF_ROW(journal_unavailable,
           "The signer could not make its own record durable, so nothing was signed; see its log."),
    HF_ROW(key_unavailable, "The token that holds the key does not answer: it may sign when it is asked again."),
    HF_ROW(records_too_many,
           "More was signed in a short time than the signer remembers; it goes on as fast as its memory may grow."),
}};
#undef HF_ROW

constexpr bool in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].refusal) != i) return false;
  }
  return true;
}
static_assert(in_order(), "one row for each enumerator, in its order");

const Row& row(Refusal refusal) {
  const auto index = static_cast<std::size_t>(refusal);
  HF_CHECK(index < kRows.size());
  return kRows[index];
}

}  // namespace

std::string_view name(Refusal refusal) { return row(refusal).name; }
std::string_view explain(Refusal refusal) { return row(refusal).text; }

}  // namespace holdfast::signer
