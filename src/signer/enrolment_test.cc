// Enrolments: the owner's key has signed what they say, or they are refused.
#include "signer/enrolment.h"

#include <gtest/gtest.h>

namespace holdfast::signer {
namespace {

KeyRing keys(std::uint8_t number = 1) { return *KeyRing::of(Secret::copy_of(Bytes(32, number)), {}); }

EnrolmentFields fields() {
  return {{"name", "alpha"}, {"owner", chain::evm::to_checksum_text(keys().owner())}, {"made", "2026-11-28T00:00:00Z"}};
}

std::string_view code(const std::string& document) {
  const auto checked = check_enrolment(document);
  return checked ? "good" : checked.error().code;
}

TEST(Enrolment, is_what_its_owner_signed) {
  const auto document = sign_enrolment(fields(), keys());
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(check_enrolment(*document).value(), fields());
  EXPECT_EQ(enrolment_fingerprint(*document).size(), 19u);
  EXPECT_NE(enrolment_fingerprint(*document), enrolment_fingerprint(*document + " "));
}

// As ethers' Wallet.signMessage makes it for the key 0x0101...01 over "holdfast signer enrolment 1\nowner 0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1\n".
TEST(Enrolment, is_a_message_as_other_tools_sign_it) {
  const std::string text = "holdfast signer enrolment 1\nowner 0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1\n";
  EXPECT_EQ(*sign_enrolment({{"owner", "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"}}, keys()),
            text +
                "signature 0x3dd9947f366f4d9057d902e67e6f6a8d37d0aa1e0cbdd4a47dcd56461ef3ce100a6bf49650b3a53cf787d385feb26b6f38c294ed9c7c66c4903b24c772b69d621c\n");
}

TEST(Enrolment, is_refused_changed_by_anybody_else_or_not_whole) {
  const std::string document = *sign_enrolment(fields(), keys());
  for (std::size_t at = 0; at < document.size(); ++at) {
    std::string changed = document;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    ASSERT_NE(code(changed), "good") << at;
  }
  for (std::size_t size = 0; size < document.size(); ++size) ASSERT_NE(code(document.substr(0, size)), "good") << size;
  EXPECT_EQ(code(*sign_enrolment(fields(), keys(2))), "enrolment_not_signed");
  EXPECT_EQ(code(document + document), "enrolment_malformed");
  EXPECT_EQ(code(*sign_enrolment({{"name", "alpha"}}, keys())), "enrolment_malformed");
  auto twice = fields();
  twice.push_back(twice[1]);
  EXPECT_EQ(code(*sign_enrolment(twice, keys())), "enrolment_malformed");
  EXPECT_EQ(code(std::string(kMaxEnrolmentBytes + 1, 'x')), "enrolment_malformed");
}

}  // namespace
}  // namespace holdfast::signer
