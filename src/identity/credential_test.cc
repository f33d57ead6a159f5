#include "identity/credential.h"

#include "base/hex.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace holdfast::identity {
namespace {

TEST(Credential, IsTakenOrRefusedAsTheVectorsSay) {
  std::ifstream in("tests/vectors/identity/keys.json");
  const auto file = nlohmann::json::parse(in);
  ASSERT_GE(file["cases"].size(), 20U);
  for (const auto& one : file["cases"]) {
    const std::string text = one["text"];
    const auto key = Credential::from_text(text);
    EXPECT_EQ(key ? "ok" : key.error().code, one["outcome"].get<std::string>()) << one["what"];
    EXPECT_EQ(key ? key->to_text() : text, text);
  }
}

TEST(Credential, KnowsItsAlgorithm) {
  const std::string raw = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
  const auto plain = Credential::from_text("ed25519:" + raw);
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->kind(), CredentialKind::ed25519);
  EXPECT_EQ(plain->algorithm(), Algorithm::ed25519);
  const auto passkey = Credential::from_key(CredentialKind::webauthn, from_hex("302a300506032b6570032100" + raw).value());
  ASSERT_TRUE(passkey);
  EXPECT_EQ(passkey->algorithm(), Algorithm::ed25519);
  EXPECT_EQ(to_hex(passkey->raw_ed25519()), raw);
  EXPECT_FALSE(*passkey == *plain);
  EXPECT_EQ(*passkey, Credential::from_text(passkey->to_text()).value());
}

TEST(Credential, KindComesFromRecordsAndMayBeAnything) {
  const auto key = Credential::from_key(static_cast<CredentialKind>(3), Bytes(32, 1));
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code, "credential_kind_unknown");
}

}  // namespace
}  // namespace holdfast::identity
