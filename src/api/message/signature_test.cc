#include "api/message/signature.h"

#include "api/message/digest.h"
#include "base/hex.h"
#include "journal/base64.h"

#include <gtest/gtest.h>

#include <functional>

namespace holdfast::api {
namespace {

// RFC 9421 appendix B.1.4, test-key-ed25519.
const SigningKey kVectorKey = SigningKey::from(*journal::from_base64("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="));
const std::string_view kVectorSeed = "n4Ni+HpISpVObnQMW0wOhCKROaIKqKtW/2ZYb2p9KcU=";

// RFC 9421 appendix B.2.6.
RequestHead vector_request() {
  return {"POST",
          "/foo?param=Value&Pet=dog",
          {{"host", "example.com"},
           {"date", "Tue, 20 Apr 2021 02:07:55 GMT"},
           {"content-type", "application/json"},
           {"content-length", "18"}},
          false};
}
const std::string_view kVectorInput =
    R"(sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473)"
    R"(;keyid="test-key-ed25519")";
const std::string_view kVectorSignature =
    "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==";

// An operator's stands in the journal, where a text has its bound.
TEST(signature, covers_no_more_than_a_record_holds) {
  RequestHead head;
  head.method = "POST";
  head.target = "/v1/cases/1/note";
  const std::string input = "sig1=(\"@method\" \"@path\" \"x-pad\");created=1700000000;keyid=\"desk-1\";nonce=\"0123456789abcdef0123456789abcdef\";alg=\"ed25519\";tag=\"holdfast\"";
  const auto with_pad = [&](std::size_t length) {
    RequestHead padded = head;
    padded.headers = {{"x-pad", std::string(length, 'x')}, {"signature-input", input}, {"signature", "sig1=:" + std::string(86, 'A') + "==:"}};
    return read_signature(padded);
  };
  EXPECT_TRUE(with_pad(3'000)) << with_pad(3'000).error().detail;
  ASSERT_FALSE(with_pad(4'200));
  EXPECT_EQ(with_pad(4'200).error().code, "signature_malformed");
}

TEST(Signature, holds_for_the_ed25519_vector_of_rfc_9421) {
  const auto input = parse_dictionary(kVectorInput);
  ASSERT_TRUE(input);
  const auto base = signature_base(std::get<InnerList>(input->front().value), vector_request());
  ASSERT_TRUE(base);
  EXPECT_EQ(*base,
            "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n"
            "\"@method\": POST\n"
            "\"@path\": /foo\n"
            "\"@authority\": example.com\n"
            "\"content-type\": application/json\n"
            "\"content-length\": 18\n"
            "\"@signature-params\": (\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \"content-length\")"
            ";created=1618884473;keyid=\"test-key-ed25519\"");
  SignatureClaim claim{
      "test-key-ed25519", 1618884473, {}, *base, FixedBytes<64>::from(*journal::from_base64(kVectorSignature))};
  EXPECT_TRUE(verify(claim, kVectorKey));
  claim.base.back() = '\'';
  EXPECT_FALSE(verify(claim, kVectorKey));
}

TEST(ContentDigest, holds_for_the_example_of_rfc_9530) {
  const std::string_view body = "{\"hello\": \"world\"}\n";
  EXPECT_EQ(content_digest(body), "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:");
  EXPECT_TRUE(digest_holds("sha-512=:AA==:, " + content_digest(body), body));
  EXPECT_FALSE(digest_holds(content_digest(body), "{\"hello\": \"World\"}\n"));
  EXPECT_FALSE(digest_holds("sha-512=:AA==:", body));
  EXPECT_FALSE(digest_holds("sha-256=RK", body));
}

class SignedRequest : public ::testing::Test {
 protected:
  SignedRequest() : signer_("key-1", Secret::copy_of(*journal::from_base64(kVectorSeed))) {
    head_ = {"POST", "/v1/withdrawals?x=1", {{"host", "h"}, {"idempotency-key", "a"}, {"content-length", "2"}}, false};
    signer_.sign(head_, "{}", 1700000000);
  }
  std::string& field(std::string_view name) {
    for (Header& header : head_.headers) {
      if (header.name == name) return header.value;
    }
    throw std::out_of_range("no such field");
  }
  void replace(std::string_view name, std::string_view what, std::string_view by) {
    std::string& value = field(name);
    ASSERT_NE(value.find(what), std::string::npos) << what;
    value.replace(value.find(what), what.size(), by);
  }
  std::string_view refusal() const {
    const auto claim = read_signature(head_);
    return claim ? "" : claim.error().code;
  }
  bool holds() const {
    const auto claim = read_signature(head_);
    return claim && verify(*claim, signer_.public_key());
  }

  RequestSigner signer_;
  RequestHead head_;
};

TEST_F(SignedRequest, holds) {
  EXPECT_EQ(signer_.public_key(), kVectorKey);
  EXPECT_TRUE(holds());
  EXPECT_EQ(read_signature(head_)->key_id, "key-1");
  EXPECT_EQ(read_signature(head_)->created_s, 1700000000);
}

TEST_F(SignedRequest, does_not_hold_for_another_method) {
  head_.method = "PUT";
  EXPECT_FALSE(holds());
}
TEST_F(SignedRequest, does_not_hold_for_another_path) {
  head_.target = "/v1/freezes?x=1";
  EXPECT_FALSE(holds());
}
TEST_F(SignedRequest, does_not_hold_for_another_query) {
  head_.target = "/v1/withdrawals?x=2";
  EXPECT_FALSE(holds());
}
TEST_F(SignedRequest, does_not_hold_for_another_idempotency_key) {
  field("idempotency-key") = "b";
  EXPECT_FALSE(holds());
}
TEST_F(SignedRequest, does_not_hold_for_another_digest) {
  field("content-digest")[10] ^= 1;
  EXPECT_FALSE(holds());
}
TEST_F(SignedRequest, does_not_hold_for_another_time) {
  replace("signature-input", "created=1700000000", "created=1700000001");
  EXPECT_FALSE(holds());
}

TEST_F(SignedRequest, another_signature_beside_it_is_passed_over) {
  field("signature-input").insert(0, "proxy=(\"@method\");keyid=\"p\";tag=\"other\", ");
  field("signature").insert(0, "proxy=:AA==:, ");
  EXPECT_TRUE(holds());
}

TEST_F(SignedRequest, without_a_signature) {
  head_.headers.pop_back();
  EXPECT_EQ(refusal(), "signature_missing");
}
TEST_F(SignedRequest, under_another_tag) {
  replace("signature-input", "tag=\"holdfast\"", "tag=\"other\"");
  EXPECT_EQ(refusal(), "signature_missing");
}

struct Edit {
  std::string_view what, by, refusal;
};

TEST_F(SignedRequest, that_covers_too_little_or_is_not_of_the_profile) {
  const Edit edits[] = {
      {"\"@method\" ", "", "signature_incomplete"},
      {"\"@path\" ", "", "signature_incomplete"},
      {"\"@query\" ", "", "signature_incomplete"},
      {"\"content-digest\" ", "", "signature_incomplete"},
      {" \"idempotency-key\"", "", "signature_incomplete"},
      {"\"@query\"", "\"@query\" \"x-absent\"", "signature_incomplete"},
      {";created=1700000000", "", "signature_incomplete"},
      {";keyid=\"key-1\"", "", "signature_incomplete"},
      {";alg=\"ed25519\"", "", "signature_incomplete"},
      {"nonce=\"", "nonce=\"\";x=\"", "signature_malformed"},
      {"ed25519", "hmac-sha256", "signature_malformed"},
      {"\"@query\"", "\"@query\" \"@query\"", "signature_malformed"},
      {"\"@query\"", "\"@query\" \"@status\"", "signature_malformed"},
      {"\"@query\"", "\"@query\" \"Host\"", "signature_malformed"},
      {"\"@method\"", "\"@method\";req", "signature_malformed"},
      {"\"@query\"", "\"@query\" 7", "signature_malformed"},
      {";created", ";expires=1;created", "signature_malformed"},
      {"sig1=", "sig2=", "signature_malformed"},
      {"(", "((", "signature_malformed"},
  };
  const RequestHead whole = head_;
  for (const Edit& edit : edits) {
    head_ = whole;
    replace("signature-input", edit.what, edit.by);
    EXPECT_EQ(refusal(), edit.refusal) << edit.what << " -> " << edit.by;
  }
}

TEST_F(SignedRequest, with_a_signature_of_the_wrong_size) {
  field("signature") = "sig1=:AAAA:";
  EXPECT_EQ(refusal(), "signature_malformed");
}

TEST(RequestHead, joins_fields_of_one_name_and_trims_them) {
  const RequestHead head{"GET", "/", {{"a", " 1 "}, {"b", "x"}, {"a", "2\t"}}, false};
  EXPECT_EQ(head.header("a"), "1, 2");
  EXPECT_FALSE(head.header("c"));
}

}  // namespace
}  // namespace holdfast::api
