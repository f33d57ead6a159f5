#include "chain/utxo/wallet/bip39.h"

#include "chain/utxo/codec/hash.h"
#include "chain/utxo/wallet/bip39_words.h"
#include "chain/utxo/wallet/testing/vectors.h"

#include <algorithm>

namespace holdfast::chain::utxo {
namespace {

constexpr std::string_view kWords = "legal winner thank year wave sausage worth useful legal winner thank yellow";

std::string_view code(std::string_view words) {
  const auto entropy = entropy_of_words(secret_text(words));
  return entropy ? "accepted" : entropy.error().code;
}

TEST(bip39, the_list_is_the_standards) {
  std::string file;
  for (const std::string_view word : bip39_words()) file += std::string(word) + "\n";
  EXPECT_EQ(to_hex(sha256(as_bytes(file)).view()), "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda");
  EXPECT_TRUE(std::ranges::is_sorted(bip39_words()));
}

TEST(bip39, entropy_has_five_sizes) {
  for (std::size_t size = 0; size <= 40; ++size) {
    const auto words = words_of_entropy(Secret(size));
    const bool allowed = size == 16 || size == 20 || size == 24 || size == 28 || size == 32;
    ASSERT_EQ(words.has_value(), allowed) << size;
    if (!words) {
      EXPECT_EQ(words.error().code, "entropy_invalid");
    }
  }
}

TEST(bip39, blanks_may_be_more_than_one) {
  const std::string loose = "  legal   winner thank year wave sausage worth useful legal winner thank   yellow ";
  EXPECT_EQ(code(loose), "accepted");
  const auto seed = seed_of_words(secret_text(loose), Secret());
  EXPECT_TRUE(seed->equals_in_constant_time(*seed_of_words(secret_text(kWords), Secret())));
}

TEST(bip39, words_that_are_none) {
  EXPECT_EQ(code(""), "words_malformed");
  EXPECT_EQ(code("   "), "words_malformed");
  EXPECT_EQ(code("legal winner"), "words_malformed");
  EXPECT_EQ(code(std::string(kWords) + " legal"), "words_malformed");
  EXPECT_EQ(code(std::string(kWords) + " " + std::string(kWords) + " legal"), "words_malformed");
  EXPECT_EQ(code("Legal winner thank year wave sausage worth useful legal winner thank yellow"), "words_malformed");
  EXPECT_EQ(code("legal\twinner thank year wave sausage worth useful legal winner thank yellow"), "words_malformed");
  EXPECT_EQ(code("legal winner thank year wave sausage worth useful legal winner thank zzz"), "words_malformed");
  EXPECT_EQ(code(std::string(1'000'000, 'a')), "words_malformed");
}

TEST(bip39, tells_the_place_and_never_the_word) {
  const auto entropy = entropy_of_words(secret_text("legal winner thank yeer wave sausage worth useful legal winner thank yellow"));
  EXPECT_NE(entropy.error().text.find("word 4"), std::string::npos);
  EXPECT_EQ(entropy.error().text.find("yeer"), std::string::npos);
}

TEST(bip39, wrong_words_and_swapped_words) {
  EXPECT_EQ(code("winner legal thank year wave sausage worth useful legal winner thank yellow"), "words_checksum");
  std::size_t accepted = 0;
  for (const std::string_view last : bip39_words()) {
    const std::string words = std::string(kWords.substr(0, kWords.rfind(' ') + 1)) + std::string(last);
    if (code(words) == "accepted") ++accepted;
  }
  EXPECT_EQ(accepted, 128U) << "7 bits of the last word are entropy, 4 checksum";
}

TEST(bip39, passphrases) {
  const auto plain = seed_of_words(secret_text(kWords), Secret());
  const auto with = seed_of_words(secret_text(kWords), secret_text("TREZOR"));
  EXPECT_FALSE(plain->equals_in_constant_time(*with));
  EXPECT_EQ(seed_of_words(secret_text(kWords), secret_text("p\xc3\xa4ss")).error().code, "passphrase_not_ascii");
  EXPECT_EQ(seed_of_words(secret_text("legal"), Secret()).error().code, "words_malformed");
  EXPECT_TRUE(seed_of_words(secret_text(kWords), secret_text(std::string(5000, 'x'))));
}

}  // namespace
}  // namespace holdfast::chain::utxo
