#include "signer/keys/key_file.h"

#include "base/check.h"
#include "signer/keys/secure_file.h"

#include <sodium.h>
#include <algorithm>
#include <array>
#include <optional>

namespace holdfast::signer {
namespace {

constexpr std::string_view kMagic = "HFKEYS";
constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kVersionWithSeed = 2;
constexpr std::uint8_t kVersionSeedOnly = 3;
constexpr std::uint8_t kArgon2id13 = 1;
constexpr std::size_t kSaltSize = crypto_pwhash_SALTBYTES;
constexpr std::size_t kNonceSize = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagSize = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kSecretSize = 32;
constexpr std::size_t kChecksumSize = 32;
constexpr std::size_t kEntrySize = 1 + chain::evm::Address20::kSize;
constexpr std::size_t kFixedSize = kMagic.size() + 1 + 1 + 8 + 8 + kSaltSize + kNonceSize + 1;
constexpr std::size_t kMaxFileSize = kFixedSize + kMaxKeys * (kEntrySize + kSecretSize) + kTagSize + kChecksumSize;
// A damaged or hostile file must not exhaust the machine.
constexpr std::uint64_t kMaxOperations = 64;
constexpr std::uint64_t kMaxMemoryBytes = std::uint64_t{4} << 30;

struct Header {
  KdfCost cost{};
  std::array<std::uint8_t, kSaltSize> salt{};
  std::array<std::uint8_t, kNonceSize> nonce{};
  std::vector<KeyEntry> entries;
};

struct KeyFile {
  Header header;
  Bytes authenticated;  // The header's bytes.
  Bytes sealed;         // Secrets and tag.
};

void append_uint64(Bytes& out, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(number >> shift));
}

// One version for each set of roles: no content has two texts.
std::uint8_t version_of(const std::vector<KeyEntry>& entries) {
  if (entries.front().role == KeyRole::seed) return kVersionSeedOnly;
  const bool has_seed = std::ranges::find(entries, KeyRole::seed, &KeyEntry::role) != entries.end();
  return has_seed ? kVersionWithSeed : kVersion;
}

// An owner first and nowhere else, at most one seed; or a seed alone.
bool are_roles_right(const std::vector<KeyEntry>& entries) {
  const auto count = [&](KeyRole role) { return std::ranges::count(entries, role, &KeyEntry::role); };
  if (entries.front().role == KeyRole::seed) return entries.size() == 1;
  return entries.front().role == KeyRole::owner && count(KeyRole::owner) == 1 && count(KeyRole::seed) <= 1;
}

Bytes encode(const Header& header) {
  Bytes out = to_bytes(as_bytes(kMagic));
  out.push_back(version_of(header.entries));
  out.push_back(kArgon2id13);
  append_uint64(out, header.cost.operations);
  append_uint64(out, header.cost.memory_bytes);
  out.insert(out.end(), header.salt.begin(), header.salt.end());
  out.insert(out.end(), header.nonce.begin(), header.nonce.end());
  out.push_back(static_cast<std::uint8_t>(header.entries.size()));
  for (const KeyEntry& entry : header.entries) {
    out.push_back(static_cast<std::uint8_t>(entry.role));
    out.insert(out.end(), entry.address.bytes.begin(), entry.address.bytes.end());
  }
  return out;
}

std::array<std::uint8_t, kChecksumSize> checksum(ByteView bytes) {
  std::array<std::uint8_t, kChecksumSize> out{};
  crypto_generichash(out.data(), out.size(), bytes.data(), bytes.size(), nullptr, 0);
  return out;
}

// Takes bytes off the front. The caller has checked that there are enough.
class Cursor {
 public:
  explicit Cursor(ByteView rest) : rest_(rest) {}
  ByteView take(std::size_t size) {
    const ByteView out = rest_.first(size);
    rest_ = rest_.subspan(size);
    return out;
  }
  std::uint8_t byte() { return take(1)[0]; }
  std::uint64_t number() {
    std::uint64_t out = 0;
    for (const std::uint8_t byte : take(8)) out = out << 8 | byte;
    return out;
  }

