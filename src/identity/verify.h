// Whether a proof says that the holder of a credential signed a text.
//
// A plain Ed25519 key signs the text's bytes. A passkey signs a challenge, base64url of SHA-256 of the text, by the steps of
// W3C WebAuthn Level 2 section 7.2 that need no memory: the signature counter is not looked at, since a passkey that is kept
// in step on several devices has none. The user must have been verified (PIN, finger, face), not only been there.
//
// s of an ES256 signature may be of either half: authenticators do not choose. So the same authorisation has two encodings;
// nothing may tell two of them apart by their signatures.
#pragma once

#include "base/result.h"
#include "identity/credential.h"
#include "identity/proof.h"

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::identity {

// The web site whose passkeys are taken. Without an id: none are.
struct RelyingParty {
  std::string id;                    // "exchange.example"
  std::vector<std::string> origins;  // "https://exchange.example", each exactly as browsers write it.

  friend bool operator==(const RelyingParty&, const RelyingParty&) = default;
};

// Refusals:
//   proof_kind_wrong                    a plain signature for a passkey, or the other way round
//   proof_relying_party_unset           a passkey, where no web site is configured
//   proof_client_data_malformed         see client_data.h
//   proof_type_wrong                    not made by navigator.credentials.get()
//   proof_challenge_wrong               over another text
//   proof_origin_wrong                  on another web site's page
//   proof_cross_origin                  in a frame of another site's page
//   proof_authenticator_data_malformed  cut off, or followed by what its flags do not announce
//   proof_relying_party_wrong           for another web site
//   proof_user_absent                   nobody touched the authenticator
//   proof_user_unverified               it did not see who
//   proof_signature_wrong               by another key, over something else, or not in canonical form
Result<void> verify(const Credential& credential, const RelyingParty& relying_party, std::string_view text, const Proof& proof);

// What a passkey is given to sign: base64url of SHA-256 of the text.
std::string challenge_of(std::string_view text);

}  // namespace holdfast::identity
