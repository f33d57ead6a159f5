#include "journal/test_vfs.h"

#include "base/check.h"

namespace holdfast::journal {
namespace {

TestVfsFaults g_faults;
sqlite3_vfs* g_real_vfs = nullptr;

// SQLite allocates szOsFile bytes: ours, and behind them the real layer's file.
struct TestFile {
  sqlite3_file base;
  int kind;
};

int kind_of(sqlite3_file* file) { return reinterpret_cast<TestFile*>(file)->kind; }
sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<sqlite3_file*>(reinterpret_cast<TestFile*>(file) + 1); }
const sqlite3_io_methods* real_methods(sqlite3_file* file) { return real(file)->pMethods; }

// Calls one method of the real file. All but two of ours are this.
template <auto method, class... Arguments>
auto forward(sqlite3_file* file, Arguments... arguments) {
  return (real_methods(file)->*method)(real(file), arguments...);
}

int sync(sqlite3_file* file, int flags) {
  if ((kind_of(file) & g_faults.fail_sync) != 0) return SQLITE_IOERR_FSYNC;
  return real_methods(file)->xSync(real(file), flags);
}

int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  if ((kind_of(file) & g_faults.fail_write) != 0) return SQLITE_FULL;
  return real_methods(file)->xWrite(real(file), data, size, offset);
}

using Methods = sqlite3_io_methods;
constexpr Methods kMethods = {
    2,
    forward<&Methods::xClose>,
    forward<&Methods::xRead, void*, int, sqlite3_int64>,
    write,
    forward<&Methods::xTruncate, sqlite3_int64>,
    sync,
    forward<&Methods::xFileSize, sqlite3_int64*>,
    forward<&Methods::xLock, int>,
    forward<&Methods::xUnlock, int>,
    forward<&Methods::xCheckReservedLock, int*>,
    forward<&Methods::xFileControl, int, void*>,
    forward<&Methods::xSectorSize>,
    forward<&Methods::xDeviceCharacteristics>,
    forward<&Methods::xShmMap, int, int, int, void volatile**>,
    forward<&Methods::xShmLock, int, int, int>,
    forward<&Methods::xShmBarrier>,
    forward<&Methods::xShmUnmap, int>,
    nullptr,
    nullptr,
};

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  reinterpret_cast<TestFile*>(file)->kind = flags;
  const int result = g_real_vfs->xOpen(g_real_vfs, name, real(file), flags, out_flags);
  file->pMethods = real(file)->pMethods != nullptr ? &kMethods : nullptr;
  return result;
}

}  // namespace

TestVfs::TestVfs() {
  HF_CHECK(g_real_vfs == nullptr);
  g_faults = {};
  g_real_vfs = sqlite3_vfs_find(nullptr);
  vfs_ = *g_real_vfs;
  vfs_.zName = "holdfast-test";
  vfs_.szOsFile = static_cast<int>(sizeof(TestFile)) + g_real_vfs->szOsFile;
  vfs_.pNext = nullptr;
  vfs_.xOpen = open;
  HF_CHECK(sqlite3_vfs_register(&vfs_, 1) == SQLITE_OK);
}

TestVfs::~TestVfs() {
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(g_real_vfs, 1);
  g_real_vfs = nullptr;
}

TestVfsFaults& TestVfs::faults() { return g_faults; }

}  // namespace holdfast::journal
