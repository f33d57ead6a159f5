#include "chain/evm/codec/rlp.h"

#include "base/hex.h"

#include <gtest/gtest.h>

#include <random>

namespace holdfast::chain::evm {
namespace {

std::string_view code(std::string_view hex) {
  const Bytes input = *from_hex(hex);
  const auto item = decode_rlp(input);
  return item ? std::string_view("accepted") : item.error().code;
}

void encode(Bytes& out, const RlpItem& item) {
  if (!item.is_list) return append_rlp_string(out, item.string);
  Bytes items;
  for (const RlpItem& child : item.items) encode(items, child);
  append_rlp_list(out, items);
}

TEST(rlp, examples_of_the_specification) {
  Bytes out;
  append_rlp_string(out, as_bytes("dog"));
  append_rlp_string(out, {});
  append_rlp_uint64(out, 0);
  append_rlp_uint64(out, 15);
  append_rlp_uint64(out, 1024);
  append_rlp_string(out, as_bytes("Lorem ipsum dolor sit amet, consectetur adipisicing elit"));
  append_rlp_list(out, {});
  EXPECT_EQ(to_hex(out),
            "83646f6780800f820400b8384c6f72656d20697073756d20646f6c6f722073697420616d65742c20636f6e7365637465747572"
            "206164697069736963696e6720656c6974c0");
  const Bytes nested = *from_hex("c7c0c1c0c3c0c1c0");
  const auto item = decode_rlp(nested);
  ASSERT_TRUE(item);
  EXPECT_EQ(item->items.size(), 3U);
  Bytes again;
  encode(again, *item);
  EXPECT_EQ(again, nested);
}

TEST(rlp, takes_only_the_canonical_form) {
  EXPECT_EQ(code(""), "rlp_truncated");
  EXPECT_EQ(code("00"), "accepted");
  EXPECT_EQ(code("8100"), "rlp_not_canonical");
  EXPECT_EQ(code("817f"), "rlp_not_canonical");
  EXPECT_EQ(code("8180"), "accepted");
  EXPECT_EQ(code("8080"), "rlp_trailing_bytes");
  EXPECT_EQ(code("83646f"), "rlp_truncated");
  EXPECT_EQ(code("b801ff"), "rlp_not_canonical");
  EXPECT_EQ(code("b90037" + std::string(110, 'f')), "rlp_not_canonical");
  EXPECT_EQ(code("b838" + std::string(112, 'f')), "accepted");
  EXPECT_EQ(code("b838" + std::string(110, 'f')), "rlp_truncated");
  EXPECT_EQ(code("bfffffffffffffffff"), "rlp_truncated");
  EXPECT_EQ(code("ffffffffffffffffff"), "rlp_truncated");
  EXPECT_EQ(code("c180"), "accepted");
  EXPECT_EQ(code("c281"), "rlp_truncated");
  EXPECT_EQ(code("c28100"), "rlp_not_canonical");
}

TEST(rlp, is_bounded) {
  EXPECT_EQ(code("d1d0cfcecdcccbcac9c8c7c6c5c4c3c2c1c0"), "rlp_too_deep");
  EXPECT_EQ(code("d0cfcecdcccbcac9c8c7c6c5c4c3c2c1c0"), "accepted");
  Bytes many;
  append_rlp_list(many, Bytes(kRlpMaxItems - 1, 0x01));
  EXPECT_TRUE(decode_rlp(many));
  Bytes too_many;
  append_rlp_list(too_many, Bytes(kRlpMaxItems, 0x01));
  EXPECT_EQ(decode_rlp(too_many).error().code, "rlp_too_many_items");
}

TEST(rlp, numbers) {
  const auto amount = [](std::string_view hex) {
    const Bytes input = *from_hex(hex);
    return rlp_amount(*decode_rlp(input));
  };
  EXPECT_EQ(*amount("80"), Amount::zero());
  EXPECT_EQ(amount("00").error().code, "rlp_not_a_number");
  EXPECT_EQ(amount("820001").error().code, "rlp_not_a_number");
  EXPECT_EQ(amount("c0").error().code, "rlp_not_a_number");
  EXPECT_EQ(*amount("907fffffffffffffffffffffffffffffff"), Amount::max());
  EXPECT_EQ(amount("9080000000000000000000000000000000").error().code, "rlp_number_too_large");
  EXPECT_EQ(amount("a1" + std::string(66, 'f')).error().code, "rlp_number_too_large");
  const Bytes big = *from_hex("88ffffffffffffffff");
  EXPECT_EQ(*rlp_uint64(*decode_rlp(big)), ~std::uint64_t{0});
  const Bytes bigger = *from_hex("89010000000000000000");
  EXPECT_EQ(rlp_uint64(*decode_rlp(bigger)).error().code, "rlp_number_too_large");
}

// A random tree, encoded.
void append_random(Bytes& out, std::mt19937_64& random, unsigned depth) {
  if (depth == 0 || random() % 3 != 0) {
    Bytes string(random() % 80);
    for (auto& byte : string) byte = static_cast<std::uint8_t>(random());
    return append_rlp_string(out, string);
  }
  Bytes items;
  for (std::size_t i = random() % 5; i > 0; --i) append_random(items, random, depth - 1);
  append_rlp_list(out, items);
}

TEST(rlp, encoding_what_was_decoded_gives_the_input) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 2000; ++round) {
    Bytes input;
    append_random(input, random, 4);
    const auto item = decode_rlp(input);
    ASSERT_TRUE(item) << to_hex(input);
    Bytes again;
    encode(again, *item);
    ASSERT_EQ(again, input);
  }
}

}  // namespace
}  // namespace holdfast::chain::evm
