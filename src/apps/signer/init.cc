// holdfast-signer init: makes a signer's keys and its empty journal.
#include "apps/signer/commands.h"
#include "base/hex.h"
#include "chain/utxo/wallet/bip39.h"
#include "journal/cosignature.h"
#include "journal/sqlite_storage.h"
#include "signer/keys/key_file.h"
#include "signer/keys/secure_file.h"

#include <fmt/core.h>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace holdfast::signer::app {
namespace {

constexpr std::size_t kKeySize = 32;
constexpr std::size_t kMaxLineBytes = 2 * kKeySize + 2;  // Hexadecimal, after "0x".

// Less than 0 for anything but a digit.
int digit(std::uint8_t c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Unlike from_hex, leaves no copy of the key behind.
Result<Secret> key_from_hex(const Secret& line) {
  ByteView text = line.reveal();
  if (text.size() == 2 * kKeySize + 2 && text[0] == '0' && text[1] == 'x') text = text.subspan(2);
  Secret out(kKeySize);
  bool good = text.size() == 2 * kKeySize;
  for (std::size_t i = 0; good && i < kKeySize; ++i) {
    const int high = digit(text[2 * i]);
    const int low = digit(text[2 * i + 1]);
    good = high >= 0 && low >= 0;
    if (good) out.mutable_data()[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  if (!good || !chain::evm::address_of_key(out)) {
    return refuse("import_malformed",
                  "each line to import is one key: 64 hexadecimal digits, a valid secp256k1 secret");
  }
  return out;
}

// A key that exists already, or a new one.
Result<Secret> owner_key(const std::optional<int>& descriptor) {
  if (!descriptor) return generate_key();
  const auto line = read_secret_line(*descriptor, kMaxLineBytes);
  if (!line) return Failure(line.error());
  return key_from_hex(*line);
}

// One key a line, up to the end or an empty line.
Result<void> import_keys(int descriptor, std::vector<NamedKey>& keys) {
  while (keys.size() < kMaxKeys) {
    const auto line = read_secret_line(descriptor, kMaxLineBytes);
    if (!line) return Failure(line.error());
    if (line->size() == 0) return {};
    auto key = key_from_hex(*line);
    if (!key) return Failure(key.error());
    keys.push_back({KeyRole::single_key, std::move(*key)});
  }
  return {};
}

// Of words that exist already, or new.
Result<Secret> seed_entropy(const std::optional<int>& descriptor) {
  constexpr std::size_t kMaxWordsBytes = 1024;
  if (!descriptor) return generate_seed();
  const auto words = read_secret_line(*descriptor, kMaxWordsBytes);
  if (!words) return Failure(words.error());
  auto entropy = chain::utxo::entropy_of_words(*words);
  if (!entropy) return Failure(entropy.error());
  if (entropy->size() != kSeedEntropySize) return refuse("words_not_24", "a signer's seed has 24 backup words");
  return entropy;
}

Result<std::vector<NamedKey>> make_keys(const InitArguments& arguments) {
  auto owner = owner_key(arguments.import_owner_fd);
  if (!owner) return Failure(owner.error());
  std::vector<NamedKey> keys;
  keys.push_back({KeyRole::owner, std::move(*owner)});
  for (unsigned i = 0; i < arguments.gas; ++i) keys.push_back({KeyRole::gas, generate_key()});
  for (unsigned i = 0; i < arguments.single_key; ++i) keys.push_back({KeyRole::single_key, generate_key()});
  if (arguments.import_fd) {
    if (auto imported = import_keys(*arguments.import_fd, keys); !imported) return Failure(imported.error());
  }
  if (arguments.seed || arguments.import_words_fd) {
    auto entropy = seed_entropy(arguments.import_words_fd);
    if (!entropy) return Failure(entropy.error());
    keys.push_back({KeyRole::seed, std::move(*entropy)});
  }
  if (keys.size() > kMaxKeys) return refuse("too_many_keys", fmt::format("a key file holds at most {} keys", kMaxKeys));
  return keys;
}

Result<journal::WitnessKey> make_journal(const InitArguments& arguments) {
  std::error_code error;
  std::filesystem::create_directories(arguments.data, error);
  if (error) return fault("data_not_created", arguments.data + ": " + error.message());
  std::filesystem::permissions(arguments.data, std::filesystem::perms::owner_all, error);
  auto key = journal::LogKey::create(journal_key_path(arguments.data), journal_name(arguments.name));
  if (!key) return Failure(key.error());
  auto witness = journal::LogKey::create(witness_key_path(arguments.data), witness_name(arguments.name));
  if (!witness) return Failure(witness.error());
  if (auto made = journal::SqliteStorage::create(journal_path(arguments.data)); !made) return Failure(made.error());
  return journal::WitnessKey::of(*witness);
}

void print(const InitArguments& arguments, const std::vector<KeyEntry>& entries, const journal::WitnessKey& witness) {
  if (!arguments.json) {
    fmt::print("signer      {}\n", arguments.name);
    for (const KeyEntry& entry : entries) {
      fmt::print("{:<12}{}\n", name(entry.role), shown(entry));
    }
    fmt::print("witness     {}\nkey file    {}\njournal     {}\n", witness.to_string(), arguments.key_file, journal_path(arguments.data));
    return;
  }
  nlohmann::ordered_json out = {{"name", arguments.name}, {"owner", chain::evm::to_checksum_text(entries[0].address)}};
  out["accounts"] = nlohmann::json::array();
  for (std::size_t i = 1; i < entries.size(); ++i) {
    if (entries[i].role == KeyRole::seed) {
      out["seed"] = {{"fingerprint", shown(entries[i])}, {"id", to_hex(entries[i].address.view())}};
      continue;
    }
    out["accounts"].push_back(
        {{"address", chain::evm::to_checksum_text(entries[i].address)}, {"kind", std::string(name(entries[i].role))}});
  }
  out["witness"] = witness.to_string();
  out["key_file"] = arguments.key_file;
  out["data"] = arguments.data;
  fmt::print("{}\n", out.dump(2));
}

}  // namespace

Result<void> init(const InitArguments& arguments) {
  if (!is_signer_name(arguments.name)) return refuse("name_invalid", "a signer's name is 1 to 32 of a-z, 0-9 and '-'");
  if (std::filesystem::exists(arguments.key_file)) {
    return refuse("key_file_exists", arguments.key_file + ": is there already; a key file is never overwritten");
  }
  const auto passphrase = read_passphrase(arguments.passphrase_fd, true);
  if (!passphrase) return Failure(passphrase.error());
  if (passphrase->size() < kMinPassphraseBytes) {
    return refuse("passphrase_too_short", fmt::format("a passphrase has at least {} bytes", kMinPassphraseBytes));
  }
  const auto keys = make_keys(arguments);
  if (!keys) return Failure(keys.error());
  const auto witness = make_journal(arguments);
  if (!witness) return Failure(witness.error());
  if (auto made = create_key_file(arguments.key_file, *keys, *passphrase); !made) return made;
  const auto entries = list_key_file(arguments.key_file);
  if (!entries) return Failure(entries.error());
  print(arguments, *entries, *witness);
  return {};
}

}  // namespace holdfast::signer::app
