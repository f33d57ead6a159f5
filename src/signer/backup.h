// What stands in a backup of a signer, before it is encrypted (docs/formats/signer-backup.md). Pure coding.
//
// A backup has what a new host needs to hold the same keys, and what tells whether it does. It has no memory of what was signed:
// by the time it is needed that would be old, and a signer with an old memory signs twice.
#pragma once

#include "base/bytes.h"
#include "base/instant.h"
#include "base/result.h"
#include "signer/keys/key_file.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::signer {

inline constexpr std::size_t kMaxBackupBytes = std::size_t{4} << 20;

struct BackupKey {
  KeyEntry entry;
  bool in_token = false;  // Then its secret is not in the backup, nor anywhere but in the token.
  friend bool operator==(const BackupKey&, const BackupKey&) = default;
};

// "keys" (the key file as it is, under its passphrase), "config", "policy". No other name is taken: it is no path.
struct BackupFile {
  std::string name;
  Bytes bytes;
  friend bool operator==(const BackupFile&, const BackupFile&) = default;
};

struct Backup {
  std::string signer;
  Instant made_at;
  std::uint64_t journal_records = 0;  // Of the signer's own journal, when it was made; and its root then.
  Hash32 journal_root;
  std::vector<BackupKey> keys;    // The owner's first; at most kMaxKeys of the token, and kMaxKeys of the key file.
  std::vector<BackupFile> files;  // Each name once.

  const BackupFile* file(std::string_view name) const;
  friend bool operator==(const Backup&, const Backup&) = default;
};

bool is_backup_file_name(std::string_view name);

// Its manifest, with the SHA-256 of each file, and the files.
Bytes encode(const Backup& backup);

// Refuses backup_malformed (not what encode() writes), backup_too_large, backup_version, and backup_damaged (a file is not what the
// manifest says).
Result<Backup> decode_backup(ByteView bytes);

}  // namespace holdfast::signer
