// Proofs have one encoding; and whatever one says, it is judged without leaving its bytes.
#include "base/check.h"
#include "base/hex.h"
#include "identity/verify.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

using namespace holdfast;
using namespace holdfast::identity;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Credential passkey =
      Credential::from_key(CredentialKind::webauthn, *from_hex("302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"))
          .value();
  static const RelyingParty party{"exchange.example", {"https://exchange.example"}};
  const auto proof = decode_proof(ByteView(data, size));
  if (!proof) return 0;
  HF_CHECK(std::ranges::equal(encode(*proof).value(), ByteView(data, size)));
  const auto result = verify(passkey, party, "text", *proof);
  HF_CHECK(!result);
  return 0;
}
