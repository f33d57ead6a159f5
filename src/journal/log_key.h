// The Ed25519 key that signs the journal's checkpoints, and its public half.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace holdfast::journal {

using PublicKey = FixedBytes<32>;
using Signature = FixedBytes<64>;
using KeyHash = FixedBytes<4>;  // Tells keys apart; it authenticates nothing.

// A key's name as a note carries it: 1 to 128 printable ASCII characters without '+' or blanks. By custom it looks
// like a URL without its scheme: "holdfast.example/journal".
bool is_key_name(std::string_view name);

// SHA-256(name || 0x0A || type || key), first 4 bytes. Type 0x01 is Ed25519 (c2sp.org/signed-note).
KeyHash key_hash(std::string_view name, std::uint8_t type, const PublicKey& key);

// "name+1a2b3c4d+base64(type || key)", and back: none unless the hash is the key's, in the one spelling.
std::string typed_key_text(std::string_view name, std::uint8_t type, const PublicKey& key);
std::optional<std::pair<std::string, PublicKey>> read_typed_key(std::string_view text, std::uint8_t type);

// The public half. Whoever knows it can check checkpoints.
struct VerifierKey {
  std::string name;
  PublicKey key;

  // "name+1a2b3c4d+base64(0x01 || key)", the vkey form of c2sp.org/signed-note.
  std::string to_string() const;
  static std::optional<VerifierKey> from_string(std::string_view text);

  KeyHash hash() const { return key_hash(name, 0x01, key); }
  bool verify(ByteView message, const Signature& signature) const;
  friend bool operator==(const VerifierKey&, const VerifierKey&) = default;
};

// The private half. It is a file of 32 bytes (the seed of RFC 8032) that only its owner may read.
class LogKey {
 public:
  // Makes a new key and writes it, durably, to a file that must not exist yet.
  //   refusal log_key_name_invalid, log_key_exists    fault log_key_not_written
  static Result<LogKey> create(const std::string& path, std::string_view name);

  //   refusal log_key_name_invalid, log_key_exposed (others may read the file), log_key_malformed
  //   fault   log_key_not_read
  static Result<LogKey> load(const std::string& path, std::string_view name);

  // Precondition: 32 bytes and is_key_name(name).
  static LogKey from_seed(const Secret& seed, std::string_view name);

  const VerifierKey& verifier() const { return verifier_; }
  const std::string& name() const { return verifier_.name; }
  Signature sign(ByteView message) const;

 private:
  LogKey() = default;

  VerifierKey verifier_;
  Secret secret_key_;  // 64 bytes: seed and public key, as libsodium keeps them.
};

}  // namespace holdfast::journal
