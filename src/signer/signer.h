// The signer: judges each request by itself, remembers durably, then signs. No thread, no network; the program and the
// simulator drive it alike.
//
// Laws:
//   A signature leaves only after the record of it is durable in the signer's own journal.
//   After freeze() has acknowledged, nothing is signed but evacuations, burns and guard freezes, also after a restart,
//   until thaw().
//   The same bytes count once, and are signed again whenever they are asked for. A key ring gives the same signature; a token
//   another one of the same digest (keys.h).
//   While the journal cannot be written nothing is signed.
//   What spends is signed only while the signer follows holdfastd's journal, its copy is whole, and enough other witnesses have
//   lately vouched for the same (follower.h). Evidence that the journal was rewritten freezes the signer.
//   A head is cosigned only after it is durable in the signer's own journal, and never one that does not extend the last.
//   Once it is retired nothing is signed; restored without its journal, only what a freeze lets through.
#pragma once

#include "base/instant.h"
#include "base/result.h"
#include "journal/journal.h"
#include "signer.pb.h"
#include "signer/checks.h"
#include "signer/evacuations.h"
#include "signer/keys/keys.h"
#include "signer/memory.h"
#include "signer/policy.h"
#include "signer/replica/follower.h"
#include "signer/withdrawal_rules.h"

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace holdfast::signer {

// Makes an empty journal that of a signer which lost its own: `records` and `root` are what a backup knew of that.
//   refusal journal_not_empty; and the errors of Journal::open and Journal::append
Result<void> begin_forgotten(journal::Storage& storage, const journal::LogKey& log_key, std::uint64_t records, const Hash32& root,
                             std::string_view by, Instant now);

class Signer {
 public:
  // Rebuilds the memory from the journal. Keys, storage, log key and clock must outlive the signer.
  // `copy` is where its copy of holdfastd's journal is kept, under `rules`; it too must outlive the signer. What is wrong with the copy
  // opens all the same, deaf: such a signer still rescues.
  //   refusal     account_without_key (an account of the policy), those of find_own_keys (wallets of coins), and the
  //               refusals of Journal::open
  //   corruption  signer_record_malformed, and the corruptions of Journal::open
  static Result<std::unique_ptr<Signer>> open(Policy policy, const Keys& keys, journal::Storage& storage,
                                              const journal::LogKey& log_key, Clock& clock, FollowRules rules,
                                              journal::Storage& copy);

  // Replies in the order of the requests, of which there may be 1000. All records of one call become durable together,
  // as far as the journal takes that much at once.
  std::vector<proto::SignReply> sign(std::span<const proto::SignRequest> requests);
  proto::SignReply sign(const proto::SignRequest& request);

  // The acknowledgement, once the frozen state is durable. On a fault nothing is acknowledged, but nothing that a freeze
  // forbids is signed either: order it again.
  Result<proto::FreezeAcknowledged> freeze(const proto::FreezeOrder& order);

  // For the signer's own operator only: no message of holdfastd leads here. `by` goes into the journal.
  Result<void> thaw(std::string_view by);

  // For ever: nothing is signed once this is durable. For the signer's own operator only. Refuses retired_already.
  Result<void> retire(std::string_view by);

  // Its configuration lets it run beside another signer of its wallets; it is said in hello().
  void tell_same_host_allowed() { same_host_allowed_ = true; }

  // Keeps complete evacuations of a wallet in place of those it kept before, whoever signed them: those that check_evacuation
  // finds good. The answer says how many are kept now. Refuses `wallet_unknown` and what good_evacuations refuses; the store's
  // faults: then those from before stay.
  Result<proto::EvacuationsKept> keep(const proto::KeepEvacuations& message, EvacuationStore& store) const;

  // --- Holdfastd's journal ----------------------------------------------------------------------------------------
  // What holdfastd streams. The error, if there is one, is an alarm to be told; the signer is deaf then, and frozen where it is
  // evidence that the journal was rewritten.
  Result<void> follow(std::span<const proto::JournalPart> parts);
  Result<void> hear(const proto::JournalHead& head);
  Result<void> hear(const proto::CosignedHead& head);
  void begin_stream() { follower_->begin_stream(); }
  // The newest head of the journal with this signer's cosignature; none while it vouches for nothing. `witness`: its witness key.
  Result<std::optional<proto::CosignedHead>> cosign(const journal::LogKey& witness);

  // Deposits that the journal credits and that nobody has looked for yet on the own node; and what was seen there.
  std::vector<BookedDeposit> take_unproven() { return follower_->take_unproven(); }
  void prove(std::uint64_t deposit, const Hash32& fingerprint);

  const Follower& follower() const { return *follower_; }

  // --- Its own eyes (lookout/lookout.h) ---------------------------------------------------------------------------
  // The chain was looked at, and all that was seen was heeded. What spends is signed on a chain only within kHeartbeatMs of this.
  static constexpr std::int64_t kHeartbeatMs = 60 * kMsPerSecond;
  void heartbeat(const std::string& chain, Instant at) { heartbeats_[chain] = at; }
  // The signer itself has seen a reason.
  Result<void> freeze_self(std::string_view reason);
  // Told of each digest before its signature leaves. One listener.
  void tell_of_signed(std::function<void(const Hash32&)> listener) { on_signed_ = std::move(listener); }
  chain::evm::Address20 owner() const { return keys_.owner(); }

  proto::Hello hello() const;
  bool frozen() const { return memory_.frozen(); }
  const Memory& memory() const { return memory_; }
  const Policy& policy() const { return policy_; }

 private:
  void sign_coins(const ToSign& what, proto::SignReply& out) const;

  Signer(Policy policy, const Keys& keys, Clock& clock) : policy_(std::move(policy)), keys_(keys), clock_(clock) {}

  Judged judge_surroundings(const proto::SignRequest& request) const;
  Result<void> heed(Result<void> heard);
  Checked<ToSign> judge_and_remember(const proto::SignRequest& request);
  proto::SignReply reply(const proto::SignRequest& request, const Checked<ToSign>& judged, bool durable) const;
  void remember(proto::SignerRecord record);
  Result<void> make_durable();

  Policy policy_;
  const Keys& keys_;
  Clock& clock_;
  bool same_host_allowed_ = false;
  Memory memory_;           // May be ahead of the journal by what pending_ holds, which only makes it refuse more.
  journal::Batch pending_;  // Remembered, not durable yet.
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<Follower> follower_;
  std::map<std::string, Instant, std::less<>> heartbeats_;  // Of chains.
  std::function<void(const Hash32&)> on_signed_ = [](const Hash32&) {};
};

}  // namespace holdfast::signer
