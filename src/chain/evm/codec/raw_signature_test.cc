// Signatures without a recovery id, of either half: brought into Ethereum's form, or refused.
#include "chain/evm/codec/raw_signature.h"

#include <gtest/gtest.h>

namespace holdfast::chain::evm {
namespace {

const Bytes kOrder = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
                      0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41};

// order - s, by schoolbook subtraction.
Bytes other_half(Bytes r_and_s) {
  int borrow = 0;
  for (int i = 31; i >= 0; --i) {
    const auto at = static_cast<std::size_t>(i);
    int digit = kOrder[at] - r_and_s[32 + at] - borrow;
    borrow = digit < 0 ? 1 : 0;
    if (digit < 0) digit += 256;
    r_and_s[32 + at] = static_cast<std::uint8_t>(digit);
  }
  return r_and_s;
}

struct Made {
  Secret key = Secret::copy_of(Bytes(32, 7));
  Hash32 digest;
  Signature signature;
  Bytes raw;
};

Made make(std::uint8_t seed) {
  Made out;
  out.digest.bytes.fill(seed);
  out.signature = *sign(out.key, out.digest);
  out.raw = to_bytes(out.signature.view().first(64));
  return out;
}

TEST(RawSignature, either_half_becomes_the_one_good_form) {
  bool seen[2] = {false, false};
  for (std::uint8_t seed = 1; seed < 60; ++seed) {
    const Made made = make(seed);
    const auto key = *public_key_of(made.key);
    EXPECT_EQ(complete_signature(made.raw, made.digest, key).value(), made.signature);
    EXPECT_EQ(complete_signature(other_half(made.raw), made.digest, key).value(), made.signature);
    seen[made.signature.bytes[64] - 27] = true;
  }
  EXPECT_TRUE(seen[0] && seen[1]);  // Both recovery ids were there to be found.
}

TEST(RawSignature, refuses_what_the_key_did_not_sign) {
  const Made made = make(9);
  const auto key = *public_key_of(made.key);
  const auto code = [&](const Bytes& raw, const Hash32& digest, const PublicKey& by) {
    const auto done = complete_signature(raw, digest, by);
    return done ? std::string_view("signed") : done.error().code;
  };
  Bytes flipped = made.raw;
  flipped[40] ^= 1;
  EXPECT_EQ(code(flipped, made.digest, key), "signature_wrong");
  EXPECT_EQ(code(made.raw, make(10).digest, key), "signature_wrong");
  EXPECT_EQ(code(made.raw, made.digest, *public_key_of(Secret::copy_of(Bytes(32, 8)))), "signature_wrong");
  EXPECT_EQ(code(Bytes(64, 0), made.digest, key), "signature_wrong");
  EXPECT_EQ(code(Bytes(64, 0xff), made.digest, key), "signature_wrong");
  EXPECT_EQ(code(Bytes(made.raw.begin(), made.raw.end() - 1), made.digest, key), "signature_wrong");
  EXPECT_EQ(code(made.raw, made.digest, PublicKey{}), "signature_wrong");
  EXPECT_EQ(check_public_key(PublicKey{}).error().code, "key_invalid");
  EXPECT_TRUE(check_public_key(key).has_value());
}

}  // namespace
}  // namespace holdfast::chain::evm
