#include "journal/sqlite_storage.h"

#include "base/check.h"
#include "journal/sqlite_wal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace holdfast::journal {
namespace {

constexpr std::string_view kTable =
    "CREATE TABLE block (first_index INTEGER PRIMARY KEY, count INTEGER NOT NULL, root BLOB NOT NULL, "
    "checkpoint TEXT NOT NULL, records BLOB NOT NULL) STRICT";
constexpr std::int64_t kApplicationId = 0x48664a31;  // "HfJ1"
constexpr std::int64_t kFormatVersion = 1;
constexpr int kBusyTimeoutMs = 5000;
constexpr int kPageBytes = 8192;
// The write-ahead log is copied into the file when it has grown to so many pages.
constexpr int kCheckpointPages = 4096;

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

// Ends a statement's run, so that it holds no lock and its views are gone.
class Running {
 public:
  explicit Running(sqlite3_stmt* statement) : statement_(statement) {}
  ~Running() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  sqlite3_stmt* statement_;
};

std::string last_os_error() { return std::strerror(errno); }

Failure damaged(const std::string& path, std::string_view what) {
  return corruption("journal_damaged",
                    fmt::format("the journal {} is damaged: {}. Nothing was written; restore it from a copy", path, what));
}

// What a failed SQLite call means to the journal's callers. `code` is for failures with no better one.
Failure failed(sqlite3* database, const std::string& path, int result, std::string_view code) {
  const std::string reason =
      database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(result);
  switch (result & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_TOOBIG: return damaged(path, reason);
    case SQLITE_FULL:
      return fault("journal_disk_full", fmt::format("no room to write the journal {}: make room on that disk", path));
    case SQLITE_BUSY:
      return fault("journal_busy", fmt::format("another program holds a lock on the journal {}: end it", path));
    default: return fault(code, fmt::format("the journal {}: {} (SQLite error {})", path, reason, result));
  }
}

// A write that the disk refused may have reached it in part, and the kernel may have dropped what it could not write:
// asking again could get a false "yes". Only a restart, which reads back what is really there, is safe.
void die_of_failed_write(const std::string& path, int result) {
  if ((result & 0xff) != SQLITE_IOERR) return;
  die(fmt::format("writing the journal {} failed (SQLite error {}); see the system log for the disk", path, result)
          .c_str());
}

Result<Database> open_database(const std::string& path, int flags) {
  sqlite3* raw = nullptr;
  const int result = sqlite3_open_v2(path.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  Database database(raw);
  if (result != SQLITE_OK) return failed(raw, path, result, "journal_not_opened");
  sqlite3_busy_timeout(raw, kBusyTimeoutMs);
  return database;
}

int run(sqlite3* database, const std::string& sql) {
  return sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr);
}

Result<Statement> prepare(sqlite3* database, const std::string& path, std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const int result = sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                        &raw, nullptr);
  if (result != SQLITE_OK) return failed(database, path, result, "journal_not_opened");
  return Statement(raw);
}

