#include "identity/proof.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace holdfast::identity {
namespace {

Bytes some_bytes(std::size_t max) {
  const auto size = *rc::gen::inRange<std::size_t>(0, max + 1);
  return *rc::gen::container<Bytes>(size, rc::gen::arbitrary<std::uint8_t>());
}

TEST(Proof, SurvivesItsEncoding) {
  EXPECT_TRUE(rc::check([] {
    const Proof proof = *rc::gen::arbitrary<bool>()
                            ? Proof(Ed25519Signature::from(*rc::gen::container<Bytes>(64, rc::gen::arbitrary<std::uint8_t>())))
                            : Proof(Assertion{some_bytes(kMaxAuthenticatorData), some_bytes(kMaxClientData), some_bytes(kMaxSignature)});
    const auto bytes = encode(proof);
    RC_ASSERT(bytes.has_value());
    RC_ASSERT(bytes->size() <= kMaxProofBytes);
    const auto again = decode_proof(*bytes);
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == proof);
    Bytes cut(bytes->begin(), bytes->end() - 1);
    RC_ASSERT(!decode_proof(cut));
    Bytes longer = *bytes;
    longer.push_back(0);
    RC_ASSERT(!decode_proof(longer));
  }));
}

TEST(Proof, IsBounded) {
  const Assertion full{Bytes(kMaxAuthenticatorData), Bytes(kMaxClientData), Bytes(kMaxSignature)};
  EXPECT_EQ(encode(full).value().size(), kMaxProofBytes);
  EXPECT_LE(kMaxProofBytes, 4096U);
  for (Bytes Assertion::*part : {&Assertion::authenticator_data, &Assertion::client_data_json, &Assertion::signature}) {
    Assertion over = full;
    (over.*part).push_back(0);
    EXPECT_EQ(encode(over).error().code, "proof_too_large");
  }
}

TEST(Proof, IsRefusedWhenItIsNone) {
  Bytes over_bound = {0x02, 0, 0, 0, 0, 0, kMaxSignature + 1};
  over_bound.resize(over_bound.size() + kMaxSignature + 1);
  const Bytes cases[] = {{},         {0x00}, {0x01}, Bytes(66, 0x01), {0x02}, {0x02, 0, 0, 0, 0, 0}, {0x03, 0, 0, 0, 0, 0, 0},
                         over_bound, Bytes(5000, 0x02)};
  for (const Bytes& bytes : cases) {
    const auto proof = decode_proof(bytes);
    ASSERT_FALSE(proof);
    EXPECT_EQ(proof.error().code, "proof_malformed");
  }
}

}  // namespace
}  // namespace holdfast::identity
