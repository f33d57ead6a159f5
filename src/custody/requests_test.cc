#include "custody/requests.h"

#include <gtest/gtest.h>

#include <unordered_map>

namespace holdfast::custody {
namespace {

// The first half as a digest has it, or all in one shard and one place.
RequestId request(std::uint64_t n, bool spread) {
  RequestId out;
  for (std::size_t i = 0; i < 8; ++i) out.bytes[i] = static_cast<std::uint8_t>(n >> (8 * i));
  const std::uint64_t mixed = spread ? (n + 1) * 0x9E37'79B9'7F4A'7C15U : 7;
  for (std::size_t i = 0; i < 8; ++i) out.bytes[8 + i] = static_cast<std::uint8_t>(mixed >> (8 * i));
  return out;
}

TEST(Requests, FindWhatAMapFinds) {
  for (const bool spread : {true, false}) {
    Requests requests;
    std::unordered_map<std::uint64_t, WithdrawalId> known;
    for (std::uint64_t n = 0; n < (spread ? 20'000U : 500U); ++n) {
      EXPECT_FALSE(requests.find(request(n, spread)));
      requests.add(request(n, spread), {n + 1});
      known[n] = {n + 1};
    }
    for (const auto& [n, withdrawal] : known) EXPECT_EQ(requests.at(request(n, spread)), withdrawal);
    EXPECT_FALSE(requests.find(request(known.size(), spread)));
    requests.clear();
    EXPECT_FALSE(requests.find(request(0, spread)));
  }
}

TEST(Requests, AreEqualInAnyOrder) {
  Requests up;
  Requests down;
  for (std::uint64_t n = 0; n < 100; ++n) up.add(request(n, false), {n + 1});
  for (std::uint64_t n = 100; n-- > 1;) down.add(request(n, false), {n + 1});
  EXPECT_NE(up, down);
  down.add(request(0, false), {2});
  EXPECT_NE(up, down);
  down.add(request(0, false), {1});
  EXPECT_EQ(up, down);
}

}  // namespace
}  // namespace holdfast::custody
