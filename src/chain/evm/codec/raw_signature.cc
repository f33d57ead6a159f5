#include "chain/evm/codec/raw_signature.h"

#include <secp256k1.h>
#include <secp256k1_recovery.h>
#include <algorithm>
#include <optional>

namespace holdfast::chain::evm {
namespace {

constexpr std::uint8_t kVBase = 27;
constexpr std::size_t kUncompressed = 65;
constexpr std::uint8_t kUncompressedTag = 0x04;

// Nothing secret is computed here, so the library's own context does.
const secp256k1_context* context() { return secp256k1_context_static; }

std::optional<secp256k1_pubkey> parse(const PublicKey& key) {
  std::array<std::uint8_t, kUncompressed> bytes{kUncompressedTag};
  std::ranges::copy(key.bytes, bytes.begin() + 1);
  secp256k1_pubkey out;
  if (secp256k1_ec_pubkey_parse(context(), &out, bytes.data(), bytes.size()) != 1) return std::nullopt;
  return out;
}

bool recovers_to(const secp256k1_pubkey& key, const std::uint8_t* compact, int recovery_id, const Hash32& digest) {
  secp256k1_ecdsa_recoverable_signature made;
  secp256k1_pubkey point;
  return secp256k1_ecdsa_recoverable_signature_parse_compact(context(), &made, compact, recovery_id) == 1 &&
         secp256k1_ecdsa_recover(context(), &point, &made, digest.bytes.data()) == 1 &&
         secp256k1_ec_pubkey_cmp(context(), &point, &key) == 0;
}

}  // namespace

Result<Signature> complete_signature(ByteView r_and_s, const Hash32& digest, const PublicKey& key) {
  constexpr std::size_t kCompact = 64;
  const auto point = parse(key);
  secp256k1_ecdsa_signature made;
  if (!point || r_and_s.size() != kCompact ||
      secp256k1_ecdsa_signature_parse_compact(context(), &made, r_and_s.data()) != 1) {
    return refuse("signature_wrong", "not 64 bytes of r and s");
  }
  secp256k1_ecdsa_signature_normalize(context(), &made, &made);
  // With a low s, that is: what verifies here the network takes.
  if (secp256k1_ecdsa_verify(context(), &made, digest.bytes.data(), &*point) != 1) {
    return refuse("signature_wrong", "it does not hold for the key");
  }
  Signature out;
  secp256k1_ecdsa_signature_serialize_compact(context(), out.bytes.data(), &made);
  for (const int recovery_id : {0, 1}) {
    if (!recovers_to(*point, out.bytes.data(), recovery_id, digest)) continue;
    out.bytes[kCompact] = static_cast<std::uint8_t>(kVBase + recovery_id);
    return out;
  }
  return refuse("signature_wrong", "its r is over the order");
}

Result<void> check_public_key(const PublicKey& key) {
  return parse(key) ? Result<void>{} : Result<void>(refuse("key_invalid", "no point of secp256k1"));
}

}  // namespace holdfast::chain::evm
