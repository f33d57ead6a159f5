// Secrets: their bytes are theirs alone, are gone when they die, and nobody writes past their ends unnoticed.
#include "base/secret.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

namespace holdfast {
namespace {

// Small ones, the largest of these, and such as have pages of their own.
constexpr std::size_t kSizes[] = {1, 16, 32, 64, 111, 112, 113, 128, 4'096, 10'000};

bool all(const Secret& secret, std::uint8_t byte) {
  return std::ranges::all_of(secret.reveal(), [&](std::uint8_t each) { return each == byte; });
}

TEST(Secret, begins_as_zeroes_whatever_was_there_before) {
  for (const std::size_t size : kSizes) {
    for (int round = 0; round < 3; ++round) {
      Secret secret(size);
      EXPECT_EQ(secret.size(), size);
      EXPECT_TRUE(all(secret, 0));
      std::fill_n(secret.mutable_data(), size, std::uint8_t{0xaa});
    }
  }
}

TEST(Secret, shares_nothing_with_others) {
  std::vector<Secret> secrets;
  for (int round = 0; round < 100; ++round) {
    for (const std::size_t size : kSizes) {
      secrets.push_back(Secret::copy_of(Bytes(size, static_cast<std::uint8_t>(secrets.size()))));
    }
  }
  for (std::size_t i = 0; i < secrets.size(); ++i) EXPECT_TRUE(all(secrets[i], static_cast<std::uint8_t>(i))) << i;
}

// The bytes of a small one that has died can still be looked at: they are gone.
TEST(Secret, is_wiped_when_it_dies) {
  const std::uint8_t* where = nullptr;
  {
    const Secret secret = Secret::copy_of(Bytes(32, 0xaa));
    where = secret.reveal().data();
  }
  EXPECT_TRUE(std::all_of(where, where + 32, [](std::uint8_t each) { return each == 0; }));
}

TEST(Secret, moves_without_a_copy) {
  Secret a = Secret::copy_of(Bytes(32, 1));
  const std::uint8_t* const where = a.reveal().data();
  Secret b = std::move(a);
  EXPECT_EQ(b.reveal().data(), where);
  Secret large(5'000);
  large = std::move(b);
  EXPECT_EQ(large.reveal().data(), where);
  EXPECT_TRUE(large.equals_in_constant_time(Secret::copy_of(Bytes(32, 1))));
  EXPECT_FALSE(large.equals_in_constant_time(Secret::copy_of(Bytes(31, 1))));
}

TEST(Secret, comes_and_goes_on_many_threads) {
  std::vector<std::jthread> threads;
  for (std::uint8_t byte = 1; byte <= 4; ++byte) {
    threads.emplace_back([byte] {
      std::vector<Secret> kept;
      for (int i = 0; i < 2'000; ++i) {
        kept.push_back(Secret::copy_of(Bytes(static_cast<std::size_t>(i % 112) + 1, byte)));
        if (i % 3 == 0) kept.erase(kept.begin());
      }
      EXPECT_TRUE(std::ranges::all_of(kept, [&](const Secret& each) { return all(each, byte); }));
    });
  }
}

TEST(SecretDeath, an_overrun_ends_the_program) {
  for (const std::size_t size : {std::size_t{32}, std::size_t{112}, std::size_t{5'000}}) {
    EXPECT_DEATH(
        {
          Secret secret(size);
          secret.mutable_data()[size] = static_cast<std::uint8_t>(secret.mutable_data()[size] ^ 1);
        },
        "");
  }
}

}  // namespace
}  // namespace holdfast