 private:
  ByteView rest_;
};

Failure malformed(const std::string& path) { return refuse("key_file_malformed", path + ": not a signer's key file"); }

Result<KeyFile> decode(ByteView bytes, const std::string& path) {
  if (bytes.size() < kFixedSize + kChecksumSize) return malformed(path);
  Cursor in(bytes);
  if (as_text(in.take(kMagic.size())) != kMagic) return malformed(path);
  const std::uint8_t version = in.byte();
  const std::uint8_t kdf = in.byte();
  if (version < kVersion || version > kVersionSeedOnly || kdf != kArgon2id13) {
    return refuse("key_file_version", path + ": written by a newer version; use that one");
  }
  const ByteView body = bytes.first(bytes.size() - kChecksumSize);
  if (!std::ranges::equal(checksum(body), bytes.last(kChecksumSize))) {
    return corruption("key_file_damaged", path + ": its bytes have changed since they were written; restore a copy");
  }
  KeyFile out;
  out.header.cost.operations = in.number();
  out.header.cost.memory_bytes = in.number();
  std::ranges::copy(in.take(kSaltSize), out.header.salt.begin());
  std::ranges::copy(in.take(kNonceSize), out.header.nonce.begin());
  const std::size_t count = in.byte();
  const std::size_t header_size = kFixedSize + count * kEntrySize;
  if (count == 0 || count > kMaxKeys || body.size() != header_size + count * kSecretSize + kTagSize)
    return malformed(path);
  if (out.header.cost.operations > kMaxOperations || out.header.cost.memory_bytes > kMaxMemoryBytes)
    return malformed(path);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t role = in.byte();
    if (role < 1 || role > 4) return malformed(path);
    out.header.entries.push_back({KeyRole{role}, chain::evm::Address20::from(in.take(chain::evm::Address20::kSize))});
  }
  if (!are_roles_right(out.header.entries) || version != version_of(out.header.entries)) return malformed(path);
  out.authenticated = to_bytes(body.first(header_size));
  out.sealed = to_bytes(body.subspan(header_size));
  return out;
}

Result<Secret> derive(const Secret& passphrase, const Header& header) {
  Secret out(crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
  const ByteView text = passphrase.reveal();
  const int failed =
      crypto_pwhash(out.mutable_data(), out.size(), reinterpret_cast<const char*>(text.data()), text.size(),
                    header.salt.data(), header.cost.operations, header.cost.memory_bytes, crypto_pwhash_ALG_ARGON2ID13);
  if (failed != 0) {
    return fault("memory_short", "Argon2id needs " + std::to_string(header.cost.memory_bytes >> 20) + " MiB of memory");
  }
  return out;
}

Result<chain::evm::Address20> id_of(const NamedKey& key) {
  if (key.role != KeyRole::seed) return chain::evm::address_of_key(key.secret);
  const auto master = master_of_entropy(key.secret);
  if (!master) return Failure(master.error());
  return id_of_master(*master);
}

Result<Header> new_header(const std::vector<NamedKey>& keys, KdfCost cost) {
  HF_CHECK(!keys.empty() && keys.size() <= kMaxKeys);
  Header out;
  out.cost = cost;
  randombytes_buf(out.salt.data(), out.salt.size());
  randombytes_buf(out.nonce.data(), out.nonce.size());
  for (const NamedKey& key : keys) {
    const auto address = id_of(key);
    if (!address) return Failure(address.error());
    const auto same = [&](const KeyEntry& entry) { return entry.address == *address; };
    if (std::ranges::any_of(out.entries, same)) return refuse("key_twice", "the same key is there twice");
    out.entries.push_back({key.role, *address});
  }
  if (std::ranges::count(out.entries, KeyRole::seed, &KeyEntry::role) > 1) return refuse("seed_twice", "a key file holds one seed");
  HF_CHECK(are_roles_right(out.entries));
  return out;
}

// What stands in the file, decrypted.
struct Opened {
  std::vector<KeyEntry> entries;
  Secret plain;

  Secret secret(std::size_t at) const { return Secret::copy_of(plain.reveal().subspan(at * kSecretSize, kSecretSize)); }
  std::optional<std::size_t> seed() const {
    const auto found = std::ranges::find(entries, KeyRole::seed, &KeyEntry::role);
    if (found == entries.end()) return std::nullopt;
    return static_cast<std::size_t>(found - entries.begin());
  }
};

Result<Opened> open_secrets(const std::string& path, const Secret& passphrase) {
  const auto bytes = read_private_file(path, kMaxFileSize);
  if (!bytes) return Failure(bytes.error());
  auto file = decode(*bytes, path);
  if (!file) return Failure(file.error());
  const auto key = derive(passphrase, file->header);
  if (!key) return Failure(key.error());
  Secret plain(file->sealed.size() - kTagSize);
  const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
      plain.mutable_data(), nullptr, nullptr, file->sealed.data(), file->sealed.size(), file->authenticated.data(),
      file->authenticated.size(), file->header.nonce.data(), key->reveal().data());
  if (failed != 0) return refuse("passphrase_wrong", path + ": the passphrase does not open it");
  return Opened{std::move(file->header.entries), std::move(plain)};
}

}  // namespace

