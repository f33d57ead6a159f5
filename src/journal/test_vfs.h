// For tests: a file system layer under SQLite that refuses to write or to sync when it is told to.
#pragma once

#include <sqlite3.h>

namespace holdfast::journal {

// What fails, for all files whose kind (SQLITE_OPEN_WAL, SQLITE_OPEN_MAIN_DB) is among these flags.
struct TestVfsFaults {
  int fail_sync = 0;
  int fail_write = 0;  // As a full disk does.
};

// Becomes the default for databases that are opened while it lives. One at a time.
class TestVfs {
 public:
  TestVfs();
  ~TestVfs();
  TestVfs(const TestVfs&) = delete;
  TestVfs& operator=(const TestVfs&) = delete;

  TestVfsFaults& faults();

 private:
  sqlite3_vfs vfs_{};
};

}  // namespace holdfast::journal
