// Numbers and compact sizes, and that no read goes beyond what is there.
#include "chain/utxo/codec/compact.h"

#include "base/hex.h"
#include "chain/utxo/codec/hash.h"

#include <gtest/gtest.h>

namespace holdfast::chain::utxo {
namespace {

std::string written(std::uint64_t value) {
  Bytes out;
  put_compact(out, value);
  EXPECT_EQ(out.size(), compact_size(value));
  return to_hex(out);
}

std::optional<std::uint64_t> read(std::string_view hex) {
  const Bytes raw = *from_hex(hex);
  WireReader in(raw);
  const std::uint64_t value = in.compact();
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return value;
}

TEST(compact, each_size_at_its_edges) {
  const std::pair<std::uint64_t, std::string> cases[] = {
      {0, "00"},         {0xfc, "fc"},
      {0xfd, "fdfd00"},  {0xffff, "fdffff"},
      {0x10000, "fe00000100"}, {0xffffffff, "feffffffff"},
      {0x100000000, "ff0000000001000000"}, {0xffffffffffffffff, "ffffffffffffffffff"}};
  for (const auto& [value, text] : cases) {
    EXPECT_EQ(written(value), text);
    EXPECT_EQ(read(text), value);
    for (std::size_t cut = 0; cut < text.size(); cut += 2) EXPECT_FALSE(read(text.substr(0, cut))) << text << " cut at " << cut;
  }
}

TEST(compact, only_the_shortest_form) {
  for (const char* text : {"fd0000", "fdfc00", "fe00000000", "feffff0000", "ff0000000000000000", "ffffffffff00000000"}) {
    EXPECT_FALSE(read(text)) << text;
  }
}

TEST(compact, a_count_beyond_the_rest_fails_before_anything_is_read) {
  const Bytes raw = *from_hex("03aabbccddee");
  for (const std::size_t each : {1U, 2U, 5U}) {
    WireReader in(raw);
    EXPECT_EQ(in.count(each), each == 1 ? 3U : 0U);
    EXPECT_EQ(in.ok(), each == 1);
  }
  const Bytes huge = *from_hex("ffffffffffffffffff00");
  WireReader in(huge);
  EXPECT_EQ(in.count(1), 0U);
  EXPECT_FALSE(in.ok());
}

TEST(compact, after_a_failure_nothing_is_read) {
  const Bytes raw = *from_hex("0102030405");
  WireReader in(raw);
  EXPECT_EQ(in.u16(), 0x0201);
  EXPECT_EQ(in.u32(), 0U);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.u8(), 0U);
  EXPECT_TRUE(in.bytes(1).empty());
  EXPECT_TRUE(in.hash().is_zero());
  EXPECT_EQ(in.position(), 2U);
}

TEST(compact, numbers_are_little_endian) {
  Bytes out;
  put_u8(out, 0x01);
  put_u16(out, 0x0302);
  put_u32(out, 0x07060504);
  put_u64(out, 0x0f0e0d0c0b0a0908);
  put_var_bytes(out, Bytes{0xaa, 0xbb});
  EXPECT_EQ(to_hex(out), "0102030405060708090a0b0c0d0e0f02aabb");
  WireReader in(out);
  EXPECT_EQ(in.u8(), 0x01);
  EXPECT_EQ(in.u16(), 0x0302);
  EXPECT_EQ(in.u32(), 0x07060504U);
  EXPECT_EQ(in.u64(), 0x0f0e0d0c0b0a0908U);
  EXPECT_EQ(to_hex(in.var_bytes()), "aabb");
  EXPECT_TRUE(in.ok() && in.at_end());
}

TEST(hash, known_answers) {
  EXPECT_EQ(to_hex(sha256(as_bytes("abc")).view()), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256d(as_bytes("hello")).view()), "9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50");
  // The first key's hash: the generator of secp256k1.
  const Bytes key = *from_hex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
  EXPECT_EQ(to_hex(hash160(key).view()), "751e76e8199196d454941c45d1b3a323f1433bd6");
}

TEST(hash, parts_are_hashed_as_one) {
  const ByteView text = as_bytes("one after the other");
  EXPECT_EQ(sha256({text.first(5), {}, text.subspan(5)}), sha256(text));
  EXPECT_EQ(sha256d({text.first(5), text.subspan(5)}), sha256d(text));
  EXPECT_EQ(tagged_hash("tag", {text.first(5), text.subspan(5)}), tagged_hash("tag", {text}));
  const Hash32 tag = sha256(as_bytes("tag"));
  EXPECT_EQ(tagged_hash("tag", {text}), sha256({tag.view(), tag.view(), text}));
}

}  // namespace
}  // namespace holdfast::chain::utxo
