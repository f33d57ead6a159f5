// A signature over a text, as a record carries it.
//
//   proof     := ed25519 | assertion
//   ed25519   := 0x01, the 64 bytes of RFC 8032 over the text's own bytes
//   assertion := 0x02, then each as its size in 2 big-endian bytes and its bytes:
//                authenticator data, clientDataJSON, signature (W3C WebAuthn, AuthenticatorAssertionResponse)
//
// There is one encoding of each proof, and nothing may follow it.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <variant>

namespace holdfast::identity {

inline constexpr std::size_t kMaxAuthenticatorData = 1024;
inline constexpr std::size_t kMaxClientData = 2048;
inline constexpr std::size_t kMaxSignature = 72;  // An ECDSA signature on P-256 in DER.
inline constexpr std::size_t kMaxProofBytes = 1 + 3 * 2 + kMaxAuthenticatorData + kMaxClientData + kMaxSignature;

using Ed25519Signature = FixedBytes<64>;

// What navigator.credentials.get() answers.
struct Assertion {
  Bytes authenticator_data;
  Bytes client_data_json;
  Bytes signature;  // ES256: DER; EdDSA: 64 bytes.

  friend bool operator==(const Assertion&, const Assertion&) = default;
};

using Proof = std::variant<Ed25519Signature, Assertion>;

// proof_too_large: a part of an assertion is over its bound.
Result<Bytes> encode(const Proof& proof);
// proof_malformed: no encoding of a proof, or one with parts over their bounds.
Result<Proof> decode_proof(ByteView bytes);

}  // namespace holdfast::identity
