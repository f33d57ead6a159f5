// holdfast-signer drill: a backup that was never restored is a hope. This restores it into memory and says what came of it.
#include "apps/signer/age.h"
#include "apps/signer/backup.h"
#include "apps/signer/commands.h"
#include "base/hex.h"
#include "chain/evm/codec/keccak.h"
#include "config/files.h"
#include "signer/backup.h"
#include "signer/keys/secure_file.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/core.h>
#include <linux/magic.h>
#include <sodium.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace holdfast::signer::app {
namespace {

// A folder in memory, mode 0700, that is gone at the end with what is in it.
class MemoryFolder {
 public:
  static Result<std::unique_ptr<MemoryFolder>> make(const std::string& in) {
    struct statfs status{};
    const bool is_there = ::statfs(in.c_str(), &status) == 0;
    if (!is_there || (status.f_type != TMPFS_MAGIC && status.f_type != RAMFS_MAGIC)) {
      return refuse("scratch_on_disk", in + ": is not in memory; name a tmpfs with --scratch");
    }
    std::string pattern = in + "/holdfast-drill.XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) return fault("scratch_not_made", pattern + ": cannot be made");
    return std::unique_ptr<MemoryFolder>(new MemoryFolder(pattern));
  }
  ~MemoryFolder() {
    static_cast<void>(destroy_file(key_file()));
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  MemoryFolder(const MemoryFolder&) = delete;
  MemoryFolder& operator=(const MemoryFolder&) = delete;
  std::string key_file() const { return path_ + "/keys"; }

 private:
  explicit MemoryFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

struct Drilled {
  std::string signer;
  Instant made_at;
  std::size_t signed_with = 0;  // Keys of the key file that have signed.
  std::size_t in_token = 0;
  bool has_seed = false;
};

Result<Backup> open_backup(const DrillArguments& arguments, ByteView sealed) {
  const auto opened = age_decrypt(arguments.identity, sealed, kMaxBackupBytes);
  if (!opened) return Failure(opened.error());
  return decode_backup(*opened);
}

Result<void> compare(const Config& config, const Backup& backup) {
  if (backup.signer != config.policy.name) return refuse("backup_of_another", "the backup is of the signer " + backup.signer);
  const auto held = list_keys(config);
  if (!held) return Failure(held.error());
  const auto same = [](const HeldKey& a, const BackupKey& b) { return a.entry == b.entry && a.in_token == b.in_token; };
  if (!std::ranges::equal(*held, backup.keys, same)) return refuse("backup_keys_differ", "the backup names other keys than the signer has");
  return {};
}

Result<void> sign_with(const KeyRing& keys, const chain::evm::Address20& address) {
  const Hash32 digest = chain::evm::keccak256(as_bytes("holdfast: a drill signs this"));  // Nothing that moves has this hash.
  const auto signature = keys.sign(address, digest);
  if (!signature) return Failure(signature.error());
  const auto by = chain::evm::recover(digest, *signature);
  if (!by || *by != address) return refuse("signature_wrong", chain::evm::to_checksum_text(address) + ": its signature does not hold");
  return {};
}

// Opens the restored key file; what is derived from its secrets has to be what the manifest says.
Result<void> try_keys(const Backup& backup, const std::string& path, const Secret& passphrase, Drilled& out) {
  std::vector<KeyEntry> stated;
  for (const BackupKey& key : backup.keys) {
    if (!key.in_token) stated.push_back(key.entry);
  }
  const auto listed = list_key_file(path);
  if (!listed) return Failure(listed.error());
  if (*listed != stated) return refuse("backup_keys_differ", "the key file in the backup is of other keys than its manifest says");
  for (const KeyEntry& entry : stated) out.has_seed = out.has_seed || entry.role == KeyRole::seed;
  if (out.has_seed) {
    const auto entropy = open_seed(path, passphrase);
    if (!entropy) return Failure(entropy.error());
    const auto seed = SeedKeys::of(*entropy);
    const auto named = std::ranges::find(stated, KeyRole::seed, &KeyEntry::role);
    if (!seed || seed->id() != named->address) return refuse("backup_keys_differ", "the seed is another one than the manifest says");
  }
  if (stated.front().role != KeyRole::owner) return {};
  const auto keys = open_key_file(path, passphrase);
  if (!keys) return Failure(keys.error());
  for (const KeyEntry& entry : stated) {
    if (entry.role == KeyRole::seed) continue;
    if (auto done = sign_with(*keys, entry.address); !done) return done;
    ++out.signed_with;
  }
  return {};
}

Result<void> perform(const DrillArguments& arguments, const Config& config, ByteView sealed, Drilled& out) {
  const auto backup = open_backup(arguments, sealed);
  if (!backup) return Failure(backup.error());
  out.signer = backup->signer;
  out.made_at = backup->made_at;
  out.in_token = static_cast<std::size_t>(std::ranges::count(backup->keys, true, &BackupKey::in_token));
  if (auto compared = compare(config, *backup); !compared) return compared;
  const BackupFile* keys = backup->file("keys");
  if (keys == nullptr) return {};
  const auto folder = MemoryFolder::make(arguments.scratch);
  if (!folder) return Failure(folder.error());
  const auto passphrase = read_passphrase(arguments.access.passphrase_fd, false);
  if (!passphrase) return Failure(passphrase.error());
  if (auto written = write_new_private_file((*folder)->key_file(), keys->bytes); !written) return written;
  return try_keys(*backup, (*folder)->key_file(), *passphrase, out);
}

std::string date(Instant at) { return fmt::format("{:%FT%TZ}", fmt::gmtime(static_cast<std::time_t>(at.unix_ms / kMsPerSecond))); }

std::string sha256_of(ByteView bytes) {
  Hash32 out;
  crypto_hash_sha256(out.bytes.data(), bytes.data(), bytes.size());
  return to_hex(out.view());
}

Result<void> write_record(const std::string& path, const Config& config, ByteView sealed, const Drilled& drilled, const Result<void>& done,
                          Instant now) {
  nlohmann::ordered_json out = {{"at", date(now)}, {"signer", config.policy.name}, {"good", done.has_value()}};
  out["backup"] = {{"sha256", sha256_of(sealed)}, {"bytes", sealed.size()}};
  if (drilled.made_at.unix_ms != 0) out["backup"]["made"] = date(drilled.made_at);
  out["keys_signed"] = drilled.signed_with;
  out["seed_derived"] = drilled.has_seed && done.has_value();
  out["keys_in_token"] = drilled.in_token;
  if (!done) out["refusal"] = std::string(done.error().code);
  return replace_private_file(path, as_bytes(out.dump(2) + "\n"));
}

}  // namespace

Result<void> drill(const DrillArguments& arguments) {
  const auto config = load_config(arguments.config);
  if (!config) return Failure(config.error());
  const auto sealed = config::read_file(arguments.in, kMaxBackupBytes);
  if (!sealed) return Failure(sealed.error());
  const Instant now = SystemClock().now();
  Drilled drilled;
  const auto done = perform(arguments, *config, as_bytes(*sealed), drilled);
  const std::string record = arguments.record.empty() ? config->data + "/drill.json" : arguments.record;
  if (auto written = write_record(record, *config, as_bytes(*sealed), drilled, done, now); !written) return written;
  if (!done) return done;
  fmt::print("{} {}: the backup of {} is restorable; {} keys signed{}{}\n", date(now), config->policy.name, date(drilled.made_at),
             drilled.signed_with, drilled.has_seed ? ", the seed is the signer's" : "",
             drilled.in_token == 0 ? "" : fmt::format("; {} keys are in the token and in no backup", drilled.in_token));
  return {};
}

}  // namespace holdfast::signer::app
