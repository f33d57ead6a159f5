#include "chain/utxo/codec/signature.h"

#include "base/check.h"
#include "chain/utxo/codec/curve.h"

#include <secp256k1.h>
#include <secp256k1_extrakeys.h>
#include <secp256k1_schnorrsig.h>
#include <sodium.h>

namespace holdfast::chain::utxo {

namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kDerMaxBytes = 72;
constexpr std::uint8_t kHighBit = 0x80;

bool usable(const Secret& key) {
  return key.size() == kKeyBytes && secp256k1_ec_seckey_verify(curve(), key.reveal().data()) == 1;
}

// libsecp256k1's key pair holds the secret key: it is wiped when it goes.
struct KeyPair {
  secp256k1_keypair pair{};
  KeyPair() = default;
  ~KeyPair() { wipe(&pair, sizeof pair); }
  KeyPair(const KeyPair&) = delete;
  KeyPair& operator=(const KeyPair&) = delete;
  bool load(const Secret& key) { return usable(key) && secp256k1_keypair_create(curve(), &pair, key.reveal().data()) == 1; }
};

PublicKey33 serialize(const secp256k1_pubkey& point) {
  PublicKey33 out;
  std::size_t size = out.bytes.size();
  secp256k1_ec_pubkey_serialize(curve(), out.bytes.data(), &size, &point, SECP256K1_EC_COMPRESSED);
  HF_CHECK(size == out.bytes.size());
  return out;
}

bool parse(const PublicKey33& key, secp256k1_pubkey& point) {
  return secp256k1_ec_pubkey_parse(curve(), &point, key.bytes.data(), key.bytes.size()) == 1;
}

bool parse(const XOnlyKey& key, secp256k1_xonly_pubkey& point) {
  return secp256k1_xonly_pubkey_parse(curve(), &point, key.bytes.data()) == 1;
}

// An r whose highest bit is set needs a byte more in DER.
bool has_low_r(const secp256k1_ecdsa_signature& signature) {
  FixedBytes<64> compact;
  secp256k1_ecdsa_signature_serialize_compact(curve(), compact.bytes.data(), &signature);
  return (compact.bytes[0] & kHighBit) == 0;
}

Bytes to_der(const secp256k1_ecdsa_signature& signature) {
  Bytes out(kDerMaxBytes);
  std::size_t size = out.size();
  HF_CHECK(secp256k1_ecdsa_signature_serialize_der(curve(), out.data(), &size, &signature) == 1);
  out.resize(size);
  return out;
}

}  // namespace

const secp256k1_context* curve() {
  static const secp256k1_context* const shared = [] {
    HF_CHECK(sodium_init() >= 0);
    secp256k1_context* made = secp256k1_context_create(SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY);
    HF_CHECK(made != nullptr);
    Secret seed(kKeyBytes);
    randombytes_buf(seed.mutable_data(), seed.size());
    HF_CHECK(secp256k1_context_randomize(made, seed.reveal().data()) == 1);
    return made;
  }();
  return shared;
}

Result<Bytes> sign_ecdsa(const Secret& key, const Hash32& digest) {
  if (!usable(key)) return refuse("key_invalid");
  secp256k1_ecdsa_signature made;
  Hash32 extra;  // A counter that changes the nonce: none at first, then 1, 2, ... little-endian.
  for (std::uint32_t tried = 0;; ++tried) {
    for (std::size_t i = 0; i < sizeof tried; ++i) extra.bytes[i] = static_cast<std::uint8_t>(tried >> (8 * i));
    const std::uint8_t* entropy = tried == 0 ? nullptr : extra.bytes.data();
    if (secp256k1_ecdsa_sign(curve(), &made, digest.bytes.data(), key.reveal().data(), nullptr, entropy) != 1) {
      return refuse("key_invalid", "no signature could be made");
    }
    if (has_low_r(made)) return to_der(made);  // Every second nonce gives one.
  }
}

