#include "base/chunked.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace holdfast {
namespace {

TEST(Chunked, HoldsWhatAVectorHolds) {
  Chunked<std::string> chunked;
  std::vector<std::string> plain;
  for (const std::size_t size : {0U, 1U, 8191U, 8192U, 8193U, 16'384U, 20'000U}) {
    while (plain.size() < size) {
      plain.push_back(std::to_string(plain.size()));
      chunked.push_back(plain.back());
    }
    EXPECT_EQ(chunked.size(), size);
    EXPECT_TRUE(std::ranges::equal(chunked, plain));
  }
  EXPECT_EQ(chunked[16'384], "16384");
}

TEST(Chunked, NeverMovesWhatABegunChunkHolds) {
  Chunked<int> chunked;
  for (int i = 0; i < 8193; ++i) chunked.push_back(i);
  const int* const place = &chunked[8192];
  for (int i = 0; i < 100'000; ++i) chunked.push_back(i);
  EXPECT_EQ(place, &chunked[8192]);
}

TEST(Chunked, CopiesAreEqualUntilOneChanges) {
  Chunked<int> one;
  for (int i = 0; i < 9000; ++i) one.push_back(i);
  Chunked<int> other = one;
  EXPECT_EQ(one, other);
  other[8999] = 0;
  EXPECT_NE(one, other);
  other = one;
  other.push_back(0);
  EXPECT_NE(one, other);
}

}  // namespace
}  // namespace holdfast
