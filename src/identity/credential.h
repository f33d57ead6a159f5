// A public key that speaks for somebody: a plain Ed25519 key, or that of a WebAuthn passkey.
//
//   text := "ed25519:" 64 digits of lower-case hexadecimal | "webauthn:" canonical base64 of the key's DER
//
// A passkey's key is a SubjectPublicKeyInfo (RFC 5480, RFC 8410) as AuthenticatorAttestationResponse.getPublicKey() gives
// it. DER has one form for each of the two algorithms that are taken, ES256 with an uncompressed point (COSE forbids the
// other) and EdDSA with Ed25519: nothing else is read.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::identity {

enum class CredentialKind : std::uint8_t { ed25519 = 1, webauthn = 2 };  // The numbers stand in journals.
enum class Algorithm : std::uint8_t { ed25519, es256 };

inline constexpr std::size_t kMaxCredentialBytes = 91;  // An ES256 key's DER.
inline constexpr std::size_t kMaxCredentialText = 1024;  // Long enough that an RSA key is told from garbage.

// Always a key that could have signed: one cannot be made of anything else.
class Credential {
 public:
  // 32 bytes of RFC 8032, or a passkey's DER.
  //   credential_kind_unknown           no such kind
  //   credential_algorithm_unsupported  of another length, form, algorithm or curve
  //   credential_key_invalid            a point that is not on the curve, not in canonical form, or of small order
  static Result<Credential> from_key(CredentialKind kind, ByteView key);
  // Refusals of from_key, and credential_malformed for what is no text of the form above.
  static Result<Credential> from_text(std::string_view text);

  CredentialKind kind() const { return kind_; }
  Algorithm algorithm() const { return algorithm_; }
  const Bytes& key() const { return key_; }  // As given to from_key.
  std::string to_text() const;
  ByteView raw_ed25519() const;  // The 32 bytes. Precondition: algorithm() is ed25519.

  friend bool operator==(const Credential&, const Credential&) = default;

 private:
  Credential(CredentialKind kind, Algorithm algorithm, ByteView key) : kind_(kind), algorithm_(algorithm), key_(to_bytes(key)) {}

  CredentialKind kind_;
  Algorithm algorithm_;
  Bytes key_;
};

}  // namespace holdfast::identity
