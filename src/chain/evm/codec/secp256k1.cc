#include "chain/evm/codec/secp256k1.h"

#include "base/check.h"
#include "chain/evm/codec/keccak.h"

#include <secp256k1.h>
#include <secp256k1_recovery.h>
#include <sodium.h>

namespace holdfast::chain::evm {

namespace {

constexpr std::uint8_t kVBase = 27;
constexpr std::size_t kUncompressed = 65;

// One for the process, blinded against side channels when it is made and only read afterwards.
const secp256k1_context* context() {
  static const secp256k1_context* const shared = [] {
    HF_CHECK(sodium_init() >= 0);
    secp256k1_context* made = secp256k1_context_create(SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY);
    HF_CHECK(made != nullptr);
    Secret seed(32);
    randombytes_buf(seed.mutable_data(), seed.size());
    HF_CHECK(secp256k1_context_randomize(made, seed.reveal().data()) == 1);
    return made;
  }();
  return shared;
}

bool usable(const Secret& key) {
  return key.size() == 32 && secp256k1_ec_seckey_verify(context(), key.reveal().data()) == 1;
}

PublicKey serialize(const secp256k1_pubkey& point) {
  std::array<std::uint8_t, kUncompressed> bytes{};
  std::size_t size = bytes.size();
  secp256k1_ec_pubkey_serialize(context(), bytes.data(), &size, &point, SECP256K1_EC_UNCOMPRESSED);
  HF_CHECK(size == kUncompressed);
  return PublicKey::from(ByteView(bytes).subspan(1));  // Without the leading 0x04.
}

// libsecp256k1 recovers from a high s as well; the network does not take one.
bool has_low_s(const Signature& signature) {
  secp256k1_ecdsa_signature parsed;
  if (secp256k1_ecdsa_signature_parse_compact(context(), &parsed, signature.bytes.data()) != 1) return false;
  return secp256k1_ecdsa_signature_normalize(context(), nullptr, &parsed) == 0;
}

}  // namespace

Result<Signature> sign(const Secret& key, const Hash32& digest) {
  if (!usable(key)) return refuse("key_invalid");
  secp256k1_ecdsa_recoverable_signature made;
  if (secp256k1_ecdsa_sign_recoverable(context(), &made, digest.bytes.data(), key.reveal().data(), nullptr, nullptr) != 1) {
    return refuse("key_invalid", "no signature could be made");
  }
  Signature out;
  int recovery_id = 0;
  secp256k1_ecdsa_recoverable_signature_serialize_compact(context(), out.bytes.data(), &recovery_id, &made);
  HF_CHECK(recovery_id == 0 || recovery_id == 1);  // 2 and 3 need an r above the order: nobody will ever see one.
  out.bytes[64] = static_cast<std::uint8_t>(kVBase + recovery_id);
  return out;
}

Result<PublicKey> public_key_of(const Secret& key) {
  secp256k1_pubkey point;
  if (!usable(key) || secp256k1_ec_pubkey_create(context(), &point, key.reveal().data()) != 1) return refuse("key_invalid");
  return serialize(point);
}

Result<Address20> address_of_key(const Secret& key) {
  const auto point = public_key_of(key);
  if (!point) return Failure(point.error());
  return address_of(*point);
}

Address20 address_of(const PublicKey& key) {
  return Address20::from(keccak256(key.view()).view().subspan(Hash32::kSize - Address20::kSize));
}

Result<Address20> recover(const Hash32& digest, const Signature& signature) {
  const int recovery_id = signature.bytes[64] - kVBase;
  if ((recovery_id != 0 && recovery_id != 1) || !has_low_s(signature)) return refuse("signature_malformed");
  secp256k1_ecdsa_recoverable_signature parsed;
  secp256k1_pubkey point;
  if (secp256k1_ecdsa_recoverable_signature_parse_compact(context(), &parsed, signature.bytes.data(), recovery_id) != 1 ||
      secp256k1_ecdsa_recover(context(), &point, &parsed, digest.bytes.data()) != 1) {
    return refuse("signature_unrecoverable");
  }
  return address_of(serialize(point));
}

}  // namespace holdfast::chain::evm