bool verify_ecdsa(const PublicKey33& key, const Hash32& digest, ByteView der) {
  secp256k1_pubkey point;
  secp256k1_ecdsa_signature signature;
  if (der.empty() || der.size() > kDerMaxBytes || !parse(key, point)) return false;
  if (secp256k1_ecdsa_signature_parse_der(curve(), &signature, der.data(), der.size()) != 1) return false;
  if (!std::ranges::equal(to_der(signature), der)) return false;  // Another form of the same numbers is another txid.
  return secp256k1_ecdsa_verify(curve(), &signature, digest.bytes.data(), &point) == 1;  // Takes no high s.
}

Result<SchnorrSignature> sign_schnorr(const Secret& key, const Hash32& digest) {
  KeyPair pair;
  const Hash32 no_randomness;
  SchnorrSignature out;
  if (!pair.load(key) || secp256k1_schnorrsig_sign32(curve(), out.bytes.data(), digest.bytes.data(), &pair.pair,
                                                     no_randomness.bytes.data()) != 1) {
    return refuse("key_invalid");
  }
  return out;
}

bool verify_schnorr(const XOnlyKey& key, const Hash32& digest, const SchnorrSignature& signature) {
  secp256k1_xonly_pubkey point;
  return parse(key, point) && secp256k1_schnorrsig_verify(curve(), signature.bytes.data(), digest.bytes.data(),
                                                          digest.bytes.size(), &point) == 1;
}

Result<Secret> taproot_tweaked_secret(const Secret& internal, const std::optional<Hash32>& merkle_root) {
  KeyPair pair;
  secp256k1_xonly_pubkey point;
  XOnlyKey key;
  if (!pair.load(internal)) return refuse("key_invalid");
  HF_CHECK(secp256k1_keypair_xonly_pub(curve(), &point, nullptr, &pair.pair) == 1);
  HF_CHECK(secp256k1_xonly_pubkey_serialize(curve(), key.bytes.data(), &point) == 1);
  const Hash32 tweak = taproot_tweak(key, merkle_root);
  Secret out(kKeyBytes);
  if (secp256k1_keypair_xonly_tweak_add(curve(), &pair.pair, tweak.bytes.data()) != 1 ||
      secp256k1_keypair_sec(curve(), out.mutable_data(), &pair.pair) != 1) {
    return refuse("key_invalid", "tweaked to nothing");
  }
  return out;
}

Result<TaprootOutput> taproot_output(const XOnlyKey& internal, const std::optional<Hash32>& merkle_root) {
  secp256k1_xonly_pubkey point;
  secp256k1_pubkey tweaked;
  const Hash32 tweak = taproot_tweak(internal, merkle_root);
  if (!parse(internal, point) || secp256k1_xonly_pubkey_tweak_add(curve(), &tweaked, &point, tweak.bytes.data()) != 1) {
    return refuse("key_invalid", "the internal key");
  }
  const PublicKey33 key = serialize(tweaked);
  return TaprootOutput{x_only(key), key.bytes[0] == 0x03};
}

Result<PublicKey33> public_key_of(const Secret& key) {
  secp256k1_pubkey point;
  if (!usable(key) || secp256k1_ec_pubkey_create(curve(), &point, key.reveal().data()) != 1) return refuse("key_invalid");
  return serialize(point);
}

bool is_valid(const PublicKey33& key) {
  secp256k1_pubkey point;
  return parse(key, point);
}

bool is_valid(const XOnlyKey& key) {
  secp256k1_xonly_pubkey point;
  return parse(key, point);
}

XOnlyKey x_only(const PublicKey33& key) { return XOnlyKey::from(key.view().subspan(1)); }

Result<PublicKey33> add_tweak(const PublicKey33& key, const Hash32& tweak) {
  secp256k1_pubkey point;
  if (!parse(key, point) || secp256k1_ec_pubkey_tweak_add(curve(), &point, tweak.bytes.data()) != 1) {
    return refuse("key_invalid");
  }
  return serialize(point);
}

Result<Secret> add_tweak(const Secret& key, const Secret& tweak) {
  if (!usable(key) || tweak.size() != kKeyBytes) return refuse("key_invalid");
  Secret out = Secret::copy_of(key.reveal());
  if (secp256k1_ec_seckey_tweak_add(curve(), out.mutable_data(), tweak.reveal().data()) != 1) return refuse("key_invalid");
  return out;
}

}  // namespace holdfast::chain::utxo
