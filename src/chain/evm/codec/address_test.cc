#include "chain/evm/codec/address.h"

#include "base/hex.h"
#include "chain/evm/codec/keccak.h"

#include <gtest/gtest.h>

namespace holdfast::chain::evm {
namespace {

TEST(keccak, is_the_original_and_not_sha3) {
  EXPECT_EQ(to_hex(keccak256({}).view()), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
  EXPECT_EQ(keccak256({as_bytes("hold"), as_bytes("fast")}), keccak256(as_bytes("holdfast")));
}

TEST(address, vectors_of_eip_55) {
  for (const std::string text :
       {"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        "0x52908400098527886E0F7030069857D2E4169EE7", "0xde709f2102306220921060314715629080e2fb77"}) {
    const auto address = parse_address(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(to_checksum_text(*address), text);
  }
}

TEST(address, refuses_what_is_mistyped) {
  const auto code = [](std::string_view text) {
    const auto address = parse_address(text);
    return address ? std::string_view("accepted") : address.error().code;
  };
  EXPECT_EQ(code("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"), "accepted");
  EXPECT_EQ(code("0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED"), "accepted");
  EXPECT_EQ(code("0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"), "address_checksum");
  EXPECT_EQ(code("5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"), "address_malformed");
  EXPECT_EQ(code("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe"), "address_malformed");
  EXPECT_EQ(code("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed00"), "address_malformed");
  EXPECT_EQ(code("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg"), "address_malformed");
  EXPECT_EQ(code("0x0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeA"), "address_malformed");
  EXPECT_EQ(code(""), "address_malformed");
}

TEST(address, in_a_word) {
  const Address20 address = *parse_address("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed");
  Word word = address_word(address);
  EXPECT_EQ(address_of_word(word), address);
  word.bytes[11] = 1;
  EXPECT_EQ(address_of_word(word), std::nullopt);
}

TEST(word, numbers) {
  EXPECT_EQ(to_hex(word_of(0x0102).view()), std::string(60, '0') + "0102");
  EXPECT_EQ(uint64_of(word_of(~std::uint64_t{0})), ~std::uint64_t{0});
  Word over = word_of(0);
  over.bytes[23] = 1;
  EXPECT_EQ(uint64_of(over), std::nullopt);
  EXPECT_EQ(saturating_amount(over), *Amount::from_string("18446744073709551616"));
  over.bytes[0] = 1;
  EXPECT_EQ(saturating_amount(over), Amount::max());
}

}  // namespace
}  // namespace holdfast::chain::evm