ByteView column_bytes(sqlite3_stmt* statement, int column) {
  const void* data = sqlite3_column_blob(statement, column);
  return {static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
}

Result<std::int64_t> read_number(sqlite3* database, const std::string& path, std::string_view sql) {
  auto statement = prepare(database, path, sql);
  if (!statement) return Failure(statement.error());
  const int result = sqlite3_step(statement->get());
  if (result != SQLITE_ROW) return failed(database, path, result, "journal_not_opened");
  return sqlite3_column_int64(statement->get(), 0);
}

// The file may come from anywhere: besides our one table it may hold nothing that SQL could run.
Result<void> check_format(sqlite3* database, const std::string& path) {
  const auto application = read_number(database, path, "PRAGMA application_id");
  if (!application) return Failure(application.error());
  const auto version = read_number(database, path, "PRAGMA user_version");
  if (!version) return Failure(version.error());
  if (*application != kApplicationId) return damaged(path, "it is no journal of Holdfast");
  if (*version != kFormatVersion) {
    return refuse("journal_format_unknown", fmt::format("the journal {} has format {}, this program knows {}: use the "
                                                        "program that wrote it or a newer one",
                                                        path, *version, kFormatVersion));
  }
  auto schema = prepare(database, path, "SELECT sql FROM sqlite_schema");
  if (!schema) return Failure(schema.error());
  int tables = 0;
  int result = sqlite3_step(schema->get());
  for (; result == SQLITE_ROW; result = sqlite3_step(schema->get()), ++tables) {
    if (as_text(column_bytes(schema->get(), 0)) != kTable) return damaged(path, "its schema is not the journal's");
  }
  if (result != SQLITE_DONE) return failed(database, path, result, "journal_not_opened");
  if (tables != 1) return damaged(path, "its table is missing");
  return {};
}

// Keeps a second writer out for as long as it lives; the kernel lets go of it when the process dies.
class WriterLock {
 public:
  static Result<WriterLock> take(const std::string& journal_path) {
    const std::string path = journal_path + ".lock";
    WriterLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (lock.descriptor_ < 0) {
      return fault("journal_not_opened", fmt::format("cannot open {}: {}", path, last_os_error()));
    }
    if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
      return refuse("journal_in_use", fmt::format("the journal {} is being written by another process, which holds {}: "
                                                  "stop that process first (`fuser {}` names it)",
                                                  journal_path, path, path));
    }
    return lock;
  }
  WriterLock() = default;
  ~WriterLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  WriterLock(WriterLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  WriterLock& operator=(WriterLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }

 private:
  explicit WriterLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_ = -1;
};

Result<void> write_empty_journal(const std::string& path) {
  auto database = open_database(path, SQLITE_OPEN_READWRITE);
  if (!database) return Failure(database.error());
  const int result = run(database->get(), fmt::format("PRAGMA page_size={}; PRAGMA journal_mode=WAL; "
                                                      "PRAGMA synchronous=FULL; BEGIN; PRAGMA application_id={}; "
                                                      "PRAGMA user_version={}; {}; COMMIT",
                                                      kPageBytes, kApplicationId, kFormatVersion, kTable));
  if (result != SQLITE_OK) return failed(database->get(), path, result, "journal_not_created");
  return {};
}

bool sync_folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool synced = ::fsync(descriptor) == 0;
  ::close(descriptor);
  return synced;
}

}  // namespace

struct SqliteStorage::Connection {
  std::string path;
  bool writable = false;
  bool written = false;       // Until the first append, the file is not touched.
  bool wal_is_clean = false;  // It ends with a whole commit of ours.
  int wal_pages = 0;
  WriterLock lock;
  Database database;
  Statement insert;  // Statements go before the database they belong to.
  Statement select;
  Statement select_last;

  static Result<std::unique_ptr<Connection>> open(const std::string& path, bool writable);
  Result<void> configure();
  Result<void> prepare_statements();
  Result<void> begin_writing();
  int checkpoint(int mode);
  ~Connection();
};

Result<std::unique_ptr<SqliteStorage::Connection>> SqliteStorage::Connection::open(const std::string& path,
                                                                                   bool writable) {
  std::error_code unreachable;
  if (!std::filesystem::exists(path, unreachable) && !unreachable) {
    return refuse("journal_missing", fmt::format("there is no journal {}. If this is a new installation, create it; if "
                                                 "not, find it: starting anew would forget every payment", path));
  }
  auto connection = std::make_unique<Connection>();
  connection->path = path;
  connection->writable = writable;
  if (writable) {
    auto lock = WriterLock::take(path);
    if (!lock) return Failure(lock.error());
    connection->lock = *std::move(lock);
    if (auto checked = check_wal(path); !checked) return Failure(checked.error());
  }
  auto database = open_database(path, writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
  if (!database) return Failure(database.error());
  connection->database = *std::move(database);
  if (auto configured = connection->configure(); !configured) return Failure(configured.error());
  if (auto checked = check_format(connection->database.get(), path); !checked) return Failure(checked.error());
  if (auto prepared = connection->prepare_statements(); !prepared) return Failure(prepared.error());
  return connection;
}

Result<void> SqliteStorage::Connection::configure() {
  sqlite3* raw = database.get();
  // A hostile file must not run code, and closing an unwritten journal must not change it.
  for (const int option : {SQLITE_DBCONFIG_DEFENSIVE, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE}) {
    sqlite3_db_config(raw, option, 1, nullptr);
  }
  for (const int option :
       {SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_ENABLE_VIEW}) {
    sqlite3_db_config(raw, option, 0, nullptr);
  }
  // One row is one block with its checkpoint: more than that is not ours.
  sqlite3_limit(raw, SQLITE_LIMIT_LENGTH, static_cast<int>(kMaxBlockBytes + (1 << 20)));
  const int result = run(raw, "PRAGMA synchronous=FULL; PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY");
  if (result != SQLITE_OK) return failed(raw, path, result, "journal_not_opened");
  // In place of SQLite's own automatic checkpoint, which would hide that its fsync failed.
  sqlite3_wal_hook(
      raw,
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<Connection*>(self)->wal_pages = pages;
        return SQLITE_OK;
      },
      this);
  return {};
}

