#include "signer/replica/follower.h"

#include "base/check.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace holdfast::signer {

std::unique_ptr<Follower> Follower::open(FollowRules rules, journal::Storage& copy, Remembered remembered) {
  std::unique_ptr<Follower> out(new Follower(std::move(rules), std::move(remembered)));
  Follower& follower = *out;
  follower.books_.listen(follower.remembered_.was_signed);
  const auto visit = [&](std::uint64_t index, ByteView record) {
    return follower.books_.apply(index, record, follower.remembered_.learned_at(index));
  };
  auto replica = Replica::open(copy, follower.rules_.log, follower.remembered_.cosigned, visit);
  if (!replica) {
    follower.trouble_ = replica.error();
    return out;
  }
  follower.replica_ = std::move(*replica);
  follower.prove_remembered();
  return out;
}

bool Follower::has_evidence() const {
  return trouble_ && trouble_->kind == ErrorKind::corruption && trouble_->code != "journal_record_unreadable";
}

void Follower::begin_stream() {
  if (trouble_ && trouble_->kind != ErrorKind::corruption && replica_) trouble_.reset();
}

Result<void> Follower::note(Result<void> outcome) {
  if (!outcome && !has_evidence()) trouble_ = outcome.error();
  return outcome;
}

Result<void> Follower::take(std::span<const JournalPart> parts, Instant now) {
  if (!replica_ || trouble_) return Failure(trouble_.value_or(Error{ErrorKind::fault, "journal_missing", {}}));
  const auto visit = [&](std::uint64_t index, ByteView record) { return books_.apply(index, record, now); };
  if (auto taken = replica_->take(parts, visit); !taken) return note(std::move(taken));
  prove_remembered();
  return note(witnesses_.catch_up(*replica_));
}

// What was proven before a restart, or before the copy was lost.
void Follower::prove_remembered() {
  for (const std::uint64_t id : books_.take_credited()) {
    const auto known = remembered_.proven(id);
    if (known) books_.prove(id, *known);
    if (books_.unproven().contains(id)) unasked_.push_back(id);
  }
}

std::vector<BookedDeposit> Follower::take_unproven() {
  std::vector<BookedDeposit> out;
  for (const std::uint64_t id : std::exchange(unasked_, {})) {
    const auto found = books_.unproven().find(id);
    if (found != books_.unproven().end()) out.push_back(found->second);
  }
  return out;
}

Result<void> Follower::hear_head(std::string_view checkpoint) {
  if (!replica_) return fault("journal_missing");
  return note(replica_->hear(checkpoint));
}

Result<void> Follower::hear_cosigned(std::string_view text, Instant now) {
  if (!replica_) return fault("journal_missing");
  return note(witnesses_.hear(text, *replica_, now));
}

std::optional<Error> Follower::deaf(Instant now) const {
  if (trouble_) return trouble_;
  if (!replica_->is_complete()) return Error{ErrorKind::fault, "journal_behind", "the copy of the journal is being streamed again"};
  if (!witnesses_.is_enough(now)) {
    return Error{ErrorKind::fault, "head_stale",
                 fmt::format("{} of {} other witnesses have vouched for the journal lately; {} are needed", witnesses_.fresh(now),
                             rules_.witnesses.others.size(), rules_.witnesses.needed)};
  }
  return std::nullopt;
}

std::optional<TreeHead> Follower::to_cosign() const {
  if (!replica_ || trouble_ || !replica_->is_complete() || replica_->size() == 0) return std::nullopt;
  return replica_->head();
}

std::string Follower::cosign(const journal::LogKey& witness, Instant now) const {
  auto note = journal::Note::parse(replica_->checkpoint());
  HF_CHECK(note.has_value());
  journal::cosign(*note, witness, static_cast<std::uint64_t>(now.unix_ms / kMsPerSecond));
  return note->to_string();
}

}  // namespace holdfast::signer
