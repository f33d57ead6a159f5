// ECDSA signatures of devices that know nothing of Ethereum (PKCS#11's CKM_ECDSA): r || s, s of either half of the order,
// and no recovery id.
#pragma once

#include "chain/evm/codec/secp256k1.h"

namespace holdfast::chain::evm {

// The same signature in Ethereum's form (secp256k1.h). It is verified on the way: `r_and_s` is 64 bytes that `key` signed
// `digest` with. Refuses `signature_wrong` in any other case; and one whose r is over the order, which nobody will ever see.
Result<Signature> complete_signature(ByteView r_and_s, const Hash32& digest, const PublicKey& key);

// Refuses `key_invalid`: no point of the curve.
Result<void> check_public_key(const PublicKey& key);

}  // namespace holdfast::chain::evm
