#include "identity/verify.h"

#include "identity/base64.h"
#include "identity/client_data.h"
#include "identity/openssl.h"

#include <sodium.h>

#include <algorithm>

namespace holdfast::identity {
namespace {

// rpIdHash, flags, signature counter: WebAuthn Level 2 section 6.1.
constexpr std::size_t kHashBytes = 32;
constexpr std::size_t kFixedBytes = kHashBytes + 1 + 4;
constexpr std::uint8_t kUserPresent = 0x01;
constexpr std::uint8_t kUserVerified = 0x04;
constexpr std::uint8_t kAttestedData = 0x40;
constexpr std::uint8_t kExtensions = 0x80;

// libsodium refuses s over the group's order, R and keys of small order.
bool verify_ed25519(ByteView key, ByteView message, ByteView signature) {
  return signature.size() == Ed25519Signature::kSize &&
         crypto_sign_verify_detached(signature.data(), message.data(), message.size(), key.data()) == 0;
}

Failure wrong_signature() { return refuse("proof_signature_wrong", "the signature is not by this key over this text"); }

Result<void> check_client_data(const RelyingParty& party, std::string_view text, ByteView json) {
  const auto data = read_client_data(json);
  if (!data) return std::unexpected(data.error());
  if (data->type != "webauthn.get") return refuse("proof_type_wrong", "clientDataJSON's type must be webauthn.get");
  if (data->challenge != challenge_of(text)) return refuse("proof_challenge_wrong", "the passkey signed another text");
  if (std::ranges::find(party.origins, data->origin) == party.origins.end()) {
    return refuse("proof_origin_wrong", "the passkey was used on a page that is not one of the configured origins");
  }
  if (data->cross_origin) return refuse("proof_cross_origin", "the passkey was used in a frame of another site's page");
  return {};
}

Result<void> check_authenticator_data(const RelyingParty& party, ByteView data) {
  const auto malformed = [] { return refuse("proof_authenticator_data_malformed", "the authenticator data is cut off or too long"); };
  if (data.size() < kFixedBytes) return malformed();
  const std::uint8_t flags = data[kHashBytes];
  // What an assertion may have behind is extensions only; they are signed, and they change nothing here.
  const bool has_more = data.size() > kFixedBytes;
  if ((flags & kAttestedData) != 0 || has_more != ((flags & kExtensions) != 0)) return malformed();
  if (!std::ranges::equal(data.first(kHashBytes), sha256(as_bytes(party.id)).view())) {
    return refuse("proof_relying_party_wrong", "the passkey signed for another relying party");
  }
  if ((flags & kUserPresent) == 0) return refuse("proof_user_absent", "the authenticator did not see that the user was there");
  if ((flags & kUserVerified) == 0) return refuse("proof_user_unverified", "the authenticator did not verify who the user was");
  return {};
}

Result<void> verify_assertion(const Credential& credential, const RelyingParty& party, std::string_view text, const Assertion& one) {
  if (party.id.empty()) return refuse("proof_relying_party_unset", "no relying party is configured: passkeys are not taken");
  if (const auto good = check_client_data(party, text, one.client_data_json); !good) return good;
  if (const auto good = check_authenticator_data(party, one.authenticator_data); !good) return good;
  Bytes message = one.authenticator_data;
  const Hash32 client_hash = sha256(one.client_data_json);
  message.insert(message.end(), client_hash.bytes.begin(), client_hash.bytes.end());
  const bool is_good = credential.algorithm() == Algorithm::es256 ? verify_es256(credential.key(), message, one.signature)
                                                                  : verify_ed25519(credential.raw_ed25519(), message, one.signature);
  return is_good ? Result<void>{} : wrong_signature();
}

}  // namespace

Result<void> verify(const Credential& credential, const RelyingParty& relying_party, std::string_view text, const Proof& proof) {
  const auto* plain = std::get_if<Ed25519Signature>(&proof);
  if ((plain != nullptr) != (credential.kind() == CredentialKind::ed25519)) {
    return refuse("proof_kind_wrong", "a passkey proves by an assertion, an Ed25519 key by a plain signature");
  }
  if (!plain) return verify_assertion(credential, relying_party, text, std::get<Assertion>(proof));
  return verify_ed25519(credential.key(), as_bytes(text), plain->view()) ? Result<void>{} : wrong_signature();
}

std::string challenge_of(std::string_view text) { return to_base64url(sha256(as_bytes(text)).view()); }

}  // namespace holdfast::identity
