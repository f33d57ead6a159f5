// The books: double entry per asset, in whole base units. Pure.
//
// Every transfer debits one account and credits another of the same asset, so that per asset all balances always sum to zero.
// An account's balance is debits less credits: what we own (wallets) is positive, what we owe (customers) is negative.
// side() gives it as people read it: positive on the account's normal side.
//
//   kind                 normal side  meaning
//   wallet               debit        what the chain says an own wallet holds, at the newest block
//   incoming             credit       arrived in a block, not final, owed to nobody yet
//   in_transit           debit        left a wallet in a block that is not final
//   customer_available   credit       owed to a customer, free to use
//   customer_held        credit       owed to a customer, reserved by a hold
//   fee_income           credit       withdrawal fees earned
//   network_fees         debit        paid to miners and validators
//   loss                 debit        lost, per incident
//   capital              credit       the exchange's own money in its wallets
//
// Transfers are numbered from 1 without gaps, holds likewise; asking again with a number that was used is refused, so a
// repeated call never books twice.
#pragma once

#include "base/amount.h"
#include "base/chunked.h"
#include "base/flat_map.h"
#include "base/result.h"

#include <cstdint>
#include <functional>
#include <string_view>

namespace holdfast::ledger {

enum class AccountKind : std::uint8_t {
  wallet = 1,
  incoming,
  in_transit,
  customer_available,
  customer_held,
  fee_income,
  network_fees,
  loss,
  capital,
};

std::string_view name(AccountKind kind);

// One account of one asset: the kind, whose it is (customer, wallet, incident; 0 where there is only one), and the asset.
class AccountId {
 public:
  static constexpr std::uint64_t kMaxOwner = (1ull << 40) - 1;
  static constexpr std::uint64_t kMaxAsset = (1ull << 16) - 1;

  AccountId() = default;
  // Precondition: owner <= kMaxOwner, 1 <= asset <= kMaxAsset.
  AccountId(AccountKind kind, std::uint64_t owner, std::uint64_t asset);
  AccountKind kind() const { return static_cast<AccountKind>(packed_ >> 56); }
  std::uint64_t owner() const { return packed_ >> 16 & kMaxOwner; }
  std::uint64_t asset() const { return packed_ & kMaxAsset; }
  std::uint64_t packed() const { return packed_; }
  static AccountId from_packed(std::uint64_t packed);
  friend auto operator<=>(const AccountId&, const AccountId&) = default;

 private:
  std::uint64_t packed_ = 0;
};

enum class Refusal : std::uint8_t {
  none = 0,
  amount_not_positive,
  asset_mismatch,        // The two accounts are of different assets.
  same_account,
  funds_insufficient,    // The account that gives may not go below zero.
  balance_overflows,
  transfer_already_seen,
  transfer_out_of_order,
  hold_already_seen,
  hold_out_of_order,
  hold_unknown,
  hold_not_open,
};

std::string_view name(Refusal refusal);

struct Transfer {
  std::uint64_t id = 0;  // The number after the last transfer's.
  AccountId debit;
  AccountId credit;
  Amount amount;
};

enum class HoldState : std::uint8_t { open = 1, settled, released };

// Money of a customer set aside. Opening moves available to held; settling moves held to where it went; releasing back.
struct Hold {
  std::uint64_t customer = 0;
  std::uint64_t asset = 0;
  Amount amount;
  HoldState state = HoldState::open;
  friend bool operator==(const Hold&, const Hold&) = default;
};

// Debits less credits, by AccountId::packed(); a zero balance may be absent or present.
using Balances = FlatMap<std::uint64_t, Int128, std::hash<std::uint64_t>>;

class Books {
 public:
  // Would this be refused? Changes nothing.
  Refusal check(const Transfer& transfer) const;
  Refusal check_hold(std::uint64_t hold, std::uint64_t customer, std::uint64_t asset, Amount amount) const;

  // Book it. What check() refuses is a bug here and ends the process: apply cannot refuse.
  void post(const Transfer& transfer);
  void open_hold(std::uint64_t hold, std::uint64_t customer, std::uint64_t asset, Amount amount);
  // Held money leaves: the hold's amount goes from customer_held to `to` in one or two transfers.
  void settle_hold(std::uint64_t hold, AccountId to, Amount amount, AccountId rest_to);
  void release_hold(std::uint64_t hold);
  // The same, but `kept` of it goes to `kept_by`. Precondition: no more than the hold's amount.
  void release_hold(std::uint64_t hold, Amount kept, AccountId kept_by);

  Int128 balance(AccountId account) const;  // debits less credits
  Amount side(AccountId account) const;     // on the normal side; never negative where that is a rule
  const Hold* find_hold(std::uint64_t hold) const;
  std::uint64_t next_transfer() const { return transfers_ + 1; }
  std::uint64_t next_hold() const { return holds_.size() + 1; }

  // Law 1, by adding everything up: per asset all balances sum to zero, no customer is below zero, held equals open holds.
  void check_laws() const;

  const Balances& balances() const { return balances_; }
  const Chunked<Hold>& holds() const { return holds_; }
  // From a snapshot; check_laws() is the caller's to call.
  static Books restore(Balances balances, Chunked<Hold> holds, std::uint64_t transfers);
  std::uint64_t transfers() const { return transfers_; }
  friend bool operator==(const Books&, const Books&) = default;

 private:
  Refusal check_move(AccountId debit, AccountId credit, Amount amount) const;
  void move(AccountId debit, AccountId credit, Amount amount);

  Balances balances_;
  Chunked<Hold> holds_;  // By hold number - 1.
  std::uint64_t transfers_ = 0;
};

}  // namespace holdfast::ledger
