#include "identity/proof.h"

namespace holdfast::identity {
namespace {

constexpr std::uint8_t kEd25519 = 0x01;
constexpr std::uint8_t kAssertion = 0x02;

bool is_bounded(const Assertion& one) {
  return one.authenticator_data.size() <= kMaxAuthenticatorData && one.client_data_json.size() <= kMaxClientData &&
         one.signature.size() <= kMaxSignature;
}

void put(Bytes& out, ByteView part) {
  out.push_back(static_cast<std::uint8_t>(part.size() >> 8U));
  out.push_back(static_cast<std::uint8_t>(part.size() & 0xffU));
  out.insert(out.end(), part.begin(), part.end());
}

// Takes a part off the front of `rest`; false when there is none within the bound.
bool take(ByteView& rest, std::size_t max, Bytes& out) {
  if (rest.size() < 2) return false;
  const std::size_t size = static_cast<std::size_t>(rest[0]) << 8U | rest[1];
  if (size > max || rest.size() - 2 < size) return false;
  out = to_bytes(rest.subspan(2, size));
  rest = rest.subspan(2 + size);
  return true;
}

}  // namespace

Result<Bytes> encode(const Proof& proof) {
  Bytes out;
  if (const auto* signature = std::get_if<Ed25519Signature>(&proof)) {
    out.push_back(kEd25519);
    out.insert(out.end(), signature->bytes.begin(), signature->bytes.end());
    return out;
  }
  const auto& assertion = std::get<Assertion>(proof);
  if (!is_bounded(assertion)) return refuse("proof_too_large", "a part of the assertion is too long");
  out.push_back(kAssertion);
  put(out, assertion.authenticator_data);
  put(out, assertion.client_data_json);
  put(out, assertion.signature);
  return out;
}

Result<Proof> decode_proof(ByteView bytes) {
  const auto malformed = [] { return refuse("proof_malformed", "these bytes are no proof"); };
  if (bytes.empty() || bytes.size() > kMaxProofBytes) return malformed();
  ByteView rest = bytes.subspan(1);
  if (bytes[0] == kEd25519) {
    if (rest.size() != Ed25519Signature::kSize) return malformed();
    return Proof(Ed25519Signature::from(rest));
  }
  Assertion out;
  const bool is_whole = bytes[0] == kAssertion && take(rest, kMaxAuthenticatorData, out.authenticator_data) &&
                        take(rest, kMaxClientData, out.client_data_json) && take(rest, kMaxSignature, out.signature) && rest.empty();
  if (!is_whole) return malformed();
  return Proof(std::move(out));
}

}  // namespace holdfast::identity
