// ES256 and SHA-256 by OpenSSL, with nothing of its memory or its error queue left to the caller.
#pragma once

#include "base/bytes.h"

#include <openssl/evp.h>

#include <memory>

namespace holdfast::identity {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using EvpKey = std::unique_ptr<EVP_PKEY, FreeKey>;

// None where the DER is no key, or its point is not on the curve.
EvpKey read_es256(ByteView der);

// ECDSA over SHA-256 of the message. The signature is DER in its only form; s may be of either half (see verify.h).
bool verify_es256(ByteView der, ByteView message, ByteView signature);

Hash32 sha256(ByteView bytes);

}  // namespace holdfast::identity
