// HTTP message signatures (RFC 9421) with Ed25519, in the one profile that Holdfast speaks.
//
//   Signature-Input: sig1=("@method" "@path" "@query" "content-digest" "idempotency-key");created=1700000000
//                    ;keyid="exchange-1";nonce="...";alg="ed25519";tag="holdfast"
//   Signature: sig1=:base64 of 64 bytes:
//
// Covered must be: @method and @path; @query when the target has one; content-digest when a body follows;
// idempotency-key when it is sent. More may be: @authority and any field. The label is free; other signatures beside it
// (a proxy's) are passed over.
#pragma once

#include "api/message/http.h"
#include "api/message/problem.h"
#include "api/message/structured_field.h"
#include "base/bytes.h"
#include "base/secret.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::api {

using SigningKey = FixedBytes<32>;  // The public half.

inline constexpr std::string_view kSignatureTag = "holdfast";
inline constexpr std::size_t kMinNonceLength = 16;
inline constexpr std::size_t kMaxNonceLength = 64;
inline constexpr std::size_t kMaxSignatureBase = 4'096;  // Bytes: an operator's is kept in the journal.

struct SignatureClaim {
  std::string key_id;
  std::int64_t created_s = 0;  // Unix seconds, as the signer says.
  std::string nonce;
  std::string base;  // What was signed.
  FixedBytes<64> signature;
};

// The signature base of RFC 9421 section 2.5. Refuses signature_incomplete (a covered field is absent) and
// signature_malformed (a component unknown here, one that stands twice, or one with parameters).
Answer<std::string> signature_base(const InnerList& covered, const RequestHead& head);

// Reads the request's signature and checks that it covers what it must; whether it holds is for verify().
//   signature_missing, signature_malformed, signature_incomplete
Answer<SignatureClaim> read_signature(const RequestHead& head);

bool verify(const SignatureClaim& claim, const SigningKey& key);

// An API key's private half: the seed and public key, as libsodium keeps them.
class RequestSigner {
 public:
  // Precondition: the seed has 32 bytes.
  RequestSigner(std::string key_id, const Secret& seed);
  const std::string& key_id() const { return key_id_; }
  const SigningKey& public_key() const { return public_key_; }

  // Adds content-digest (when there is a body), signature-input and signature to the head. The target and
  // idempotency-key must be set before. The nonce is random.
  void sign(RequestHead& head, std::string_view body, std::int64_t now_s) const;
  FixedBytes<64> sign_text(std::string_view text) const;  // Its bytes as they are (RFC 8032).

 private:
  std::string key_id_;
  SigningKey public_key_;
  Secret secret_key_;
};

}  // namespace holdfast::api