Result<void> SqliteStorage::Connection::prepare_statements() {
  const auto assign = [this](Statement& statement, std::string_view sql) -> Result<void> {
    auto prepared = prepare(database.get(), path, sql);
    if (!prepared) return Failure(prepared.error());
    statement = *std::move(prepared);
    return {};
  };
  if (auto done = assign(select, "SELECT first_index, count, root, checkpoint, records FROM block "
                                 "WHERE first_index >= ?1 ORDER BY first_index"); !done) {
    return done;
  }
  if (auto done = assign(select_last, "SELECT checkpoint FROM block ORDER BY first_index DESC LIMIT 1"); !done) {
    return done;
  }
  if (!writable) return {};
  return assign(insert, "INSERT INTO block (first_index, count, root, checkpoint, records) VALUES (?1, ?2, ?3, ?4, ?5)");
}

// A journal that came as a copy may not be in WAL mode yet. And the log begins anew: what a crash or a full disk has
// left at its end must not stand behind new commits (see sqlite_wal.h).
Result<void> SqliteStorage::Connection::begin_writing() {
  int result = run(database.get(), "PRAGMA journal_mode=WAL");
  die_of_failed_write(path, result);
  if (result == SQLITE_OK) result = checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
  if (result != SQLITE_OK && result != SQLITE_BUSY) return failed(database.get(), path, result, "journal_not_written");
  wal_is_clean = true;
  written = true;
  return {};
}

// Copies the log into the file. Returns SQLite's result: a reader in the way or a full disk only postpones it, for
// what was appended is safe in the log.
int SqliteStorage::Connection::checkpoint(int mode) {
  const int result = sqlite3_wal_checkpoint_v2(database.get(), nullptr, mode, nullptr, nullptr);
  die_of_failed_write(path, result);
  return result;
}

