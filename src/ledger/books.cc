#include "ledger/books.h"

#include "base/check.h"

#include <map>
#include <unordered_map>

namespace holdfast::ledger {
namespace {

bool debit_normal(AccountKind kind) {
  switch (kind) {
    case AccountKind::wallet:
    case AccountKind::in_transit:
    case AccountKind::network_fees:
    case AccountKind::loss:
      return true;
    case AccountKind::incoming:
    case AccountKind::customer_available:
    case AccountKind::customer_held:
    case AccountKind::fee_income:
    case AccountKind::capital:
      return false;
  }
  return false;
}

// Only the exchange's own capital may be overdrawn: it is what remains when everybody else has been paid.
bool may_go_negative(AccountKind kind) { return kind == AccountKind::capital; }

Int128 on_normal_side(AccountKind kind, Int128 balance) { return debit_normal(kind) ? balance : -balance; }

bool sum_overflows(Int128 a, Int128 b) {
  Int128 out = 0;
  return __builtin_add_overflow(a, b, &out) || out == -kInt128Max - 1;
}

Refusal refusal_of(AccountId debit, Int128 debit_before, AccountId credit, Int128 credit_before, Amount amount) {
  if (amount.is_zero()) return Refusal::amount_not_positive;
  if (debit.asset() != credit.asset()) return Refusal::asset_mismatch;
  if (debit == credit) return Refusal::same_account;
  if (sum_overflows(debit_before, amount.units()) || sum_overflows(credit_before, -amount.units())) {
    return Refusal::balance_overflows;
  }
  const Int128 debit_after = on_normal_side(debit.kind(), debit_before + amount.units());
  const Int128 credit_after = on_normal_side(credit.kind(), credit_before - amount.units());
  if (debit_after < 0 && !may_go_negative(debit.kind())) return Refusal::funds_insufficient;
  if (credit_after < 0 && !may_go_negative(credit.kind())) return Refusal::funds_insufficient;
  return Refusal::none;
}

}  // namespace

std::string_view name(AccountKind kind) {
  switch (kind) {
    case AccountKind::wallet: return "wallet";
    case AccountKind::incoming: return "incoming";
    case AccountKind::in_transit: return "in_transit";
    case AccountKind::customer_available: return "customer_available";
    case AccountKind::customer_held: return "customer_held";
    case AccountKind::fee_income: return "fee_income";
    case AccountKind::network_fees: return "network_fees";
    case AccountKind::loss: return "loss";
    case AccountKind::capital: return "capital";
  }
  return "unknown";
}

std::string_view name(Refusal refusal) {
  switch (refusal) {
    case Refusal::none: return "none";
    case Refusal::amount_not_positive: return "amount_not_positive";
    case Refusal::asset_mismatch: return "asset_mismatch";
    case Refusal::same_account: return "same_account";
    case Refusal::funds_insufficient: return "funds_insufficient";
    case Refusal::balance_overflows: return "balance_overflows";
    case Refusal::transfer_already_seen: return "transfer_already_seen";
    case Refusal::transfer_out_of_order: return "transfer_out_of_order";
    case Refusal::hold_already_seen: return "hold_already_seen";
    case Refusal::hold_out_of_order: return "hold_out_of_order";
    case Refusal::hold_unknown: return "hold_unknown";
    case Refusal::hold_not_open: return "hold_not_open";
  }
  return "unknown";
}

AccountId::AccountId(AccountKind kind, std::uint64_t owner, std::uint64_t asset) {
  HF_CHECK(owner <= kMaxOwner && asset >= 1 && asset <= kMaxAsset);
  packed_ = static_cast<std::uint64_t>(kind) << 56 | owner << 16 | asset;
}

AccountId AccountId::from_packed(std::uint64_t packed) {
  AccountId out;
  out.packed_ = packed;
  return out;
}

Refusal Books::check_move(AccountId debit, AccountId credit, Amount amount) const {
  return refusal_of(debit, balance(debit), credit, balance(credit), amount);
}

void Books::move(AccountId debit, AccountId credit, Amount amount) {
  balances_[credit.packed()];  // To be there before the other's place is taken down.
  Int128& from = balances_[debit.packed()];
  Int128& to = balances_[credit.packed()];
  HF_CHECK(refusal_of(debit, from, credit, to, amount) == Refusal::none);
  from += amount.units();
  to -= amount.units();
}

Refusal Books::check(const Transfer& transfer) const {
  if (transfer.id <= transfers_) return Refusal::transfer_already_seen;
  if (transfer.id != transfers_ + 1) return Refusal::transfer_out_of_order;
  return check_move(transfer.debit, transfer.credit, transfer.amount);
}

Refusal Books::check_hold(std::uint64_t hold, std::uint64_t customer, std::uint64_t asset, Amount amount) const {
  if (hold <= holds_.size()) return Refusal::hold_already_seen;
  if (hold != holds_.size() + 1) return Refusal::hold_out_of_order;
  return check_move({AccountKind::customer_available, customer, asset}, {AccountKind::customer_held, customer, asset}, amount);
}

void Books::post(const Transfer& transfer) {
  HF_CHECK(transfer.id == transfers_ + 1);
  move(transfer.debit, transfer.credit, transfer.amount);
  ++transfers_;
}

void Books::open_hold(std::uint64_t hold, std::uint64_t customer, std::uint64_t asset, Amount amount) {
  HF_CHECK(hold == holds_.size() + 1);
  move({AccountKind::customer_available, customer, asset}, {AccountKind::customer_held, customer, asset}, amount);
  holds_.push_back({customer, asset, amount, HoldState::open});
}

void Books::settle_hold(std::uint64_t hold, AccountId to, Amount amount, AccountId rest_to) {
  HF_CHECK(hold >= 1 && hold <= holds_.size());
  Hold& held = holds_[hold - 1];
  HF_CHECK(held.state == HoldState::open);
  const AccountId from{AccountKind::customer_held, held.customer, held.asset};
  move(from, to, amount);
  const Amount rest = held.amount - amount;
  if (!rest.is_zero()) move(from, rest_to, rest);
  held.state = HoldState::settled;
}

void Books::release_hold(std::uint64_t hold) { release_hold(hold, Amount::zero(), {}); }

void Books::release_hold(std::uint64_t hold, Amount kept, AccountId kept_by) {
  HF_CHECK(hold >= 1 && hold <= holds_.size());
  Hold& held = holds_[hold - 1];
  HF_CHECK(held.state == HoldState::open);
  const AccountId from{AccountKind::customer_held, held.customer, held.asset};
  const Amount back = held.amount - kept;
  if (!back.is_zero()) move(from, {AccountKind::customer_available, held.customer, held.asset}, back);
  if (!kept.is_zero()) move(from, kept_by, kept);
  held.state = HoldState::released;
}

Int128 Books::balance(AccountId account) const {
  const Int128* found = balances_.find(account.packed());
  return found ? *found : 0;
}

Amount Books::side(AccountId account) const {
  const Int128 value = on_normal_side(account.kind(), balance(account));
  return value < 0 ? Amount::zero() : Amount::of(value);
}

const Hold* Books::find_hold(std::uint64_t hold) const {
  return hold >= 1 && hold <= holds_.size() ? &holds_[hold - 1] : nullptr;
}

void Books::check_laws() const {
  std::map<std::uint64_t, Int128> total;  // by asset
  std::unordered_map<std::uint64_t, Int128> promised;
  for (const auto& [packed, value] : balances_) {
    const AccountId account = AccountId::from_packed(packed);
    total[account.asset()] += value;
    HF_CHECK(may_go_negative(account.kind()) || on_normal_side(account.kind(), value) >= 0);
  }
  for (const auto& [asset, sum] : total) HF_CHECK(sum == 0);
  for (const Hold& hold : holds_) {
    if (hold.state != HoldState::open) continue;
    promised[AccountId(AccountKind::customer_held, hold.customer, hold.asset).packed()] += hold.amount.units();
  }
  for (const auto& [packed, value] : balances_) {
    if (AccountId::from_packed(packed).kind() != AccountKind::customer_held) continue;
    const auto found = promised.find(packed);
    HF_CHECK(-value == (found == promised.end() ? Int128{0} : found->second));
  }
}

Books Books::restore(Balances balances, Chunked<Hold> holds, std::uint64_t transfers) {
  Books out;
  out.balances_ = std::move(balances);
  out.holds_ = std::move(holds);
  out.transfers_ = transfers;
  return out;
}

}  // namespace holdfast::ledger
