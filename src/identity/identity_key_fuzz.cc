// Keys in both forms: what is read is written again the same, and can be used.
#include "base/check.h"
#include "identity/verify.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

using namespace holdfast;
using namespace holdfast::identity;

namespace {

void use(const Credential& key) {
  HF_CHECK(Credential::from_text(key.to_text()).value() == key);
  HF_CHECK(key.key().size() <= kMaxCredentialBytes && key.to_text().size() <= kMaxCredentialText);
  HF_CHECK(!verify(key, {}, "text", Ed25519Signature{}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  for (const auto kind : {CredentialKind::ed25519, CredentialKind::webauthn}) {
    const auto key = Credential::from_key(kind, input);
    if (!key) continue;
    HF_CHECK(std::ranges::equal(key->key(), input));
    use(*key);
  }
  if (const auto key = Credential::from_text(as_text(input))) {
    HF_CHECK(key->to_text() == as_text(input));
    use(*key);
  }
  return 0;
}
