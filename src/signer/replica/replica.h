// A signer's copy of holdfastd's journal. Nothing of it is believed before it was hashed here: each part has to continue the tree
// that this signer has, and the log's key has to have signed what comes out.
//
// What a holdfastd that lies can do about it, and what it is called here:
//   journal_forked        it signed a head that does not extend what this signer holds, or holds a cosignature for
//   journal_rolled_back   it signed a head with fewer records than this signer has seen
//   journal_gap           parts are missing, or come out of order
//   journal_not_signed    a head without a good signature of the log's key
//   journal_malformed     bytes that are no records, or a head that is none
// The first two are evidence: somebody rewrote the past. One thread at a time.
#pragma once

#include "base/result.h"
#include "journal/journal.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace holdfast::signer {

// A size of the log and the root at that size.
struct TreeHead {
  std::uint64_t size = 0;
  Hash32 root;
  friend bool operator==(const TreeHead&, const TreeHead&) = default;
};

// As holdfastd streams them: one block of the journal each, or a piece of one. A piece without a checkpoint is continued by the
// next one.
struct JournalPart {
  std::uint64_t first_index = 0;
  ByteView records;
  std::string_view checkpoint;
};

class Replica {
 public:
  // Shows what is there already. `cosigned`: the newest head that this signer cosigned, which its own journal remembers also
  // when the copy is lost; size 0 before the first. Storage must outlive it. Errors of journal::replay, and journal_forked.
  static Result<std::unique_ptr<Replica>> open(journal::Storage& storage, journal::VerifierKey log, const TreeHead& cosigned,
                                               const journal::RecordVisitor& visit);

  // Takes the parts, which must end with a checkpoint or be continued later; shows the records that a checkpoint now vouches for.
  // On an error nothing of them was kept, and what was begun is dropped: holdfastd has to begin again at size().
  //   the corruptions above, errors of the storage and of the visitor (then the replica must be opened anew)
  Result<void> take(std::span<const JournalPart> parts, const journal::RecordVisitor& visit);

  // A head that holdfastd says is its newest. Errors journal_not_signed, journal_malformed, journal_forked, journal_rolled_back.
  Result<void> hear(std::string_view checkpoint);

  // What holds of a head that somebody else saw.
  enum class Place : std::uint8_t { ours, ahead, forked, too_old_to_tell };
  Place place_of(const TreeHead& head) const;

  std::uint64_t size() const { return tree_.size(); }
  TreeHead head() const { return {tree_.size(), tree_.root()}; }
  const std::string& checkpoint() const { return checkpoint_; }  // Of head(); empty before the first.
  // Not while a lost copy is still being streamed again up to what was cosigned.
  bool is_complete() const { return tree_.size() >= cosigned_.size; }
  std::uint64_t announced() const { return announced_; }         // The largest size that a signed head named.
  const journal::VerifierKey& log() const { return log_; }

 private:
  Replica(journal::Storage& storage, journal::VerifierKey log, const TreeHead& cosigned)
      : storage_(storage), log_(std::move(log)), cosigned_(cosigned) {}
  Result<void> extend(const JournalPart& part);
  Result<void> add_leaf(const Hash32& leaf);
  Result<journal::Checkpoint> open_head(std::string_view checkpoint) const;
  Result<void> keep(std::string_view checkpoint, const journal::RecordVisitor& visit);
  void remember(const TreeHead& head);
  void drop_begun();

  journal::Storage& storage_;
  const journal::VerifierKey log_;
  const TreeHead cosigned_;
  journal::Frontier tree_;
  std::string checkpoint_;
  std::uint64_t announced_ = 0;
  std::deque<TreeHead> recent_;  // Heads that this signer passed, oldest first.

  // Begun, not vouched for yet.
  journal::Frontier begun_tree_;
  Bytes begun_records_;
  std::uint64_t begun_count_ = 0;
  std::deque<TreeHead> begun_heads_;
};

}  // namespace holdfast::signer
