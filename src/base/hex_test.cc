#include "base/hex.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(Hex, RoundTrips) {
  EXPECT_EQ(to_0x_hex(Bytes{0, 1, 0xfe}), "0x0001fe");
  EXPECT_EQ(from_hex("0x0001FE"), (Bytes{0, 1, 0xfe}));
  EXPECT_EQ(from_hex(""), Bytes{});
}

TEST(Hex, RefusesWhatIsNotHex) {
  EXPECT_FALSE(from_hex("0x0").has_value());
  EXPECT_FALSE(from_hex("zz").has_value());
  EXPECT_FALSE(from_hex("0x0x00").has_value());
  EXPECT_FALSE(fixed_from_hex<4>("0x0001").has_value());
}

}  // namespace
}  // namespace holdfast
