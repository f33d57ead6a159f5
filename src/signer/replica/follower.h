// A signer follows holdfastd's journal: the checked copy, the signer's own books out of it, the other witnesses of it, and whether
// all that is good enough to sign by. Pure but for the storage of the copy.
//
// It never ends the signer. What goes wrong makes it deaf, with a reason; a deaf signer still rescues.
#pragma once

#include "base/instant.h"
#include "base/result.h"
#include "journal/cosignature.h"
#include "signer/replica/books.h"
#include "signer/replica/replica.h"
#include "signer/replica/witness.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::signer {

struct FollowRules {
  journal::VerifierKey log;  // Whose journal; its name is the exchange's.
  WitnessRules witnesses;
};

// What the signer's own journal remembers that following rests on.
struct Remembered {
  TreeHead cosigned;                                                    // The newest head that was cosigned.
  std::function<Instant(std::uint64_t index)> learned_at;               // When record `index` was here, or later; see Memory.
  std::function<std::optional<Hash32>(std::uint64_t deposit)> proven;   // The fingerprint that was proven of a deposit.
  std::function<bool(std::uint64_t withdrawal)> was_signed;
};

class Follower {
 public:
  // Storage must outlive it, and `remembered` must be good for as long. A copy that cannot be used makes it deaf.
  static std::unique_ptr<Follower> open(FollowRules rules, journal::Storage& copy, Remembered remembered);

  // As of Replica and Witnesses. Any error makes it deaf until it is opened anew; after a gap, until the parts come in order.
  Result<void> take(std::span<const JournalPart> parts, Instant now);
  Result<void> hear_head(std::string_view checkpoint);
  Result<void> hear_cosigned(std::string_view note, Instant now);
  // A new stream has begun: a gap in the last one is forgotten.
  void begin_stream();

  // Why nothing that spends may be signed now; none when all is well. Codes: journal_missing, the corruptions of Replica and Books,
  // journal_gap, journal_behind, head_stale.
  std::optional<Error> deaf(Instant now) const;
  // Evidence that somebody rewrote the past, or worse: more than bad luck, or than a signer that is older than holdfastd.
  bool has_evidence() const;

  const Books& books() const { return books_; }
  void prove(std::uint64_t deposit, const Hash32& fingerprint) { books_.prove(deposit, fingerprint); }
  // Deposits that the journal has credited since this was last asked, and that are not proven: to be looked for on the chain.
  std::vector<BookedDeposit> take_unproven();
  const Witnesses& witnesses() const { return witnesses_; }
  const FollowRules& rules() const { return rules_; }
  std::uint64_t size() const { return replica_ ? replica_->size() : 0; }
  std::uint64_t announced() const { return replica_ ? replica_->announced() : 0; }

  // The newest head, when this signer may vouch for it: its copy is whole and nothing is wrong. None: nothing to vouch for.
  std::optional<TreeHead> to_cosign() const;
  // The note of that head, cosigned. Precondition: to_cosign().
  std::string cosign(const journal::LogKey& witness, Instant now) const;

 private:
  Follower(FollowRules rules, Remembered remembered)
      : rules_(std::move(rules)), remembered_(std::move(remembered)), witnesses_(rules_.witnesses) {}
  Result<void> note(Result<void> outcome);
  void prove_remembered();

  FollowRules rules_;
  Remembered remembered_;
  std::unique_ptr<Replica> replica_;
  Books books_;
  Witnesses witnesses_;
  std::vector<std::uint64_t> unasked_;  // Deposits.
  std::optional<Error> trouble_;
};

}  // namespace holdfast::signer
