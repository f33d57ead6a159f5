#include "apps/signer/backup.h"

#include "apps/signer/age.h"
#include "apps/signer/commands.h"
#include "base/hex.h"
#include "config/files.h"
#include "signer/backup.h"
#include "signer/keys/secure_file.h"

#include <fmt/core.h>
#include <algorithm>

namespace holdfast::signer::app {
namespace {

constexpr std::size_t kMaxKeyFileBytes = 64 << 10;
constexpr std::size_t kMaxConfigBytes = 1 << 20;

Result<void> add_config(const std::string& path, Backup& out) {
  const auto text = config::read_file(path, kMaxConfigBytes);
  if (!text) return Failure(text.error());
  out.files.push_back({"config", to_bytes(as_bytes(*text))});
  return {};
}

Result<Backup> gather(const BackupArguments& arguments) {
  const auto config = load_config(arguments.config);
  if (!config) return Failure(config.error());
  const auto held = list_keys(*config);
  if (!held) return Failure(held.error());
  const auto recalled = recall(*config);
  if (!recalled) return Failure(recalled.error());
  Backup out;
  out.signer = config->policy.name;
  out.made_at = SystemClock().now();
  out.journal_records = recalled->records;
  out.journal_root = recalled->root;
  for (const HeldKey& key : *held) out.keys.push_back({key.entry, key.in_token});
  if (!config->key_file.empty()) {
    auto keys = read_private_file(config->key_file, kMaxKeyFileBytes);
    if (!keys) return Failure(keys.error());
    out.files.push_back({"keys", std::move(*keys)});
  }
  if (auto added = add_config(arguments.config, out); !added) return Failure(added.error());
  return out;
}

}  // namespace

Result<void> back_up(const BackupArguments& arguments) {
  const auto backup = gather(arguments);
  if (!backup) return Failure(backup.error());
  const auto sealed = age_encrypt(arguments.recipients, encode(*backup));
  if (!sealed) return Failure(sealed.error());
  if (auto written = write_new_private_file(arguments.out, *sealed); !written) return written;
  const auto in_token = std::ranges::count(backup->keys, true, &BackupKey::in_token);
  fmt::print("{}: {} bytes, {} keys{}\n", arguments.out, sealed->size(), backup->keys.size() - static_cast<std::size_t>(in_token),
             in_token == 0 ? "" : fmt::format("; {} more are in the token and in no backup", in_token));
  return {};
}

}  // namespace holdfast::signer::app
