#include "apps/signer/commands.h"

#include "base/hex.h"
#include "journal/cosignature.h"
#include "journal/replay.h"
#include "journal/sqlite_storage.h"
#include "signer/keys/secure_file.h"

#include <chrono>
#include <filesystem>

namespace holdfast::signer::app {

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::refusal:
      return kExitRefused;
    case ErrorKind::fault:
    case ErrorKind::unknown:
      return kExitFault;
    case ErrorKind::corruption:
      return kExitCorruption;
  }
  return kExitFault;
}

Instant SystemClock::now() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count()};
}

Result<Secret> read_passphrase(std::optional<int> descriptor, bool is_new) {
  constexpr std::size_t kMaxPassphraseBytes = 1024;
  if (descriptor) return read_secret_line(*descriptor, kMaxPassphraseBytes);
  auto first = ask_secret("Passphrase of the key file: ", kMaxPassphraseBytes);
  if (!first || !is_new) return first;
  const auto second = ask_secret("The same again: ", kMaxPassphraseBytes);
  if (!second) return Failure(second.error());
  if (!first->equals_in_constant_time(*second)) return refuse("passphrases_differ", "the two passphrases differ");
  return first;
}

Result<Recalled> recall(const Config& config) {
  Recalled out;
  const auto log_key = journal::LogKey::load(journal_key_path(config.data), journal_name(config.policy.name));
  if (!log_key) return Failure(log_key.error());
  const auto storage = journal::SqliteStorage::open_snapshot(journal_path(config.data));
  if (!storage) return Failure(storage.error());
  const auto visit = [&](std::uint64_t index, ByteView bytes) { return out.memory.apply_encoded(index, bytes); };
  const auto replayed = journal::replay(**storage, std::span(&log_key->verifier(), 1), visit);
  if (!replayed) return Failure(replayed.error());
  out.records = replayed->tree.size();
  out.root = replayed->tree.root();
  return out;
}

std::string shown(const KeyEntry& entry) {
  if (entry.role != KeyRole::seed) return chain::evm::to_checksum_text(entry.address);
  return to_hex(entry.address.view().first(chain::utxo::Fingerprint::kSize));
}

Result<std::string> witness_verifier(const Config& config) {
  if (!std::filesystem::exists(witness_key_path(config.data))) return std::string();
  const auto key = journal::LogKey::load(witness_key_path(config.data), witness_name(config.policy.name));
  if (!key) return Failure(key.error());
  return journal::WitnessKey::of(*key).to_string();
}

std::string journal_path(const std::string& data) { return data + "/journal.db"; }
std::string journal_key_path(const std::string& data) { return data + "/journal.key"; }
std::string journal_name(const std::string& signer) { return "holdfast-signer/" + signer; }
std::string replica_path(const std::string& data) { return data + "/replica.db"; }
std::string witness_key_path(const std::string& data) { return data + "/witness.key"; }
std::string witness_name(const std::string& signer) { return "holdfast-signer/" + signer + "/witness"; }

}  // namespace holdfast::signer::app
