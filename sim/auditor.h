// The judge of a life. It stands at the ports and sees what went through them: what became durable, what clients were told,
// what each signer signed, what was broadcast, and in the end what the chain really holds. From that alone it judges the
// laws 1 to 6 of docs/architecture.md. It shares no code with what it judges.
#pragma once

#include "signer.pb.h"
#include "sim/audit_ledger.h"
#include "sim/chain.h"
#include "sim/coin_auditor.h"
#include "sim/disk.h"
#include "sim/node_view.h"

#include <functional>
#include <map>
#include <set>
#include <string>

namespace holdfast::sim {

// What has been done to this life that may rightly cause an alarm or a correction of the books.
struct Excuses {
  bool theft = false;       // A stolen key was used.
  bool deep_lie = false;    // A node showed forged blocks until they were final.
  std::uint64_t gifts = 0;  // Somebody paid an own wallet directly.
};

class Auditor {
  AuditLedger ledger_;  // First: `coins` reads it.

 public:
  Auditor(std::uint64_t finality_depth, std::uint64_t coin_finality)
      : coins(ledger_, coin_finality), finality_depth_(finality_depth) {}

  // The world's truth, for comparing. Both must outlive the auditor.
  void watch(const Chain& chain, const NodeView& node) { chain_ = &chain, node_ = &node; }

  Excuses excuses;
  std::function<void(const record::Event&)> on_event;  // For telling a life; may be empty.
  std::set<Hash32> thefts;                             // Transactions that a thief signed.
  CoinAuditor coins;                                   // Judges the other chain, if there is one.

  // --- The engine's journal
  void durable(const Disk::Block& block);
  std::uint64_t durable_records() const { return durable_records_; }
  // After a restart: what was durable is still there.
  void reopened(std::uint64_t records) const;

  // --- Clients
  void asked(const Asked& what) { ledger_.asked[what.request] = what; }
  // An answer went out: `withdrawal` is 0 when it was refused.
  void answered(const std::string& request, Id64 withdrawal);
  void operator_approves(Id64 withdrawal) { ledger_.operator_approved.insert(withdrawal); }

  // --- Signers
  // A block of a signer's own journal is durable.
  void signer_durable(const std::string& signer, const Disk::Block& block);
  // A request reached a signer. Whether it signs may never be heard: the power may fail before the answer is out.
  void requested(const proto::SignRequest& request, Instant now);
  void replied(const std::string& signer, const proto::SignRequest& request, const proto::SignReply& reply,
               Instant now);
  void acknowledged_freeze(const std::string& signer) { frozen_.insert(signer); }
  void thawed(const std::string& signer) { frozen_.erase(signer); }

  // --- The chain
  void broadcast(ByteView raw) const;

  // --- The end: everything is calm, and everything should have come to an end.
  void finish() const;
  // What a client would be told of a customer's balance.
  void balance_told(Id64 customer, Id64 asset, Int128 available, Int128 held) const;
  void snapshot_balances(const std::string& snapshot_message) const;

  const AuditLedger& ledger() const { return ledger_; }
  std::uint64_t paid() const { return paid_; }

 private:
  struct Place {
    std::string wallet;
    std::uint64_t nonce = 0;
    friend bool operator==(const Place&, const Place&) = default;
  };

  void compare_with_chain() const;
  void compare_forwarders(const Block& block) const;
  bool final_now(std::uint64_t height) const;
  void judge_credit(const record::Deposit& deposit) const;
  void judge_payment(const proto::SignRequest& request, const Place& place, const std::string& asset,
                     const std::string& destination, Int128 amount, Instant now);
  void judge_moved(const MinedTransaction& mined, const Moved& moved, std::map<Id64, int>& payments) const;
  void judge_ends(const std::map<Id64, int>& payments) const;
  void judge_deposits() const;
  void judge_alarms() const;
  const record::Wallet* wallet_at(const std::string& address) const;
  Id64 asset_of(const std::string& contract) const;
  std::string contract_of(Id64 asset) const { return ledger_.assets.at(asset).contract(); }

  std::uint64_t finality_depth_;
  const Chain* chain_ = nullptr;
  const NodeView* node_ = nullptr;
  std::uint64_t durable_records_ = 0;
  std::map<std::string, Id64> told_;                        // By request id: what the client was answered.
  std::set<std::pair<std::string, std::string>> recorded_;  // By signer: the digests in its own journal.
  std::set<std::string> frozen_;                            // Signers that have acknowledged a freeze.
  std::map<Id64, Place> places_;                            // Where a withdrawal was signed.
  std::set<Id64> begun_;                                    // Withdrawals of which a whole transaction may exist.
  mutable std::uint64_t paid_ = 0;
};

}  // namespace holdfast::sim
