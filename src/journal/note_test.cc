#include "journal/note.h"

#include "base/hex.h"
#include "journal/base64.h"
#include "journal/merkle.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

namespace holdfast::journal {
namespace {

// Published with golang.org/x/mod/sumdb/note, the reference implementation of signed notes.
const std::string kPeterVkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const std::string kEnochVkey = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
const std::string kPeterSeed = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";  // Type byte 0x01, then the seed.
const std::string kText =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const std::string kPeterSignature =
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    "\n";
const std::string kEnochSignature =
    "\u2014 EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";

LogKey peter() {
  const Bytes typed_seed = *from_base64(kPeterSeed);
  return LogKey::from_seed(Secret::copy_of(ByteView(typed_seed).subspan(1)), "PeterNeumann");
}

LogKey key_of(std::uint8_t seed_byte, std::string_view name) {
  return LogKey::from_seed(Secret::copy_of(Bytes(32, seed_byte)), name);
}

VerifierKey verifier(const std::string& vkey) { return *VerifierKey::from_string(vkey); }

TEST(VerifierKey, known_text) {
  EXPECT_EQ(verifier(kPeterVkey).to_string(), kPeterVkey);
  EXPECT_EQ(to_hex(verifier(kPeterVkey).hash().view()), "c74f20a3");
  EXPECT_EQ(peter().verifier().to_string(), kPeterVkey);
}

TEST(VerifierKey, no_mangled_text_is_taken) {
  for (std::size_t begin = 0; begin < kPeterVkey.size(); ++begin) {
    for (std::size_t size = 0; begin + size <= kPeterVkey.size(); ++size) {
      if (size == kPeterVkey.size()) continue;
      EXPECT_FALSE(VerifierKey::from_string(kPeterVkey.substr(begin, size)));
    }
    std::string changed = kPeterVkey;
    ++changed[begin];
    EXPECT_FALSE(VerifierKey::from_string(changed)) << changed;
  }
  // A key of another length, and one of an unknown type, each with the key hash that would be right for it.
  EXPECT_FALSE(VerifierKey::from_string(
      "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=="));
  EXPECT_FALSE(VerifierKey::from_string("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"));
}

TEST(Note, signs_as_the_reference_does) {
  Note note{.text = kText, .signatures = {}};
  note.sign(peter());
  EXPECT_EQ(note.to_string(), kText + "\n" + kPeterSignature);
}

TEST(Note, reads_and_verifies_each_signature) {
  const auto note = Note::parse(kText + "\n" + kPeterSignature + kEnochSignature);
  ASSERT_TRUE(note);
  EXPECT_EQ(note->text, kText);
  EXPECT_TRUE(note->is_signed_by(verifier(kPeterVkey)));
  EXPECT_TRUE(note->is_signed_by(verifier(kEnochVkey)));
  EXPECT_FALSE(note->is_signed_by(key_of(1, "PeterNeumann").verifier()));  // Another key of the same name.
}

TEST(Note, an_unknown_signature_is_no_harm) {
  const auto note = Note::parse(kText + "\n" + kEnochSignature + "\u2014 stranger AAAAAAA=\n" + kPeterSignature);
  ASSERT_TRUE(note);
  EXPECT_TRUE(note->is_signed_by(verifier(kPeterVkey)));
}

TEST(Note, one_false_signature_of_a_key_spoils_it) {
  std::string false_signature = kPeterSignature;
  false_signature[false_signature.size() - 10] ^= 1;
  const auto note = Note::parse(kText + "\n" + kPeterSignature + false_signature);
  ASSERT_TRUE(note);
  EXPECT_FALSE(note->is_signed_by(verifier(kPeterVkey)));
}

TEST(Note, the_text_may_hold_blank_lines) {
  Note note{.text = "one\n\ntwo\n", .signatures = {}};
  note.sign(peter());
  const auto read = Note::parse(note.to_string());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->text, note.text);
  EXPECT_TRUE(read->is_signed_by(verifier(kPeterVkey)));
}

TEST(Note, malformed_notes_are_not_read) {
  std::string many = kText + "\n";
  for (std::size_t i = 0; i <= kMaxNoteSignatures; ++i) many += kPeterSignature;
  const std::vector<std::string> malformed = {
      "",
      kText,
      kText + "\n",
      kText + "\n" + kPeterSignature.substr(0, kPeterSignature.size() - 1),
      "\x01" + kText + "\n" + kPeterSignature,
      "\xff" + kText + "\n" + kPeterSignature,
      kText + "\n\u2014 Bad Name x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6"
              "RyyBwJnAM=\n",
      kText + "\n" + kPeterSignature + "Unexpected line.\n",
      kText + "\n- PeterNeumann x08go/Y=\n",           // not an em dash
      kText + "\n\u2014 PeterNeumann x08go\n",         // base64 without its padding
      kText + "\n\u2014 PeterNeumann x08gow==\n",      // a key hash and nothing after it
      kText + "\n\u2014 Peter+Neumann x08go/Y=\n",
      "\n" + kPeterSignature,
      many,
      std::string(kMaxNoteBytes, 'x') + "\n\n" + kPeterSignature,
  };
  for (const std::string& note : malformed) EXPECT_FALSE(Note::parse(note)) << note.substr(0, 200);
}

TEST(Checkpoint, known_example) {
  // From c2sp.org/tlog-checkpoint.
  const auto note = Note::parse(
      "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
      "\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+"
      "zyWE+xeMcTOAYQ8=\n");
  ASSERT_TRUE(note);
  const auto checkpoint = Checkpoint::from_text(note->text);
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(checkpoint->origin, "example.com/behind-the-sofa");
  EXPECT_EQ(checkpoint->size, 20852163u);
  EXPECT_EQ(to_base64(checkpoint->root.view()), "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=");
  EXPECT_EQ(checkpoint->text(), note->text);
}

TEST(Checkpoint, survives_signing_and_reading) {
  EXPECT_TRUE(rc::check([](std::uint64_t size, const std::array<std::uint8_t, 32>& root) {
    const LogKey key = key_of(9, "holdfast.example/log");
    const Checkpoint checkpoint{key.name(), size, Hash32{root}};
    const auto opened = open_checkpoint(sign_checkpoint(checkpoint, key), {&key.verifier(), 1});
    RC_ASSERT(opened.has_value());
    RC_ASSERT(*opened == checkpoint);
  }));
}

TEST(Checkpoint, malformed_texts_are_not_read) {
  const std::string root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
  EXPECT_TRUE(Checkpoint::from_text("log\n0\n" + root + "\n"));
  EXPECT_TRUE(Checkpoint::from_text("log\n7\n" + root + "\nan extension\n"));
  for (const std::string& text :
       {"\n7\n" + root + "\n", "log\n07\n" + root + "\n", "log\n+7\n" + root + "\n", "log\n-7\n" + root + "\n",
        "log\n7 \n" + root + "\n", "log\n\n" + root + "\n", "log\n18446744073709551616\n" + root + "\n",
        "log\n7\n" + root, "log\n7\n" + root.substr(4) + "\n", "log\n7\n" + root + "\n\n", std::string("log\n7\n"),
        std::string()}) {
    EXPECT_FALSE(Checkpoint::from_text(text)) << text;
  }
}

TEST(Checkpoint, is_opened_only_by_the_log_s_own_key) {
  const LogKey key = key_of(1, "holdfast.example/log");
  const LogKey witness = key_of(2, "witness.example");
  Note note{.text = Checkpoint{key.name(), 5, empty_root()}.text(), .signatures = {}};
  note.sign(witness);
  const auto code_of = [&](const LogKey& trusted) {
    const auto opened = open_checkpoint(note.to_string(), {&trusted.verifier(), 1});
    return opened ? "" : opened.error().code;
  };
  EXPECT_EQ(code_of(key), "checkpoint_not_signed");
  EXPECT_EQ(code_of(witness), "checkpoint_not_signed");  // It has signed, but it is not the log.
  note.sign(key);
  EXPECT_EQ(code_of(key), "");
  EXPECT_EQ(open_checkpoint("x", {&key.verifier(), 1}).error().code, "checkpoint_malformed");
}

TEST(Base64, takes_only_what_it_writes) {
  for (const char* text : {"AA", "AA=", "AAA", "AB==", "A===", "====", "AA==\n", " AA==", "AA-_", "AAAA=", "AAA\xef"}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
  EXPECT_TRUE(rc::check([](const Bytes& bytes) { RC_ASSERT(from_base64(to_base64(bytes)) == bytes); }));
}

}  // namespace
}  // namespace holdfast::journal
