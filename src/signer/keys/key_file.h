// The file that holds a signer's keys, encrypted under a passphrase. Format: docs/formats/key-file.md.
//
// Addresses stand in it in the clear, so that anybody with the file can list them; secrets do not. A file that others may
// read is refused, encrypted or not: a passphrase can be guessed at leisure.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "signer/keys/keys.h"

#include <cstdint>
#include <string>
#include <vector>

namespace holdfast::signer {

enum class KeyRole : std::uint8_t { owner = 1, gas = 2, single_key = 3, seed = 4 };
std::string_view name(KeyRole role);

struct NamedKey {
  KeyRole role = KeyRole::owner;
  Secret secret;  // 32 bytes: of secp256k1; of the seed, the entropy of its 24 backup words.
};

struct KeyEntry {
  KeyRole role = KeyRole::owner;
  chain::evm::Address20 address;  // Of the seed: hash160 of its master public key.
  friend bool operator==(const KeyEntry&, const KeyEntry&) = default;
};

// What guessing a passphrase costs (Argon2id, libsodium's units).
struct KdfCost {
  std::uint64_t operations;
  std::uint64_t memory_bytes;
  static KdfCost moderate();  // 3 passes over 256 MiB.
  static KdfCost minimal();   // For tests: protects nothing.
};

inline constexpr std::size_t kMaxKeys = 64;
inline constexpr std::size_t kMinPassphraseBytes = 12;

// A new random key.
Secret generate_key();
// New random entropy for a seed.
Secret generate_seed();

// Writes a new file, mode 0600, durably. Exactly one key, the first, is the owner's, and one more may be a seed; or a seed is
// alone: of a signer whose other keys are in a token.
//   refusal key_file_exists, passphrase_too_short, key_invalid, key_twice, seed_twice      fault key_file_not_written
Result<void> create_key_file(const std::string& path, const std::vector<NamedKey>& keys, const Secret& passphrase,
                             KdfCost cost = KdfCost::moderate());

// The addresses alone; needs no passphrase. They are proved only by open_key_file.
//   refusal    key_file_exposed (others may read or write it), key_file_malformed, key_file_version
//   fault      key_file_not_read
//   corruption key_file_damaged (its checksum is wrong)
Result<std::vector<KeyEntry>> list_key_file(const std::string& path);

// The keys. Errors as above, and
//   refusal    passphrase_wrong, owner_missing (it holds a seed alone)
//   fault      memory_short (Argon2id could not get what the file asks for)
Result<KeyRing> open_key_file(const std::string& path, const Secret& passphrase);

// The entropy of its seed alone, to show its words. Errors as above, and refusal seed_missing.
Result<Secret> open_seed(const std::string& path, const Secret& passphrase);

}  // namespace holdfast::signer
