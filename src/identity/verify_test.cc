#include "identity/verify.h"

#include "base/hex.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <set>

namespace holdfast::identity {
namespace {

using Json = nlohmann::json;

std::string_view outcome(const Result<void>& result) { return result ? "ok" : result.error().code; }

Bytes bytes_of(const Json& hex) { return from_hex(hex.get<std::string>()).value(); }

struct Rfc8032 {
  const char* key;
  const char* message;
  const char* signature;
};

// RFC 8032 section 7.1, tests 1 to 3.
constexpr Rfc8032 kRfc8032[] = {
    {"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
};

TEST(VerifyEd25519, IsRfc8032s) {
  for (const Rfc8032& one : kRfc8032) {
    const auto key = Credential::from_text(std::string("ed25519:") + one.key).value();
    const Bytes message = from_hex(one.message).value();
    auto signature = fixed_from_hex<64>(one.signature).value();
    EXPECT_EQ(outcome(verify(key, {}, as_text(message), signature)), "ok");
    EXPECT_EQ(outcome(verify(key, {}, std::string(as_text(message)) + "x", signature)), "proof_signature_wrong");
    for (const std::size_t at : {std::size_t{0}, std::size_t{40}}) {
      auto spoiled = signature;
      spoiled.bytes[at] ^= 1;
      EXPECT_EQ(outcome(verify(key, {}, as_text(message), spoiled)), "proof_signature_wrong");
    }
  }
}

// s + L is the same number to the equation; taking it would give each signature a second form.
TEST(VerifyEd25519, TakesOneFormOfS) {
  const auto key = Credential::from_text(std::string("ed25519:") + kRfc8032[0].key).value();
  auto signature = fixed_from_hex<64>(kRfc8032[0].signature).value();
  const Bytes order = from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").value();
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    const unsigned sum = signature.bytes[32 + i] + unsigned{order[i]} + carry;
    signature.bytes[32 + i] = static_cast<std::uint8_t>(sum & 0xffU);
    carry = sum >> 8U;
  }
  ASSERT_EQ(carry, 0U);
  EXPECT_EQ(outcome(verify(key, {}, "", signature)), "proof_signature_wrong");
}

Json assertions() {
  std::ifstream in("tests/vectors/identity/assertions.json");
  return Json::parse(in)["cases"];
}

RelyingParty party_of(const Json& one) {
  return {one["relying_party"]["id"], one["relying_party"]["origins"].get<std::vector<std::string>>()};
}

Proof proof_of(const Json& one) {
  return Assertion{bytes_of(one["authenticator_data"]), bytes_of(one["client_data_json"]), bytes_of(one["signature"])};
}

TEST(VerifyPasskey, AsTheVectorsSay) {
  std::set<std::string> seen;
  for (const Json& one : assertions()) {
    const auto key = Credential::from_text(one["credential"].get<std::string>()).value();
    const auto result = verify(key, party_of(one), one["text"].get<std::string>(), proof_of(one));
    EXPECT_EQ(outcome(result), one["outcome"].get<std::string>()) << one["what"];
    seen.insert(std::string(outcome(result)));
  }
  const std::set<std::string> all = {"ok", "proof_client_data_malformed", "proof_type_wrong", "proof_challenge_wrong", "proof_origin_wrong",
                                     "proof_cross_origin", "proof_authenticator_data_malformed", "proof_relying_party_wrong",
                                     "proof_user_absent", "proof_user_unverified", "proof_signature_wrong"};
  EXPECT_EQ(seen, all);
}

TEST(VerifyPasskey, NeedsAWebSite) {
  const Json one = assertions()[0];
  const auto key = Credential::from_text(one["credential"].get<std::string>()).value();
  EXPECT_EQ(outcome(verify(key, {}, one["text"].get<std::string>(), proof_of(one))), "proof_relying_party_unset");
}

TEST(VerifyPasskey, IsNoPlainKey) {
  const Json one = assertions()[0];
  const auto passkey = Credential::from_text(one["credential"].get<std::string>()).value();
  const auto plain = Credential::from_text(std::string("ed25519:") + kRfc8032[0].key).value();
  EXPECT_EQ(outcome(verify(plain, party_of(one), one["text"].get<std::string>(), proof_of(one))), "proof_kind_wrong");
  EXPECT_EQ(outcome(verify(passkey, party_of(one), one["text"].get<std::string>(), Ed25519Signature{})), "proof_kind_wrong");
}

}  // namespace
}  // namespace holdfast::identity
