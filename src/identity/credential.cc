#include "identity/credential.h"

#include "base/check.h"
#include "base/hex.h"
#include "identity/base64.h"
#include "identity/openssl.h"

#include <sodium.h>

#include <algorithm>
#include <array>

namespace holdfast::identity {
namespace {

constexpr std::string_view kEd25519Text = "ed25519:";
constexpr std::string_view kWebauthnText = "webauthn:";
constexpr std::size_t kEd25519Bytes = 32;

// SEQUENCE { SEQUENCE { OID 1.3.101.112 }, BIT STRING of 32 bytes }: RFC 8410 section 4.
constexpr std::array<std::uint8_t, 12> kEd25519Head = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
// SEQUENCE { SEQUENCE { OID id-ecPublicKey, OID prime256v1 }, BIT STRING of 04 x y }: RFC 5480 section 2.
constexpr std::array<std::uint8_t, 27> kEs256Head = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
                                                     0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};

template <std::size_t N>
bool is_of_form(ByteView der, const std::array<std::uint8_t, N>& head, std::size_t rest) {
  return der.size() == N + rest && std::equal(head.begin(), head.end(), der.begin());
}

// On the curve, in canonical form, not of small order, in the main subgroup.
bool is_good_ed25519(ByteView key) { return crypto_core_ed25519_is_valid_point(key.data()) == 1; }

bool is_good_es256(ByteView der) { return read_es256(der) != nullptr; }

Failure unsupported() {
  return refuse("credential_algorithm_unsupported", "the key must be Ed25519, or ES256 on P-256 with an uncompressed point");
}
Failure invalid() { return refuse("credential_key_invalid", "the key is no point that a private key can have"); }

}  // namespace

Result<Credential> Credential::from_key(CredentialKind kind, ByteView key) {
  switch (kind) {
    case CredentialKind::ed25519:
      if (key.size() != kEd25519Bytes) return unsupported();
      if (!is_good_ed25519(key)) return invalid();
      return Credential(kind, Algorithm::ed25519, key);
    case CredentialKind::webauthn:
      if (is_of_form(key, kEd25519Head, kEd25519Bytes)) {
        if (!is_good_ed25519(key.subspan(kEd25519Head.size()))) return invalid();
        return Credential(kind, Algorithm::ed25519, key);
      }
      if (!is_of_form(key, kEs256Head, 64)) return unsupported();
      if (!is_good_es256(key)) return invalid();
      return Credential(kind, Algorithm::es256, key);
  }
  return refuse("credential_kind_unknown", "a key is ed25519 or webauthn");
}

Result<Credential> Credential::from_text(std::string_view text) {
  const auto malformed = [] {
    return refuse("credential_malformed", "a key is written ed25519:<64 hexadecimal digits> or webauthn:<base64 of its DER>");
  };
  if (text.size() > kMaxCredentialText) return malformed();
  if (text.starts_with(kEd25519Text)) {
    text.remove_prefix(kEd25519Text.size());
    const auto key = from_hex(text);
    if (!key || to_hex(*key) != text) return malformed();
    return from_key(CredentialKind::ed25519, *key);
  }
  if (!text.starts_with(kWebauthnText)) return malformed();
  const auto der = from_base64(text.substr(kWebauthnText.size()));
  if (!der) return malformed();
  return from_key(CredentialKind::webauthn, *der);
}

std::string Credential::to_text() const {
  return kind_ == CredentialKind::ed25519 ? std::string(kEd25519Text) + to_hex(key_) : std::string(kWebauthnText) + to_base64(key_);
}

ByteView Credential::raw_ed25519() const {
  HF_CHECK(algorithm_ == Algorithm::ed25519);
  return ByteView(key_).last(kEd25519Bytes);
}

}  // namespace holdfast::identity
