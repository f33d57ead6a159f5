// Custody's accounts in the books, by the ids custody uses.
#pragma once

#include "custody/state.h"
#include "ledger/books.h"

namespace holdfast::custody {

using ledger::AccountId;
using ledger::AccountKind;

inline AccountId wallet_account(WalletId wallet, AssetId asset) { return {AccountKind::wallet, wallet.value, asset.value}; }
inline AccountId incoming_account(AssetId asset) { return {AccountKind::incoming, 0, asset.value}; }
inline AccountId transit_account(AssetId asset) { return {AccountKind::in_transit, 0, asset.value}; }
inline AccountId available_account(CustomerId customer, AssetId asset) {
  return {AccountKind::customer_available, customer.value, asset.value};
}
inline AccountId held_account(CustomerId customer, AssetId asset) {
  return {AccountKind::customer_held, customer.value, asset.value};
}
inline AccountId fee_income_account(AssetId asset) { return {AccountKind::fee_income, 0, asset.value}; }
inline AccountId network_fees_account(AssetId asset) { return {AccountKind::network_fees, 0, asset.value}; }
inline AccountId loss_account(IncidentId incident, AssetId asset) { return {AccountKind::loss, incident.value, asset.value}; }
inline AccountId capital_account(AssetId asset) { return {AccountKind::capital, 0, asset.value}; }

// Books one transfer with the next number; a zero amount books nothing.
inline void post(State& state, AccountId debit, AccountId credit, Amount amount) {
  if (!amount.is_zero()) state.books.post({state.books.next_transfer(), debit, credit, amount});
}

}  // namespace holdfast::custody
