#include "base/amount.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

struct DecimalCase {
  const char* text;
  unsigned decimals;
  const char* units;  // "" when refused
  AmountError error;
};

class ParseDecimal : public ::testing::TestWithParam<DecimalCase> {};

TEST_P(ParseDecimal, GivesTheExactUnitsOrTheReason) {
  const DecimalCase& c = GetParam();
  const ParsedAmount parsed = parse_decimal(c.text, c.decimals);
  if (*c.units == '\0') {
    ASSERT_FALSE(parsed.amount.has_value()) << c.text;
    EXPECT_EQ(parsed.error, c.error) << c.text;
  } else {
    ASSERT_TRUE(parsed.amount.has_value()) << c.text;
    EXPECT_EQ(parsed.amount->to_string(), c.units);
  }
}

INSTANTIATE_TEST_SUITE_P(Table, ParseDecimal, ::testing::Values(
  DecimalCase{"1", 18, "1000000000000000000", {}},
  DecimalCase{"0.5", 1, "5", {}},
  DecimalCase{"1.50", 1, "15", {}},
  DecimalCase{"0", 6, "0", {}},
  DecimalCase{"007", 0, "7", {}},
  DecimalCase{"170141183460469231731687303715884105727", 0, "170141183460469231731687303715884105727", {}},
  DecimalCase{"170141183460469231731687303715884105728", 0, "", AmountError::too_large},
  DecimalCase{"999999999999999999999999", 18, "", AmountError::too_large},
  DecimalCase{"1.51", 1, "", AmountError::too_precise},
  DecimalCase{"1.5", 0, "", AmountError::malformed},
  DecimalCase{"", 2, "", AmountError::malformed},
  DecimalCase{".5", 2, "", AmountError::malformed},
  DecimalCase{"5.", 2, "", AmountError::malformed},
  DecimalCase{"-1", 2, "", AmountError::malformed},
  DecimalCase{"+1", 2, "", AmountError::malformed},
  DecimalCase{"1e3", 2, "", AmountError::malformed},
  DecimalCase{"1,000", 2, "", AmountError::malformed},
  DecimalCase{"1.2.3", 4, "", AmountError::malformed},
  DecimalCase{" 1", 2, "", AmountError::malformed}));

TEST(Amount, WritesWholeCoins) {
  EXPECT_EQ(Amount::of(1'500'000).to_decimal(6), "1.5");
  EXPECT_EQ(Amount::of(1).to_decimal(18), "0.000000000000000001");
  EXPECT_EQ(Amount::of(42).to_decimal(0), "42");
  EXPECT_EQ(Amount::zero().to_decimal(8), "0");
}

TEST(Amount, SumAndDifferenceStayInBounds) {
  EXPECT_FALSE(Amount::sum(Amount::max(), Amount::of(1)).has_value());
  EXPECT_EQ(Amount::sum(Amount::max(), Amount::zero()), Amount::max());
  EXPECT_FALSE(Amount::difference(Amount::of(1), Amount::of(2)).has_value());
}

TEST(Amount, OverflowWhileApplyingEndsTheProcess) {
  EXPECT_DEATH(static_cast<void>(Amount::max() + Amount::of(1)), "bug");
  EXPECT_DEATH(static_cast<void>(Amount::zero() - Amount::of(1)), "bug");
}

TEST(Amount, EvmWordRoundTripsAndRefusesWhatIsTooLarge) {
  EXPECT_EQ(Amount::from_word(Amount::max().to_word()), Amount::max());
  EXPECT_EQ(Amount::from_word(Amount::of(258).to_word()), Amount::of(258));
  FixedBytes<32> word;
  word.bytes[16] = 0x80;  // 2^127
  EXPECT_FALSE(Amount::from_word(word).has_value());
  word.bytes[16] = 0;
  word.bytes[15] = 1;  // 2^128
  EXPECT_FALSE(Amount::from_word(word).has_value());
}

}  // namespace
}  // namespace holdfast
