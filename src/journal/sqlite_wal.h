// A second look at SQLite's write-ahead log, before SQLite reads it.
//
// SQLite takes the first frame whose checksum is wrong for the end of the log, as a power cut would leave it, and drops
// what follows without a word. One flipped bit could so undo any number of durable commits. But each of ours was
// synced before the next was begun, so a power cut can spoil the last one only: where two or more stand behind the
// bad frame, it is damage.
//
// The log's format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
#pragma once

#include "base/result.h"

#include <string>

namespace holdfast::journal {

// Looks at JOURNAL-wal; well, too, when there is none. Nobody may write to it meanwhile.
//   corruption journal_damaged    fault journal_not_read
Result<void> check_wal(const std::string& journal_path);

}  // namespace holdfast::journal
