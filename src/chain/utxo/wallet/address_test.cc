#include "chain/utxo/wallet/address.h"

#include "chain/utxo/codec/script.h"
#include "chain/utxo/wallet/base58.h"
#include "chain/utxo/wallet/bech32.h"
#include "chain/utxo/wallet/testing/vectors.h"

namespace holdfast::chain::utxo {
namespace {

std::string_view code(const Network& on, std::string_view text) {
  const auto script = script_of_address(on, text);
  return script ? "accepted" : script.error().code;
}

TEST(address, says_of_which_network_it_is) {
  const auto on_litecoin = script_of_address(litecoin(), "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu");
  EXPECT_EQ(on_litecoin.error().code, "address_of_another_network");
  EXPECT_NE(on_litecoin.error().text.find("bitcoin-main"), std::string::npos);
  EXPECT_EQ(code(bitcoin(), "mzK2FFDEhxqHcmrJw1ysqFkVyhUULo45hZ"), "address_of_another_network");
  EXPECT_EQ(code(bitcoin(), "1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo"), "accepted");
  const Bytes dogecoin = {0x1e, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
  EXPECT_EQ(code(bitcoin(), base58check_encode(dogecoin)), "address_of_another_network");
}

TEST(address, litecoin_reads_the_older_p2sh_and_writes_the_newer) {
  const auto script = script_of_address(litecoin(), "36j4NfKv6Akva9amjWrLG6MuSQym1GuEmm");
  ASSERT_TRUE(script);
  const auto written = address_of_script(litecoin(), *script);
  EXPECT_EQ(written->front(), 'M');
  EXPECT_EQ(*script_of_address(litecoin(), *written), *script);
  EXPECT_EQ(code(bitcoin(), *written), "address_of_another_network");
}

// Every single mistyped character is found, whichever it is, and no other refusal hides it.
TEST(address, mistyped) {
  const std::string_view letters = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0";
  for (std::string_view right : {"bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "3BZECeAH8gSKkjrTx8PwMrNQBLG18yHpvf",
                                 "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr"}) {
    for (std::size_t at = 0; at < right.size(); ++at) {
      for (const char letter : letters) {
        std::string wrong(right);
        if (wrong[at] == letter || (wrong[0] == 'b' && letter >= 'A' && letter <= 'Z')) continue;
        wrong[at] = letter;
        EXPECT_FALSE(script_of_address(bitcoin(), wrong)) << wrong;
      }
    }
  }
  EXPECT_EQ(code(bitcoin(), "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyx"), "address_checksum");
  EXPECT_EQ(code(bitcoin(), "3BZECeAH8gSKkjrTx8PwMrNQBLG18yHpvg"), "address_checksum");
  EXPECT_EQ(code(bitcoin(), "3BZECeAH8gSKkjrTx8PwMrNQBLG18yHpv"), "address_malformed");
}

TEST(address, malformed) {
  for (std::string_view text : {"", " ", "1", "bc1", "bc1q", "hello", "0x52908400098527886E0F7030069857D2E4169EE7",
                                " bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu "}) {
    EXPECT_EQ(code(bitcoin(), text), "address_malformed") << text;
  }
  EXPECT_EQ(code(bitcoin(), std::string(100'000, '1')), "address_malformed");
  EXPECT_EQ(code(bitcoin(), std::string_view("bc1q\0", 5)), "address_malformed");
}

TEST(address, upper_case_is_the_same) {
  EXPECT_EQ(*script_of_address(bitcoin(), "BC1QCR8TE4KR609GCAWUTMRZA0J4XV80JY8Z306FYU"),
            *script_of_address(bitcoin(), "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"));
}

TEST(address, of_scripts_that_have_none) {
  EXPECT_FALSE(address_of_script(bitcoin(), {}));
  EXPECT_FALSE(address_of_script(bitcoin(), Bytes{0x6a, 0x01, 0x00}));        // OP_RETURN
  EXPECT_FALSE(address_of_script(bitcoin(), Bytes{0x51, 0x02, 0x4e, 0x73}));  // An anchor: anybody may spend it.
  EXPECT_FALSE(address_of_script(bitcoin(), multisig_script(1, {PublicKey33{}})));
}

TEST(address, bech32_of_every_program_length) {
  for (unsigned version = 0; version <= 16; ++version) {
    for (std::size_t size = 2; size <= 40; ++size) {
      const WitnessProgram program{"bc", version, Bytes(size, static_cast<std::uint8_t>(size))};
      const auto again = segwit_decode(segwit_encode(program));
      const bool allowed = version > 0 || size == 20 || size == 32;
      ASSERT_EQ(again.has_value(), allowed) << version << " " << size;
      if (again) {
        EXPECT_EQ(again->program, program.program);
        EXPECT_EQ(again->version, version);
      }
    }
  }
}

}  // namespace
}  // namespace holdfast::chain::utxo
