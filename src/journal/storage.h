// The port behind the journal: an ordered list of blocks that can only be added to.
//
// What a body promises:
//   durable    Once append() has returned success, that block is read back complete, byte for byte, for ever:
//              after kill -9, a power cut, or a restart elsewhere.
//   in doubt   A block whose append() did not return may, after a crash, be complete, absent, or torn.
//   torn       The body itself can tell that the block was not written to its end (cut short, no end mark).
//              Then it shows it with torn = true; all else about that block is meaningless. A torn block is the
//              last one, and the next append() takes its place. A body that commits atomically has none.
//   damaged    Anything else that is not as it was written. The body need not notice: the journal does.
//              A block that is complete but does not match its hash is damage, the last one too: it may have
//              been promised to somebody, so it is never taken for torn.
//
// Bodies: SQLite (sqlite_storage.h), a simulated disk, PostgreSQL. One thread at a time.
#pragma once

#include "base/result.h"
#include "journal/block.h"

#include <cstdint>
#include <functional>
#include <string>

namespace holdfast::journal {

// One stored block. The views in it are valid only during the call.
struct StoredBlock {
  BlockView block;
  bool torn = false;
};

// Ends the reading early by returning an error, which read() then returns as it is.
using BlockVisitor = std::function<Result<void>(const StoredBlock&)>;

class Storage {
 public:
  virtual ~Storage() = default;

  // Adds one block after all others; it is durable when this returns success.
  //   fault        it did not happen and leaves no trace (disk full; this writer was fenced off by a newer one)
  //   unknown      it may have happened (the connection broke): open the journal anew before writing again
  // A failed fsync is neither: what the kernel dropped cannot be written again, so the process ends.
  virtual Result<void> append(const BlockView& block) = 0;

  // Shows, in order, the blocks whose first index is from_index or more, in memory bounded by one block.
  // The visitor must not call this storage.
  //   fault        the storage cannot be reached
  //   corruption   the body's own format is damaged
  virtual Result<void> read(std::uint64_t from_index, const BlockVisitor& visit) = 0;

  // The checkpoint text of the last block that is not torn; empty when there is none. Errors as for read().
  virtual Result<std::string> last_checkpoint() = 0;
};

}  // namespace holdfast::journal
