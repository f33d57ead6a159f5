// The journal: an append-only log of records whose every state is signed and provable.
//
//   open      replays and checks what is there (replay.h)
//   append    makes one batch of records durable in one commit, together with the signed checkpoint after it
//   prove     shows others that a record is in the log, or that the log only grew
//
// Records are facts: they are never changed or removed. One thread owns a Journal.
#pragma once

#include "base/result.h"
#include "journal/block.h"
#include "journal/log_key.h"
#include "journal/merkle.h"
#include "journal/replay.h"
#include "journal/storage.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::journal {

struct Head {
  std::uint64_t size = 0;  // How many records there are; the index of the next one.
  Hash32 root;
  std::string checkpoint;  // The signed note over both.
};

struct OpenOptions {
  ReplayOptions replay;
  // May have signed the last checkpoint besides the present key. A log keeps its name when its key changes.
  std::vector<VerifierKey> earlier_keys;
};

class Journal {
 public:
  // Storage and key must outlive the journal. Errors as for replay(); on any of them nothing was written.
  static Result<std::unique_ptr<Journal>> open(Storage& storage, const LogKey& key, const RecordVisitor& visit,
                                               const OpenOptions& options = {});
  static Result<std::unique_ptr<Journal>> open(Storage&, LogKey&&, const RecordVisitor&,
                                               const OpenOptions& = {}) = delete;  // A key that would not outlive it.

  // Appends the batch, which must not be empty, as one block. On success its records are durable from index
  // head().size - count on, and the batch is cleared. On a fault nothing happened, and the batch is as it was.
  // On an unknown outcome every later append is refused: open the journal anew.
  //   fault and unknown of Storage::append;  fault journal_must_be_reopened
  Result<Head> append(Batch& batch);

  const Head& head() const { return head_; }
  // The tree behind head(): store it in a snapshot to open from there.
  const Frontier& tree() const { return tree_; }
  // Whether open() found, and left out, a block that a crash had cut short.
  bool torn_tail() const { return torn_tail_; }

  // Proofs for head(). They read the journal from its start.
  //   refusal  index_out_of_range (index or old size is past the head)
  Result<Proof> prove_inclusion(std::uint64_t index) const;
  Result<Proof> prove_consistency(std::uint64_t old_size) const;

 private:
  Journal(Storage& storage, const LogKey& key) : storage_(storage), key_(key) {}

  Storage& storage_;
  const LogKey& key_;
  Frontier tree_;
  Head head_;
  bool torn_tail_ = false;
  bool in_doubt_ = false;  // An append had an unknown outcome.
};

// The same proofs for any earlier size, by a reader that does not own the journal (say, another process).
Result<Proof> prove_inclusion(Storage& storage, std::uint64_t index, std::uint64_t size);
Result<Proof> prove_consistency(Storage& storage, std::uint64_t old_size, std::uint64_t size);

}  // namespace holdfast::journal
