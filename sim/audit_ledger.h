// The auditor's own books: a plain fold over the journal's records, as anybody could write it from proto/custody.proto.
// It shares nothing with custody and ledger. Each rule that a record breaks is thrown as LawBroken.
#pragma once

#include "base/amount.h"
#include "custody.pb.h"
#include "sim/audit_limits.h"
#include "sim/law.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace holdfast::sim {

using Id64 = std::uint64_t;

// What a customer asked for, as the client sent it.
struct Asked {
  std::string request;
  std::string fingerprint;
  Id64 customer = 0;
  Id64 asset = 0;
  Int128 amount = 0;
  std::string destination;
};

enum class WithdrawalEnd { open, approved, rejected, returned, completed };

struct AuditedWithdrawal {
  Asked asked;
  Int128 fee = 0;
  WithdrawalEnd end = WithdrawalEnd::open;
  std::int64_t approved_until_ms = 0;
  bool planned = false;
};

struct AuditedSpend {
  record::Spend plan;
  std::vector<std::string> raw;  // Attempts.
  bool mined = false;
  bool success = false;
  record::SpendMined mining;
};

class AuditLedger {
 public:
  using Key = std::pair<Id64, Id64>;  // customer or wallet, asset

  void apply(const record::Event& event);

  // Set by the auditor: what the outside has really said.
  std::map<std::string, Asked> asked;  // by request id
  std::set<Id64> operator_approved;

  std::map<Id64, record::Asset> assets;
  std::map<Id64, record::Wallet> wallets;
  std::map<Id64, AuditedWithdrawal> withdrawals;
  std::map<std::string, Id64> by_request;
  std::map<std::string, Id64> by_destination;
  std::map<Id64, AuditedSpend> spends;
  std::set<std::string> attempts;  // Raw transactions that are durable.
  std::map<Id64, record::Deposit> deposits;
  std::map<std::string, Id64> deposit_addresses;  // Whose.
  std::map<Key, Int128> available;
  std::map<Key, Int128> held;
  std::map<Key, Int128> wallet_money;
  std::map<Key, Int128> credited;  // Deposits, less what was taken back.
  std::map<Id64, std::string> heads;             // By chain: the newest block's hash.
  std::map<std::string, Id64> unspent;           // Coins: 36 bytes of outpoint -> wallet.
  std::map<std::string, Id64> spend_of_attempt;  // By raw bytes,
  std::map<std::string, Id64> spend_of_txid;     // by txid.
  std::set<Id64> compromised;                    // Wallets.
  std::uint64_t incidents = 0;
  std::uint64_t deep_reorgs = 0;
  std::map<Id64, std::uint64_t> blocks;  // Connected so far, by chain.
  std::uint64_t surpluses = 0;  // Found after the first block, which finds what was there before.
  std::uint64_t losses = 0;
  std::uint64_t expected = 0;  // Coins that children spend.

  std::optional<record::Deposit> just_credited;  // By the last record applied.

 private:
  void apply(const record::WithdrawalRequested& e, std::int64_t at_ms);
  void apply(const record::WithdrawalApproved& e, std::int64_t at_ms);
  std::optional<Uint128> worth(Id64 asset, Int128 units) const;
  void apply(const record::SpendPlanned& e, std::int64_t at_ms);
  void apply(const record::SpendSigned& e);
  void apply(const record::SpendMined& e);
  void apply(const record::SpendSettled& e);
  void apply_deposit(const record::Event& event);
  void apply_spend(const record::Event& event);
  void apply_alarm(const record::Event& event);
  void apply_coins(const record::Event& event);
  void expect(const record::Coin& coin);
  void promise(Id64 spend, const google::protobuf::RepeatedField<std::uint64_t>& inputs);
  void release(Id64 spend);
  void settle_payment(Id64 withdrawal);
  void plan_payment(Id64 withdrawal, std::int64_t at_ms);
  void unmine(Id64 spend);
  void book_fee(Id64 payer, const std::string& fee, Int128 sign);
  void book_movements(const google::protobuf::RepeatedPtrField<record::Movement>& all, Int128 sign);
  void book_mined(const AuditedSpend& spend, Int128 sign);
  void end(Id64 withdrawal, WithdrawalEnd how);
  void keep_fee(Id64 id);
  bool frozen() const;
  Id64 native(Id64 chain) const;
  Id64 home(const record::Deposit& deposit) const;

  AuditLimits limits_;
  std::map<Id64, record::Freeze> freezes_;  // In force.
  std::map<Id64, record::Coin> coins_;
  std::map<Id64, Id64> promised_;                 // Coin -> the payment or consolidation that counts on it.
  std::map<std::string, Id64> address_wallets_;   // Of coins: whose script a deposit address is.
};

// Big-endian bytes as a number.
Int128 amount_of(const std::string& bytes);

}  // namespace holdfast::sim
