#include "base/printable.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(printable, leaves_nothing_that_moves_a_cursor) {
  EXPECT_EQ(printable("a\033[2Jb\n\r\t\x7f"), "a?[2Jb????");
  EXPECT_EQ(printable("x\xc2\x9by\xc2"), "x??y\xc2");  // U+009B, the other way to write ESC [
  EXPECT_EQ(printable("\xc2\xa0\xc3\xab ~"), "\xc2\xa0\xc3\xab ~");
}

}  // namespace
}  // namespace holdfast
