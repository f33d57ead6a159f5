#include "identity/openssl.h"

#include "base/check.h"

#include <openssl/err.h>
#include <openssl/x509.h>

namespace holdfast::identity {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

}  // namespace

EvpKey read_es256(ByteView der) {
  const unsigned char* at = der.data();
  EvpKey key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  const bool is_whole = key && at == der.data() + der.size();
  if (!is_whole || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_EC) return nullptr;
  return key;
}

bool verify_es256(ByteView der, ByteView message, ByteView signature) {
  const EvpKey key = read_es256(der);
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  HF_CHECK(context != nullptr);
  const bool is_good =
      key && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
      EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
  ERR_clear_error();
  return is_good;
}

Hash32 sha256(ByteView bytes) {
  Hash32 out;
  unsigned size = 0;
  HF_CHECK(EVP_Digest(bytes.data(), bytes.size(), out.bytes.data(), &size, EVP_sha256(), nullptr) == 1 && size == Hash32::kSize);
  return out;
}

}  // namespace holdfast::identity
