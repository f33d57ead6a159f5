// Reads a journal from its first block (or from a snapshot) to its last, and believes nothing it has not checked.
//
// Checked for each block: it begins where the one before it ended; its records are well formed and as many as it
// says; the root recomputed from them is the stored one and the one its checkpoint names. The last checkpoint
// must carry a signature by a trusted key, which through the root vouches for every byte before it.
//
// What a journal cannot see by itself: that its newest blocks were removed whole. For that, give it a head that
// was kept elsewhere (a witness's): see ReplayOptions::known_head.
#pragma once

#include "base/result.h"
#include "journal/merkle.h"
#include "journal/note.h"
#include "journal/storage.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace holdfast::journal {

// Gets each record once, in order, only after its block was checked. The view is valid during the call. An error
// (say, a record that it cannot decode) ends the replay, which returns that error as it is. Only a replay that ends
// well vouches for what was shown: on an error, throw away what was built from it.
using RecordVisitor = std::function<Result<void>(std::uint64_t index, ByteView record)>;

struct ReplayOptions {
  // Starts behind a trusted snapshot, which must lie between two blocks: earlier records are neither read nor
  // shown. Its root is still proved by the last checkpoint, whose tree contains it.
  std::optional<Frontier> from;
  // A head this journal is known to have had: replay proves that it still extends it.
  std::optional<Checkpoint> known_head;
  // Checks the signature of each checkpoint, not of the last alone. For audits: it is slow with small blocks.
  bool every_signature = false;
  // Reads and hashes on a second thread while the visitor works on this one. The visitor always runs on the
  // caller's thread, but the storage is then used from the other one (never both at once).
  bool second_thread = true;
};

struct Replayed {
  Frontier tree;
  std::string checkpoint;  // The last one; empty for an empty journal.
  bool torn_tail = false;  // The last block was not written to its end; it was not shown and has no effect.
};

//   corruption journal_damaged            bytes are missing, changed or out of order; the text says where
//   corruption journal_signed_by_another  the last checkpoint is not by a trusted key
//   corruption journal_behind             the journal is shorter than the snapshot or the known head
//   corruption journal_forked             the journal does not extend the known head
//   and the errors of Storage::read and of the visitor
// Writes nothing, ever.
Result<Replayed> replay(Storage& storage, std::span<const VerifierKey> trusted, const RecordVisitor& visit,
                        const ReplayOptions& options = {});

}  // namespace holdfast::journal
