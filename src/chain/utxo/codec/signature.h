// ECDSA and Schnorr on secp256k1 as the Bitcoin family uses them (libsecp256k1).
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "chain/utxo/codec/script.h"

namespace holdfast::chain::utxo {

using SchnorrSignature = FixedBytes<64>;

// Deterministic (RFC 6979), low s, low r by grinding as Core does; DER without a sighash byte. Refuses `key_invalid`.
Result<Bytes> sign_ecdsa(const Secret& key, const Hash32& digest);
// Strict DER (BIP 66) and low s only.
bool verify_ecdsa(const PublicKey33& key, const Hash32& digest, ByteView der);

// BIP 340 with zero auxiliary randomness: the same signature each time. Refuses `key_invalid`.
Result<SchnorrSignature> sign_schnorr(const Secret& key, const Hash32& digest);
bool verify_schnorr(const XOnlyKey& key, const Hash32& digest, const SchnorrSignature& signature);
// The key of a key-path spend: the internal key tweaked by BIP 341. Refuses `key_invalid`.
Result<Secret> taproot_tweaked_secret(const Secret& internal, const std::optional<Hash32>& merkle_root);

Result<PublicKey33> public_key_of(const Secret& key);
bool is_valid(const PublicKey33& key);
bool is_valid(const XOnlyKey& key);
XOnlyKey x_only(const PublicKey33& key);

// key + tweak: for BIP 32. Refuses `key_invalid` (a result that is no key, or a tweak over the order).
Result<PublicKey33> add_tweak(const PublicKey33& key, const Hash32& tweak);
Result<Secret> add_tweak(const Secret& key, const Secret& tweak);

}  // namespace holdfast::chain::utxo