std::string_view name(KeyRole role) {
  switch (role) {
    case KeyRole::owner:
      return "owner";
    case KeyRole::gas:
      return "gas";
    case KeyRole::single_key:
      return "single_key";
    case KeyRole::seed:
      return "seed";
  }
  return "unknown";
}

KdfCost KdfCost::moderate() { return {crypto_pwhash_OPSLIMIT_MODERATE, crypto_pwhash_MEMLIMIT_MODERATE}; }
KdfCost KdfCost::minimal() { return {crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN}; }

Secret generate_key() {
  Secret out(kSecretSize);
  // All but about 2^-128 of 32 random bytes are valid.
  do randombytes_buf(out.mutable_data(), out.size());
  while (!chain::evm::address_of_key(out));
  return out;
}

Secret generate_seed() {
  Secret out(kSeedEntropySize);
  randombytes_buf(out.mutable_data(), out.size());
  return out;
}

Result<void> create_key_file(const std::string& path, const std::vector<NamedKey>& keys, const Secret& passphrase,
                             KdfCost cost) {
  if (passphrase.size() < kMinPassphraseBytes) {
    return refuse("passphrase_too_short",
                  "a passphrase has at least " + std::to_string(kMinPassphraseBytes) + " bytes");
  }
  const auto header = new_header(keys, cost);
  if (!header) return Failure(header.error());
  const auto key = derive(passphrase, *header);
  if (!key) return Failure(key.error());

  Secret plain(keys.size() * kSecretSize);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    std::ranges::copy(keys[i].secret.reveal(), plain.mutable_data() + i * kSecretSize);
  }
  Bytes file = encode(*header);
  const std::size_t header_size = file.size();
  file.resize(header_size + plain.size() + kTagSize);
  crypto_aead_xchacha20poly1305_ietf_encrypt(file.data() + header_size, nullptr, plain.reveal().data(), plain.size(),
                                             file.data(), header_size, nullptr, header->nonce.data(),
                                             key->reveal().data());
  const auto sum = checksum(file);
  file.insert(file.end(), sum.begin(), sum.end());
  return write_new_private_file(path, file);
}

Result<std::vector<KeyEntry>> list_key_file(const std::string& path) {
  const auto bytes = read_private_file(path, kMaxFileSize);
  if (!bytes) return Failure(bytes.error());
  auto file = decode(*bytes, path);
  if (!file) return Failure(file.error());
  return std::move(file->header.entries);
}

Result<KeyRing> open_key_file(const std::string& path, const Secret& passphrase) {
  const auto opened = open_secrets(path, passphrase);
  if (!opened) return Failure(opened.error());
  if (opened->entries.front().role != KeyRole::owner) return refuse("owner_missing", path + ": holds a seed and no owner key");
  std::vector<Secret> accounts;
  Secret seed;
  for (std::size_t i = 1; i < opened->entries.size(); ++i) {
    (opened->entries[i].role == KeyRole::seed ? seed : accounts.emplace_back()) = opened->secret(i);
  }
  return KeyRing::of(opened->secret(0), std::move(accounts), std::move(seed));
}

Result<Secret> open_seed(const std::string& path, const Secret& passphrase) {
  const auto opened = open_secrets(path, passphrase);
  if (!opened) return Failure(opened.error());
  const auto at = opened->seed();
  if (!at) return refuse("seed_missing", path + ": holds no seed");
  return opened->secret(*at);
}

}  // namespace holdfast::signer
