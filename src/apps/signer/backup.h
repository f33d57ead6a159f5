// holdfast-signer backup, restore and drill: the keys on another host, and the proof that they would be.
#pragma once

#include "apps/signer/held_keys.h"
#include "base/result.h"

#include <string>
#include <vector>

namespace holdfast::signer::app {

struct BackupArguments {
  std::string config;
  std::vector<std::string> recipients;  // age1...
  std::string out;                      // A new file.
};
// Needs no passphrase: the key file goes in as it is. Refuses what age_encrypt refuses, `key_file_exists`.
Result<void> back_up(const BackupArguments& arguments);

struct RestoreArguments {
  std::string identity;  // File with an age identity.
  std::string in;        // The backup.
  std::string data;      // With the signer's own journal and its key; without, `forgotten` makes them.
  std::string key_file;  // A new file. Empty when all keys of the signer are in its token.
  bool forgotten = false;
  std::string by;        // Who says so, for the journal.
};
// Writes the key file, and the configuration to DATA/restored-config.toml; overwrites nothing. Refuses what decode_backup and
// age_decrypt refuse, and
//   journal_missing    the signer's own journal is gone, and nobody has said --forgotten
//   journal_present    --forgotten is said, and a journal is there
//   key_file_exists, file_exists, key_file_unclear (a key file is in the backup, or none is)
// and corrupts with journal_behind and journal_forked where the journal is not the one of the backup, or an older one.
Result<void> restore(const RestoreArguments& arguments);

struct DrillArguments {
  std::string config;  // Of the live signer, which is only looked at.
  std::string identity;
  std::string in;
  KeyAccess access;
  std::string scratch = "/dev/shm";  // Has to be memory.
  std::string record;                // Empty: DATA/drill.json.
};
// Restores the backup into memory, opens it, compares it with the live signer and signs with each key. Whatever comes of it is written
// to the record. Refuses what opening it refuses, and `scratch_on_disk`, `backup_of_another`, `backup_keys_differ`,
// `signature_wrong`.
Result<void> drill(const DrillArguments& arguments);

}  // namespace holdfast::signer::app
