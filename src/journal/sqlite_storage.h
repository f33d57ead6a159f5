// The journal in one SQLite file: WAL, synchronous=FULL, one row per block. Anybody may look in with sqlite3.
//
// The format, version 1 (user_version 1, application_id "HfJ1"):
//
//   CREATE TABLE block (first_index INTEGER PRIMARY KEY, count INTEGER NOT NULL, root BLOB NOT NULL,
//                       checkpoint TEXT NOT NULL, records BLOB NOT NULL) STRICT
//
// Beside FILE stand FILE-wal and FILE-shm (SQLite's) and FILE.lock (ours: it keeps a second writer out; readers
// do not need it). A journal is copied with `sqlite3 FILE "VACUUM INTO 'copy'"`, never file by file while in use.
#pragma once

#include "base/result.h"
#include "journal/storage.h"

#include <cstdint>
#include <memory>
#include <string>

namespace holdfast::journal {

class SqliteStorage final : public Storage {
 public:
  // Makes an empty journal, readable by its owner only. Never done implicitly: a daemon that started anew because
  // its journal had gone missing would pay everybody again.
  //   refusal journal_exists    fault journal_not_created
  static Result<void> create(const std::string& path);

  // Opens for writing. A failed fsync later ends the process.
  //   refusal journal_missing, journal_in_use (another process writes it)
  //   fault   journal_not_opened    corruption journal_damaged
  static Result<std::unique_ptr<SqliteStorage>> open(const std::string& path);

  // Opens for reading, also while a writer is at work. append() is then refused. Errors as above.
  static Result<std::unique_ptr<SqliteStorage>> open_readonly(const std::string& path);

  // The same, but what is written from now on is not seen: for reading the whole beside a writer. Not to be kept for
  // long, since the writer's log cannot be shortened meanwhile.
  static Result<std::unique_ptr<SqliteStorage>> open_snapshot(const std::string& path);

  ~SqliteStorage() override;

  // Additionally: refusal journal_readonly; fault journal_disk_full; corruption journal_damaged.
  Result<void> append(const BlockView& block) override;
  Result<void> read(std::uint64_t from_index, const BlockVisitor& visit) override;
  Result<std::string> last_checkpoint() override;

 private:
  struct Connection;
  explicit SqliteStorage(std::unique_ptr<Connection> connection);

  std::unique_ptr<Connection> connection_;
};

}  // namespace holdfast::journal
