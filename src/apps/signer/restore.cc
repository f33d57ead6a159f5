// holdfast-signer restore: a signer's keys on another host, and what it may still sign with them.
#include "apps/signer/age.h"
#include "apps/signer/backup.h"
#include "apps/signer/commands.h"
#include "config/files.h"
#include "journal/cosignature.h"
#include "journal/replay.h"
#include "journal/sqlite_storage.h"
#include "signer/backup.h"
#include "signer/keys/secure_file.h"

#include <fmt/core.h>
#include <filesystem>

namespace holdfast::signer::app {
namespace {

std::string config_path(const RestoreArguments& arguments) { return arguments.data + "/restored-config.toml"; }

Result<void> check_places(const RestoreArguments& arguments, const Backup& backup) {
  const bool has_keys = backup.file("keys") != nullptr;
  if (has_keys == arguments.key_file.empty()) {
    return refuse("key_file_unclear", has_keys ? "the backup has a key file: name a place for it with --key-file"
                                               : "the backup has no key file: all keys of this signer are in its token");
  }
  for (const std::string& path : {arguments.key_file, config_path(arguments)}) {
    if (!path.empty() && std::filesystem::exists(path)) return refuse("file_exists", path + ": is there already; nothing is overwritten");
  }
  const bool has_journal = std::filesystem::exists(journal_path(arguments.data));
  if (has_journal && arguments.forgotten) return refuse("journal_present", "a journal is there: restore without --forgotten, or into another folder");
  if (!has_journal && !arguments.forgotten) {
    return refuse("journal_missing", "bring the signer's own journal (journal.db and journal.key) into --data; or, when it is lost, say "
                                     "--forgotten: then it signs evacuations, burns and guard freezes and nothing else, ever");
  }
  return {};
}

// The journal that is there is the signer's, and has all that it had when the backup was made.
Result<void> check_journal(const RestoreArguments& arguments, const Backup& backup) {
  const std::string name = journal_name(backup.signer);
  const auto log_key = journal::LogKey::load(journal_key_path(arguments.data), name);
  if (!log_key) return Failure(log_key.error());
  const auto storage = journal::SqliteStorage::open_snapshot(journal_path(arguments.data));
  if (!storage) return Failure(storage.error());
  journal::ReplayOptions options;
  options.known_head = journal::Checkpoint{name, backup.journal_records, backup.journal_root};
  Memory memory;
  const auto visit = [&](std::uint64_t index, ByteView bytes) { return memory.apply_encoded(index, bytes); };
  const auto replayed = journal::replay(**storage, std::span(&log_key->verifier(), 1), visit, options);
  if (!replayed) return Failure(replayed.error());
  fmt::print("journal     {} records, of which the backup knew {}\n", replayed->tree.size(), backup.journal_records);
  return {};
}

// A new one where the old was not saved: the operators of the others have to enter it.
Result<void> make_witness(const RestoreArguments& arguments, const Backup& backup) {
  if (std::filesystem::exists(witness_key_path(arguments.data))) return {};
  const auto key = journal::LogKey::create(witness_key_path(arguments.data), witness_name(backup.signer));
  if (!key) return Failure(key.error());
  fmt::print("witness     {} is new: enter it at holdfastd and at the other signers\n", journal::WitnessKey::of(*key).to_string());
  return {};
}

Result<void> make_forgotten(const RestoreArguments& arguments, const Backup& backup) {
  std::error_code error;
  std::filesystem::create_directories(arguments.data, error);
  if (error) return fault("data_not_created", arguments.data + ": " + error.message());
  std::filesystem::permissions(arguments.data, std::filesystem::perms::owner_all, error);
  const auto key = journal::LogKey::create(journal_key_path(arguments.data), journal_name(backup.signer));
  if (!key) return Failure(key.error());
  if (auto made = journal::SqliteStorage::create(journal_path(arguments.data)); !made) return made;
  const auto storage = journal::SqliteStorage::open(journal_path(arguments.data));
  if (!storage) return Failure(storage.error());
  return begin_forgotten(**storage, *key, backup.journal_records, backup.journal_root, arguments.by, SystemClock().now());
}

}  // namespace

Result<void> restore(const RestoreArguments& arguments) {
  const auto sealed = config::read_file(arguments.in, kMaxBackupBytes);
  if (!sealed) return Failure(sealed.error());
  const auto opened = age_decrypt(arguments.identity, as_bytes(*sealed), kMaxBackupBytes);
  if (!opened) return Failure(opened.error());
  const auto backup = decode_backup(*opened);
  if (!backup) return Failure(backup.error());
  if (auto checked = check_places(arguments, *backup); !checked) return checked;
  // The memory comes first: without it there must be no keys.
  if (auto done = arguments.forgotten ? make_forgotten(arguments, *backup) : check_journal(arguments, *backup); !done) return done;
  if (auto made = make_witness(arguments, *backup); !made) return made;
  if (const BackupFile* config = backup->file("config")) {
    if (auto written = write_new_private_file(config_path(arguments), config->bytes); !written) return written;
  }
  if (const BackupFile* keys = backup->file("keys")) {
    if (auto written = write_new_private_file(arguments.key_file, keys->bytes); !written) return written;
  }
  fmt::print("signer      {}\n", backup->signer);
  for (const auto& [entry, in_token] : backup->keys) fmt::print("{:<12}{:<44}{}\n", name(entry.role), shown(entry), in_token ? "token" : "key file");
  if (arguments.forgotten) fmt::print("It has forgotten what it signed: evacuations, burns and guard freezes, and nothing else.\n");
  return {};
}

}  // namespace holdfast::signer::app
