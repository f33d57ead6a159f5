#include "bench/traffic/traffic.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace holdfast::traffic {
namespace {

std::vector<Payment> first(std::size_t count, std::uint64_t seed = 1) {
  Traffic traffic({.seed = seed});
  std::vector<Payment> out(count);
  for (Payment& payment : out) payment = traffic.next();
  return out;
}

std::uint64_t digest(const std::vector<Payment>& payments) {
  std::uint64_t out = 0;
  const auto mix = [&out](std::uint64_t word) { out = (out ^ word) * 0x100000001b3; };
  for (const Payment& each : payments) {
    for (const std::uint64_t word : {static_cast<std::uint64_t>(each.of), static_cast<std::uint64_t>(each.at.unix_ms),
                                     static_cast<std::uint64_t>(each.value), std::uint64_t{each.asset}, each.customer,
                                     each.destination, each.wallet, each.device, each.ip, each.api_key}) {
      mix(word);
    }
    mix(each.reset ? static_cast<std::uint64_t>(each.reset->unix_ms) : 0);
  }
  return out;
}

// The figures in docs/policy/detection.md are of this traffic and no other.
TEST(Traffic, is_the_same_on_every_machine) {
  EXPECT_EQ(digest(first(100'000)), 4'676'785'411'913'279'848U);
  EXPECT_NE(digest(first(1'000, 2)), digest(first(1'000)));
}

TEST(Traffic, never_goes_back_in_time_and_has_what_a_payment_has) {
  Instant last = kOpening;
  for (const Payment& each : first(200'000)) {
    ASSERT_LE(last, each.at);
    last = each.at;
    ASSERT_GT(each.value, 0);
    ASSERT_LT(each.asset, kAssets.size());
    ASSERT_GT(each.customer, 0U);
    if (each.of == risk::Stream::deposits) continue;
    ASSERT_GE(each.value, 10 * kUsd);
    ASSERT_GT(each.destination, 0U);
    ASSERT_EQ((each.wallet - 1) / kWalletsOfChain, kAssets[each.asset].chain);
    ASSERT_NE(each.device == 0, each.api_key == 0);
    if (each.reset) {
      ASSERT_LT(*each.reset, each.at);
    }
  }
}

TEST(Traffic, has_the_rhythm_of_days_and_weeks) {
  std::map<std::int64_t, int> by_hour, by_weekday;
  for (const Payment& each : first(600'000)) {
    if (each.of != risk::Stream::withdrawals || each.at - kOpening >= 8 * kWeek) continue;
    ++by_hour[each.at.unix_ms % kMsPerDay / kHour];
    ++by_weekday[(each.at - kOpening) / kMsPerDay % 7];
  }
  EXPECT_GT(by_hour[19], 3 * by_hour[3]);
  EXPECT_GT(by_weekday[1], by_weekday[6]);
}

TEST(Traffic, pays_in_before_it_takes_out) {
  std::map<std::uint64_t, std::int64_t> in, out;
  std::int64_t all_in = 0, all_out = 0;
  for (const Payment& each : first(300'000)) {
    if (each.of == risk::Stream::deposits) in[each.customer] += each.value, all_in += each.value;
    if (each.of == risk::Stream::withdrawals) out[each.customer] += each.value, all_out += each.value;
  }
  for (const auto& [customer, sum] : out) ASSERT_GT(in[customer], 0) << customer;
  EXPECT_LT(all_out, all_in * 3 / 2);
  EXPECT_LT(all_in, all_out * 2);
}

TEST(Traffic, most_pay_addresses_of_their_own_again) {
  std::set<std::pair<std::uint64_t, std::uint64_t>> known;
  std::map<std::uint64_t, std::set<std::uint64_t>> payers;
  int again = 0, all = 0;
  for (const Payment& each : first(200'000)) {
    if (each.of != risk::Stream::withdrawals) continue;
    ++all;
    again += known.emplace(each.customer, each.destination).second ? 0 : 1;
    payers[each.destination].insert(each.customer);
  }
  EXPECT_GT(again, all / 3);
  for (const auto& [destination, customers] : payers) {
    if (destination > kPartners + kMerchants) {
      ASSERT_EQ(customers.size(), 1U);
    }
  }
  EXPECT_GT(payers[1].size(), 500U);
}

TEST(Draw, halves_with_each_step) {
  Draw draw(7);
  std::array<int, 4> passed{};
  for (int i = 0; i < 100'000; ++i) {
    const std::int64_t waited = draw.waiting();
    ASSERT_GT(waited, 0);
    for (std::size_t step = 0; step < 4; ++step)
      passed[step] += waited > static_cast<std::int64_t>(step) * kOne ? 1 : 0;
  }
  EXPECT_EQ(passed[0], 100'000);
  for (std::size_t step = 1; step < 4; ++step) EXPECT_NEAR(passed[step], passed[step - 1] / 2, 1'000);
}

TEST(Draw, powers_of_two) {
  EXPECT_EQ(times_two_to(100, 0), 100);
  EXPECT_EQ(times_two_to(100, kOne), 200);
  EXPECT_EQ(times_two_to(100, -2 * kOne), 25);
  EXPECT_EQ(times_two_to(100, kOne / 2), 150);  // Straight between 100 and 200.
  EXPECT_EQ(times_two_to(1, 63 * kOne), std::int64_t{1} << 61);
}

}  // namespace
}  // namespace holdfast::traffic
