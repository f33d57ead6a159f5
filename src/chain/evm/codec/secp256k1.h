// ECDSA on secp256k1 as Ethereum uses it: signatures from which the signer's address can be recovered.
//
// A Signature is r || s || v: s in the lower half of the order, v 27 or 28. Any other form is refused, because a second
// form of a signature is a second transaction id.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "chain/evm/codec/address.h"

namespace holdfast::chain::evm {

using Signature = FixedBytes<65>;
using PublicKey = FixedBytes<64>;  // x || y

// Deterministic (RFC 6979). Refuses `key_invalid`: not 32 bytes, zero, or not below the order.
Result<Signature> sign(const Secret& key, const Hash32& digest);

Result<PublicKey> public_key_of(const Secret& key);
Result<Address20> address_of_key(const Secret& key);
Address20 address_of(const PublicKey& key);

// Who signed. Refuses `signature_malformed` (v, or a high s) and `signature_unrecoverable`.
// Every well-formed signature recovers to somebody: compare with who should have signed.
Result<Address20> recover(const Hash32& digest, const Signature& signature);

}  // namespace holdfast::chain::evm