SqliteStorage::Connection::~Connection() {
  if (!written) return;
  checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
  // Lets SQLite take away the files beside the journal, now that they are empty.
  sqlite3_db_config(database.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
}

SqliteStorage::SqliteStorage(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
SqliteStorage::~SqliteStorage() = default;

Result<void> SqliteStorage::create(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) {
    if (errno == EEXIST) return refuse("journal_exists", fmt::format("{} exists already", path));
    return fault("journal_not_created", fmt::format("cannot create {}: {}", path, last_os_error()));
  }
  ::close(descriptor);
  auto written = write_empty_journal(path);
  if (written && !sync_folder_of(path)) {
    written = fault("journal_not_created", fmt::format("cannot sync the folder of {}: {}", path, last_os_error()));
  }
  if (!written) ::unlink(path.c_str());
  return written;
}

Result<std::unique_ptr<SqliteStorage>> SqliteStorage::open(const std::string& path) {
  auto connection = Connection::open(path, true);
  if (!connection) return Failure(connection.error());
  return std::unique_ptr<SqliteStorage>(new SqliteStorage(*std::move(connection)));
}

Result<std::unique_ptr<SqliteStorage>> SqliteStorage::open_readonly(const std::string& path) {
  auto connection = Connection::open(path, false);
  if (!connection) return Failure(connection.error());
  return std::unique_ptr<SqliteStorage>(new SqliteStorage(*std::move(connection)));
}

Result<std::unique_ptr<SqliteStorage>> SqliteStorage::open_snapshot(const std::string& path) {
  auto storage = open_readonly(path);
  if (!storage) return storage;
  sqlite3* database = (*storage)->connection_->database.get();
  if (const int result = run(database, "BEGIN"); result != SQLITE_OK) {
    return failed(database, path, result, "journal_not_opened");
  }
  // What a transaction sees is settled by its first reading.
  const auto first = read_number(database, path, "SELECT coalesce(max(first_index), 0) FROM block");
  if (!first) return Failure(first.error());
  return storage;
}

Result<void> SqliteStorage::append(const BlockView& block) {
  Connection& c = *connection_;
  if (!c.writable) return refuse("journal_readonly", fmt::format("the journal {} was opened for reading", c.path));
  if (!c.wal_is_clean) {
    if (auto begun = c.begin_writing(); !begun) return begun;
  }
  sqlite3_stmt* insert = c.insert.get();
  const Running running(insert);
  sqlite3_bind_int64(insert, 1, static_cast<std::int64_t>(block.first_index));
  sqlite3_bind_int64(insert, 2, static_cast<std::int64_t>(block.count));
  sqlite3_bind_blob64(insert, 3, block.root.bytes.data(), block.root.bytes.size(), SQLITE_STATIC);
  sqlite3_bind_text64(insert, 4, block.checkpoint.data(), block.checkpoint.size(), SQLITE_STATIC, SQLITE_UTF8);
  sqlite3_bind_blob64(insert, 5, block.records.data(), block.records.size(), SQLITE_STATIC);
  const int result = sqlite3_step(insert);
  die_of_failed_write(c.path, result);
  c.wal_is_clean = result == SQLITE_DONE;
  if ((result & 0xff) == SQLITE_CONSTRAINT) {
    return damaged(c.path, fmt::format("a block at index {} was added behind our back", block.first_index));
  }
  if (result != SQLITE_DONE) return failed(c.database.get(), c.path, result, "journal_not_written");
  if (c.wal_pages >= kCheckpointPages) c.checkpoint(SQLITE_CHECKPOINT_PASSIVE);
  return {};
}

Result<void> SqliteStorage::read(std::uint64_t from_index, const BlockVisitor& visit) {
  Connection& c = *connection_;
  sqlite3_stmt* select = c.select.get();
  const Running running(select);
  sqlite3_bind_int64(select, 1, static_cast<std::int64_t>(from_index));
  int result = sqlite3_step(select);
  for (; result == SQLITE_ROW; result = sqlite3_step(select)) {
    StoredBlock stored;
    stored.block.first_index = static_cast<std::uint64_t>(sqlite3_column_int64(select, 0));
    stored.block.count = static_cast<std::uint64_t>(sqlite3_column_int64(select, 1));
    const ByteView root = column_bytes(select, 2);
    if (root.size() != Hash32::kSize) {
      return damaged(c.path, fmt::format("the block at index {} has no hash", stored.block.first_index));
    }
    stored.block.root = Hash32::from(root);
    stored.block.checkpoint = as_text(column_bytes(select, 3));
    stored.block.records = column_bytes(select, 4);
    if (auto seen = visit(stored); !seen) return seen;
  }
  if (result != SQLITE_DONE) return failed(c.database.get(), c.path, result, "journal_not_read");
  return {};
}

Result<std::string> SqliteStorage::last_checkpoint() {
  Connection& c = *connection_;
  sqlite3_stmt* select = c.select_last.get();
  const Running running(select);
  const int result = sqlite3_step(select);
  if (result == SQLITE_ROW) return std::string(as_text(column_bytes(select, 0)));
  if (result != SQLITE_DONE) return failed(c.database.get(), c.path, result, "journal_not_read");
  return std::string();
}

}  // namespace holdfast::journal
