#include "signer/backup.h"

#include "base/hex.h"
#include "signer/policy.h"

#include <fmt/format.h>
#include <sodium.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

namespace holdfast::signer {
namespace {

constexpr std::string_view kMagic = "holdfast-signer-backup/";
constexpr std::string_view kVersion = "1";
constexpr std::array<std::string_view, 3> kNames = {"keys", "config", "policy"};
constexpr std::size_t kMaxLines = 256;

Hash32 sha256(ByteView bytes) {
  Hash32 out;
  crypto_hash_sha256(out.bytes.data(), bytes.data(), bytes.size());
  return out;
}

Failure malformed() { return refuse("backup_malformed", "not a signer's backup, or not whole"); }

std::string manifest_of(const Backup& backup) {
  std::string out = fmt::format("{}{}\nsigner {}\nmade {}\njournal {} {}\n", kMagic, kVersion, backup.signer, backup.made_at.unix_ms,
                                backup.journal_records, to_hex(backup.journal_root.view()));
  for (const auto& [entry, in_token] : backup.keys) {
    out += fmt::format("key {} {} {}\n", name(entry.role), in_token ? "token" : "file", to_hex(entry.address.view()));
  }
  for (const BackupFile& file : backup.files) {
    out += fmt::format("file {} {} {}\n", file.name, file.bytes.size(), to_hex(sha256(file.bytes).view()));
  }
  return out + "\n";
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> out;
  for (;;) {
    const auto end = line.find(' ');
    out.push_back(line.substr(0, end));
    if (end == std::string_view::npos) return out;
    line.remove_prefix(end + 1);
  }
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t out = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return out;
}

std::optional<BackupKey> key_of(const std::vector<std::string_view>& words) {
  if (words.size() != 4 || (words[2] != "token" && words[2] != "file")) return std::nullopt;
  const auto address = fixed_from_hex<chain::evm::Address20::kSize>(words[3]);
  if (!address) return std::nullopt;
  for (const KeyRole role : {KeyRole::owner, KeyRole::gas, KeyRole::single_key, KeyRole::seed}) {
    if (words[1] == name(role)) return BackupKey{{role, *address}, words[2] == "token"};
  }
  return std::nullopt;
}

// What the manifest says of a file.
struct Stated {
  std::string name;
  std::size_t size = 0;
  Hash32 hash;
};

std::optional<Stated> file_of(const std::vector<std::string_view>& words) {
  if (words.size() != 4 || !is_backup_file_name(words[1])) return std::nullopt;
  const auto size = number_of(words[2]);
  const auto hash = fixed_from_hex<Hash32::kSize>(words[3]);
  if (!size || *size > kMaxBackupBytes || !hash) return std::nullopt;
  return Stated{std::string(words[1]), static_cast<std::size_t>(*size), *hash};
}

struct Manifest {
  Backup backup;  // Without its files' bytes.
  std::vector<Stated> files;
};

bool take_line(Manifest& out, std::string_view line) {
  const auto words = words_of(line);
  if (words[0] == "signer" && words.size() == 2) {
    out.backup.signer = words[1];
    return is_signer_name(out.backup.signer);
  }
  if (words[0] == "made" && words.size() == 2) {
    const auto at = number_of(words[1]);
    if (!at || *at > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return false;
    out.backup.made_at = {static_cast<std::int64_t>(*at)};
    return true;
  }
  if (words[0] == "journal" && words.size() == 3) {
    const auto records = number_of(words[1]);
    const auto root = fixed_from_hex<Hash32::kSize>(words[2]);
    out.backup.journal_records = records.value_or(0);
    out.backup.journal_root = root.value_or(Hash32{});
    return records && root;
  }
  if (words[0] == "key") {
    const auto key = key_of(words);
    if (key) out.backup.keys.push_back(*key);
    return key.has_value();
  }
  const auto file = words[0] == "file" ? file_of(words) : std::nullopt;
  if (file) out.files.push_back(*file);
  return file.has_value();
}

Result<Manifest> read_manifest(std::string_view text) {
  Manifest out;
  for (std::size_t lines = 0; !text.empty(); ++lines) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos || lines == kMaxLines || !take_line(out, text.substr(0, end))) return malformed();
    text.remove_prefix(end + 1);
  }
  const auto& keys = out.backup.keys;
  const auto is_owner = [](const BackupKey& key) { return key.entry.role == KeyRole::owner; };
  if (keys.empty() || keys.size() > 2 * kMaxKeys || !is_owner(keys.front())) return malformed();
  if (std::ranges::count_if(keys, is_owner) != 1) return malformed();
  return out;
}

}  // namespace

const BackupFile* Backup::file(std::string_view wanted) const {
  const auto found = std::ranges::find(files, wanted, &BackupFile::name);
  return found == files.end() ? nullptr : &*found;
}

bool is_backup_file_name(std::string_view name) { return std::ranges::find(kNames, name) != kNames.end(); }

Bytes encode(const Backup& backup) {
  Bytes out = to_bytes(as_bytes(manifest_of(backup)));
  for (const BackupFile& file : backup.files) out.insert(out.end(), file.bytes.begin(), file.bytes.end());
  return out;
}

Result<Backup> decode_backup(ByteView bytes) {
  if (bytes.size() > kMaxBackupBytes) return refuse("backup_too_large", "a signer's backup is smaller");
  std::string_view text = as_text(bytes);
  if (!text.starts_with(kMagic)) return malformed();
  const auto first = text.find('\n');
  if (first == std::string_view::npos) return malformed();
  if (text.substr(kMagic.size(), first - kMagic.size()) != kVersion) return refuse("backup_version", "made by a newer version; use that one");
  const auto end = text.find("\n\n");
  if (end == std::string_view::npos) return malformed();
  auto manifest = read_manifest(text.substr(first + 1, end - first));
  if (!manifest) return Failure(manifest.error());
  ByteView rest = bytes.subspan(end + 2);
  for (const Stated& stated : manifest->files) {
    if (manifest->backup.file(stated.name) != nullptr || stated.size > rest.size()) return malformed();
    manifest->backup.files.push_back({stated.name, to_bytes(rest.first(stated.size))});
    rest = rest.subspan(stated.size);
    if (sha256(manifest->backup.files.back().bytes) != stated.hash) {
      return refuse("backup_damaged", stated.name + ": is not what the backup's manifest says");
    }
  }
  // One text for each content.
  if (!rest.empty() || manifest_of(manifest->backup) != text.substr(0, end + 2)) return malformed();
  return std::move(manifest->backup);
}

}  // namespace holdfast::signer
