// Amounts as nodes write them, to the last digit.
#include "chain/utxo/node/json_numbers.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace holdfast::chain::utxo {
namespace {

constexpr std::int64_t kMax = 8'400'000'000'000'000;  // 84,000,000 coins

TEST(json_numbers, become_texts_and_nothing_else_does) {
  EXPECT_EQ(with_numbers_as_text(R"({"a":0.1,"b":[-1,2e-8],"c":"0.5","d\"9":true})"),
            R"({"a":"#0.1","b":["#-1","#2e-8"],"c":"0.5","d\"9":true})");
  EXPECT_EQ(with_numbers_as_text(R"("\\",7)"), R"("\\","#7")");
  EXPECT_EQ(with_numbers_as_text("12"), R"("#12")");
  EXPECT_EQ(with_numbers_as_text(""), "");
  for (const auto* open : {R"("1)", R"("1\)", R"("1\")"}) EXPECT_EQ(with_numbers_as_text(open), open);  // Never closed.
}

TEST(json_numbers, amounts_are_exact) {
  const std::pair<std::string_view, std::int64_t> good[] = {
      {"0.00012345", 12'345},
      {"0", 0},
      {"0.00000000", 0},
      {"1", 100'000'000},
      {"0.1", 10'000'000},
      {"-0.00000001", -1},
      {"20999999.97690000", 2'099'999'997'690'000},  // No double near it is it.
      {"90071992.54740993", 9'007'199'254'740'993},
      {"84000000.00000000", kMax},
      {"-84000000", -kMax},
      {"1e-8", 1},
      {"1E-08", 1},
      {"1.5e+1", 1'500'000'000},
      {"12345e-8", 12'345},
      {"0.000000010", 1},  // A ninth digit that says nothing.
      {"0e40", 0},
  };
  for (const auto& [text, value] : good) {
    const bool in_bound = value <= kMax && value >= -kMax;
    EXPECT_EQ(coins_of(fmt::format("#{}", text), kMax), in_bound ? std::optional(value) : std::nullopt) << text;
  }
  EXPECT_EQ(coins_of("#90071992.54740993", INT64_MAX), 9'007'199'254'740'993);
}

TEST(json_numbers, no_other_text_is_an_amount) {
  for (const auto* bad : {"", "#", "0.1", "#0.000000001", "#1e-9", "#84000000.00000001", "#-84000000.00000001", "#1e8", "#1e40",
                          "#1e41", "#1e-41", "#.5", "#5.", "#00.5", "#01", "#+1", "#--1", "#1.2.3", "#1e", "#1e+", "#1e+-8",
                          "#1e++8", "#0x10", "# 1", "#1 ", "#1,5", "#NaN", "#Infinity", "#-", "##1",
                          "#99999999999999999999999999999999999999999999999999"}) {
    EXPECT_FALSE(coins_of(bad, kMax).has_value()) << bad;
  }
}

TEST(json_numbers, every_amount_comes_back) {
  std::int64_t value = 1;
  for (int i = 0; i < 200'000; ++i) {
    value = (value * 6364136223846793005 + 1442695040888963407) & INT64_MAX;
    const std::int64_t amount = value % kMax;
    const std::string text = fmt::format("#{}.{:08}", amount / 100'000'000, amount % 100'000'000);
    ASSERT_EQ(coins_of(text, kMax), amount) << text;
  }
}

TEST(json_numbers, whole_numbers) {
  EXPECT_EQ(unsigned_of("#0"), 0U);
  EXPECT_EQ(unsigned_of("#18446744073709551615"), ~std::uint64_t{0});
  for (const auto* bad : {"", "#", "5", "#-1", "#1.0", "#1e3", "#18446744073709551616", "#01", "#+1", "# 1", "#1 "}) {
    EXPECT_FALSE(unsigned_of(bad).has_value()) << bad;
  }
  EXPECT_EQ(signed_of("#-1"), -1);
  EXPECT_EQ(signed_of("#9223372036854775807"), INT64_MAX);
  for (const auto* bad : {"", "#", "5", "#-", "#1.0", "#9223372036854775808", "#--1"}) {
    EXPECT_FALSE(signed_of(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace holdfast::chain::utxo
