#include "identity/base64.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace holdfast::identity {
namespace {

TEST(Base64, IsRfc4648s) {
  EXPECT_EQ(to_base64(as_bytes("fooba")), "Zm9vYmE=");
  EXPECT_EQ(to_base64url(as_bytes("fooba")), "Zm9vYmE");
  EXPECT_EQ(to_base64(Bytes{0xfb, 0xff}), "+/8=");
  EXPECT_EQ(to_base64url(Bytes{0xfb, 0xff}), "-_8");
}

TEST(Base64, ReadsWhatItWrites) {
  EXPECT_TRUE(rc::check([](const Bytes& bytes) {
    RC_ASSERT(from_base64(to_base64(bytes)) == bytes);
    RC_ASSERT(from_base64url(to_base64url(bytes)) == bytes);
  }));
}

TEST(Base64, HasOneSpelling) {
  for (const char* text : {"Zm9vYmE", "Zm9vYmF=", "Zm9v YmE=", "Zm9vYmE=\n", "-_8=", "A", "====", "\xff\xff\xff\xff"}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
  for (const char* text : {"Zm9vYmE=", "Zm9vYmF", "Zm9v YmE", "Zm9vYmE\n", "+/8", "A", "=", "\xff\xff\xff\xff"}) {
    EXPECT_FALSE(from_base64url(text)) << text;
  }
}

}  // namespace
}  // namespace holdfast::identity
