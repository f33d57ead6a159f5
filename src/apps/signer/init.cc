// holdfast-signer init: makes a signer's keys and its empty journal.
#include "apps/signer/commands.h"
#include "base/hex.h"
#include "chain/utxo/wallet/bip39.h"
#include "journal/cosignature.h"
#include "journal/sqlite_storage.h"
#include "signer/keys/key_file.h"
#include "signer/keys/secure_file.h"
#include "signer/keys/token_keys.h"

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

bool has_seed(const InitArguments& arguments) { return arguments.seed || arguments.import_words_fd; }
bool has_key_file(const InitArguments& arguments) { return !arguments.token || has_seed(arguments); }

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

// The keys of a key file. With a token it holds the seed alone.
Result<std::vector<NamedKey>> make_keys(const InitArguments& arguments) {
  std::vector<NamedKey> keys;
  if (!arguments.token) {
    auto owner = owner_key(arguments.import_owner_fd);
    if (!owner) return Failure(owner.error());
    keys.push_back({KeyRole::owner, std::move(*owner)});
    for (unsigned i = 0; i < arguments.gas; ++i) keys.push_back({KeyRole::gas, generate_key()});
    for (unsigned i = 0; i < arguments.single_key; ++i) keys.push_back({KeyRole::single_key, generate_key()});
  }
  if (arguments.import_fd) {
    if (auto imported = import_keys(*arguments.import_fd, keys); !imported) return Failure(imported.error());
  }
  if (has_seed(arguments)) {
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

void print(const InitArguments& arguments, const std::vector<HeldKey>& keys, const journal::WitnessKey& witness) {
  fmt::print("signer      {}\n", arguments.name);
  for (const HeldKey& key : keys) fmt::print("{:<12}{:<44}{}\n", name(key.entry.role), shown(key.entry), place_of(key));
  fmt::print("witness     {}\n", witness.to_string());
  if (has_key_file(arguments)) fmt::print("key file    {}\n", arguments.key_file);
  if (arguments.token) fmt::print("token       {}\n", arguments.token->label);
  fmt::print("journal     {}\n", journal_path(arguments.data));
}

void print_json(const InitArguments& arguments, const std::vector<HeldKey>& keys, const journal::WitnessKey& witness) {
  const auto& owner = keys.front().entry;
  nlohmann::ordered_json out = {{"name", arguments.name}, {"owner", chain::evm::to_checksum_text(owner.address)}};
  out["accounts"] = nlohmann::json::array();
  for (const auto& [entry, in_token] : keys) {
    const std::string address = chain::evm::to_checksum_text(entry.address);
    if (entry.role == KeyRole::seed)
      out["seed"] = {{"fingerprint", shown(entry)}, {"id", to_hex(entry.address.view())}};
    else if (entry.role != KeyRole::owner)
      out["accounts"].push_back({{"address", address}, {"kind", std::string(name(entry.role))}});
  }
  out["witness"] = witness.to_string();
  if (has_key_file(arguments)) out["key_file"] = arguments.key_file;
  if (arguments.token) out["token"] = arguments.token->label;
  out["data"] = arguments.data;
  fmt::print("{}\n", out.dump(2));
}

Result<void> check(const InitArguments& arguments) {
  if (!is_signer_name(arguments.name)) return refuse("name_invalid", "a signer's name is 1 to 32 of a-z, 0-9 and '-'");
  if (arguments.token && (arguments.import_owner_fd || arguments.import_fd)) {
    return refuse("import_into_token", "a token's keys are made inside of it: a key that was outside once is not taken in");
  }
  if (has_key_file(arguments) != !arguments.key_file.empty()) {
    return refuse("key_file_unclear", arguments.token ? "with a token --key-file is for the seed: give both --key-file and --seed, or neither"
                                                      : "--key-file is missing: where the keys are written");
  }
  if (!arguments.key_file.empty() && std::filesystem::exists(arguments.key_file)) {
    return refuse("key_file_exists", arguments.key_file + ": is there already; a key file is never overwritten");
  }
  return {};
}

Result<Secret> new_passphrase(const InitArguments& arguments) {
  auto passphrase = read_passphrase(arguments.passphrase_fd, true);
  if (passphrase && passphrase->size() < kMinPassphraseBytes) {
    return refuse("passphrase_too_short", fmt::format("a passphrase has at least {} bytes", kMinPassphraseBytes));
  }
  return passphrase;
}

struct Made {
  std::vector<HeldKey> held;
  journal::WitnessKey witness;
};

// The token first: what it makes can be destroyed again, a key file is never.
Result<Made> make_all(const InitArguments& arguments) {
  Secret passphrase;
  if (has_key_file(arguments)) {
    auto read = new_passphrase(arguments);
    if (!read) return Failure(read.error());
    passphrase = std::move(*read);
  }
  const auto keys = make_keys(arguments);
  if (!keys) return Failure(keys.error());
  Secret pin;
  if (arguments.token) {
    auto read = read_pin(arguments.pin_fd);
    if (!read) return Failure(read.error());
    pin = std::move(*read);
  }
  auto witness = make_journal(arguments);
  if (!witness) return Failure(witness.error());
  if (arguments.token) {
    const auto made = create_token_keys(*arguments.token, arguments.name, {arguments.gas, arguments.single_key}, pin);
    if (!made) return Failure(made.error());
  }
  if (has_key_file(arguments)) {
    if (auto made = create_key_file(arguments.key_file, *keys, passphrase); !made) {
      if (arguments.token) static_cast<void>(destroy_token_keys(*arguments.token, arguments.name, pin));
      return Failure(made.error());
    }
  }
  Config config;
  config.policy.name = arguments.name;
  config.key_file = arguments.key_file;
  config.host.token = arguments.token;
  auto held = list_keys(config);
  if (!held) return Failure(held.error());
  return Made{std::move(*held), std::move(*witness)};
}

}  // namespace

Result<void> init(const InitArguments& arguments) {
  if (auto checked = check(arguments); !checked) return checked;
  const auto keys = make_all(arguments);
  if (!keys) return Failure(keys.error());
  if (arguments.json)
    print_json(arguments, keys->held, keys->witness);
  else
    print(arguments, keys->held, keys->witness);
  return {};
}

}  // namespace holdfast::signer::app
