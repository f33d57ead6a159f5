#include "base/flat_map.h"

#include <gtest/gtest.h>

#include <string>
#include <unordered_map>

namespace holdfast {
namespace {

struct Bad {
  std::size_t operator()(const std::string& key) const { return key.size(); }  // Nearly all meet.
};

template <class Hash>
void compare_with_a_known_map(int keys) {
  FlatMap<std::string, int, Hash> map;
  std::unordered_map<std::string, int> known;
  EXPECT_EQ(map.find("0"), nullptr);
  for (int i = 0; i < keys; ++i) {
    const std::string key = std::to_string(i * 7919 % keys);
    map[key] += i;
    known[key] += i;
  }
  ASSERT_EQ(map.size(), known.size());
  for (const auto& [key, value] : known) {
    ASSERT_TRUE(map.contains(key));
    EXPECT_EQ(*map.find(key), value);
  }
  EXPECT_FALSE(map.contains("-1"));
  for (const auto& [key, value] : map) EXPECT_EQ(known.at(key), value);
}

TEST(FlatMap, HoldsWhatAKnownMapHolds) {
  compare_with_a_known_map<std::hash<std::string>>(20'000);
  compare_with_a_known_map<Bad>(300);
}

TEST(FlatMap, IsEqualInAnyOrder) {
  FlatMap<int, int, std::hash<int>> up;
  FlatMap<int, int, std::hash<int>> down;
  for (int i = 0; i < 100; ++i) up[i] = i;
  for (int i = 99; i > 0; --i) down[i] = i;
  EXPECT_NE(up, down);
  down[0] = 1;
  EXPECT_NE(up, down);
  down[0] = 0;
  EXPECT_EQ(up, down);
}

}  // namespace
}  // namespace holdfast
