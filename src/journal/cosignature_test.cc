#include "journal/cosignature.h"

#include "base/hex.h"
#include "journal/merkle.h"
#include "journal/test_storage.h"

#include <gtest/gtest.h>

namespace holdfast::journal {
namespace {

Note head_of(std::uint64_t size) {
  return *Note::parse(sign_checkpoint({std::string(kTestLog), size, leaf_hash(as_bytes("head"))}, test_key()));
}

const LogKey& witness() {
  static const LogKey kKey = test_key(9, "witness.example/one");
  return kKey;
}

TEST(cosignature, tells_when_and_leaves_the_log_signature_as_it_is) {
  Note note = head_of(7);
  cosign(note, witness(), 1'700'000'000);
  const auto read = Note::parse(note.to_string());
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(cosigned_at(*read, WitnessKey::of(witness())), 1'700'000'000u);
  EXPECT_TRUE(read->is_signed_by(test_key().verifier()));
}

TEST(cosignature, of_several_times_the_newest_counts) {
  Note note = head_of(7);
  cosign(note, witness(), 30);
  cosign(note, witness(), 20);
  EXPECT_EQ(cosigned_at(note, WitnessKey::of(witness())), 30u);
}

TEST(cosignature, holds_for_its_own_time_head_and_key_alone) {
  Note note = head_of(7);
  cosign(note, witness(), 20);
  EXPECT_FALSE(cosigned_at(note, WitnessKey::of(test_key(8, "witness.example/one"))));
  EXPECT_FALSE(cosigned_at(note, WitnessKey::of(test_key(9, "witness.example/two"))));

  Note other_head = head_of(8);
  other_head.signatures = note.signatures;
  EXPECT_FALSE(cosigned_at(other_head, WitnessKey::of(witness())));

  Note other_time = note;
  other_time.signatures.back().bytes[7] ^= 1;
  EXPECT_FALSE(cosigned_at(other_time, WitnessKey::of(witness())));

  Note short_one = note;
  short_one.signatures.back().bytes.pop_back();
  EXPECT_FALSE(cosigned_at(short_one, WitnessKey::of(witness())));

  Note one_false_beside = note;
  cosign(one_false_beside, witness(), 40);
  one_false_beside.signatures.back().bytes.back() ^= 1;
  EXPECT_FALSE(cosigned_at(one_false_beside, WitnessKey::of(witness())));
}

// A log's signature and a witness's must never stand for each other, even with one key.
TEST(cosignature, is_no_signature_of_the_log) {
  Note note = head_of(7);
  note.signatures.clear();
  cosign(note, test_key(), 20);
  EXPECT_FALSE(note.is_signed_by(test_key().verifier()));
  EXPECT_FALSE(cosigned_at(head_of(7), WitnessKey::of(test_key())));
}

TEST(witness_key, has_a_text_of_its_own) {
  const WitnessKey key = WitnessKey::of(witness());
  EXPECT_EQ(WitnessKey::from_string(key.to_string()), key);
  EXPECT_FALSE(WitnessKey::from_string(witness().verifier().to_string()));
  EXPECT_FALSE(VerifierKey::from_string(key.to_string()));
}

// Made by hand from the text of c2sp.org/tlog-cosignature with Python's hashlib and the key of RFC 8032's first test: what is
// signed, and what the key's hash is over.
TEST(witness_key, hash_is_over_name_newline_type_and_key) {
  const auto key = PublicKey::from(*from_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
  EXPECT_EQ(WitnessKey({"witness.example/w1", key}).to_string(),
            "witness.example/w1+eb762cc2+BNdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea");
}

}  // namespace
}  // namespace holdfast::journal
