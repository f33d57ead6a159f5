// The judge of the chain of coins: the laws 2, 3, 5 and 6 on it. As auditor.h, of which it is a part: it stands at the ports,
// reads with a reader of its own (coin_reading.h), and compares with what the simulated chain really holds.
#pragma once

#include "custody/types.h"
#include "signer.pb.h"
#include "sim/audit_ledger.h"
#include "sim/coin_chain.h"
#include "sim/coin_reading.h"
#include "sim/coin_view.h"

#include <map>
#include <set>
#include <string>

namespace holdfast::sim {

class CoinAuditor {
 public:
  CoinAuditor(const AuditLedger& ledger, std::uint64_t finality_depth) : ledger_(ledger), finality_depth_(finality_depth) {}

  // The world's truth, for comparing. Both must outlive the auditor.
  void watch(const CoinChain& chain, const CoinView& node) { chain_ = &chain, node_ = &node; }

  std::set<utxo::Txid> thefts;  // Transactions that a thief signed.

  // Law 5, at every block: coin by coin, what the journal says that own wallets hold is what they hold there.
  void compare_with_chain() const;
  void judge_credit(const record::Deposit& deposit) const;
  void broadcast(ByteView raw) const;
  void requested(const proto::SignRequest& request, Instant now);
  void replied(const std::string& signer, const proto::SignRequest& request, bool frozen, Instant now);

  // The end. Counts the payments on the best chain.
  void judge_chain(std::map<Id64, int>& payments) const;
  void add_deposits(std::map<AuditLedger::Key, Int128>& arrived) const;
  bool incident_due() const;  // A stolen key was used on the best chain.

 private:
  const custody::Origin* own(const std::string& script) const;
  bool is_cold(const std::string& script) const;
  void judge_payment(const proto::SignRequest& request, const ReadCoins& read, Instant now);
  void judge_rescue(const proto::SignRequest& request, const ReadCoins& read) const;
  void pin(Id64 withdrawal, const ReadCoins& read);
  void judge_spending(const CoinBlock& block, std::size_t place, std::map<Id64, int>& payments) const;
  void judge_attempts() const;
  Id64 asset() const;

  const AuditLedger& ledger_;
  std::uint64_t finality_depth_;
  const CoinChain* chain_ = nullptr;
  const CoinView* node_ = nullptr;
  std::map<Id64, std::set<std::string>> pins_;  // By withdrawal: the coins that all transactions signed for it spend.
  std::set<Id64> begun_;                        // Withdrawals of which a signature may exist.
};

}  // namespace holdfast::sim
