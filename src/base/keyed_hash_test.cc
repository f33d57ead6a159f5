// The hash is of all bytes, and of nothing else in this process.
#include "base/keyed_hash.h"

#include <gtest/gtest.h>

#include <set>

namespace holdfast {
namespace {

TEST(keyed_hash, tells_texts_apart_and_keeps_to_what_it_said) {
  std::set<std::uint64_t> seen;
  Bytes text;
  for (int i = 0; i < 1000; ++i) {
    seen.insert(keyed_hash(text));
    EXPECT_EQ(keyed_hash(text), keyed_hash(Bytes(text)));
    text.push_back(0);
  }
  EXPECT_EQ(seen.size(), 1000u);
}

}  // namespace
}  // namespace holdfast
