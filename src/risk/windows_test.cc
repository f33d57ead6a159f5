#include "risk/windows.h"

#include <gtest/gtest.h>

#include <set>

namespace holdfast::risk {
namespace {

constexpr std::int64_t kMinute = 60 * kMsPerSecond;

Fact fact(std::int64_t at_ms, std::int64_t value, std::uint64_t customer, std::uint64_t destination = 0) {
  Fact out;
  out.at = {at_ms};
  out.value = value;
  out.keys[static_cast<std::size_t>(KeyKind::customer)] = customer;
  out.keys[static_cast<std::size_t>(KeyKind::destination)] = destination;
  return out;
}

Look look(Windows& windows, const Fact& at) {
  Look out;
  windows.look(at, out);
  return out;
}

Windows made(const std::vector<GroupSpec>& specs) { return std::move(*Windows::make(specs)); }

TEST(windows, slide_with_every_millisecond) {
  Windows windows = made({{{KeyKind::customer}, {{kMinute, false, false, {}}}}});
  windows.add(fact(1'000, 5, 1));
  EXPECT_EQ(look(windows, fact(1'000, 0, 1)).windows[0].count, 1U);
  EXPECT_EQ(look(windows, fact(1'000 + kMinute - 1, 0, 1)).windows[0].sum, 5);
  EXPECT_EQ(look(windows, fact(1'000 + kMinute, 0, 1)).windows[0], WindowValue{});
}

TEST(windows, tell_each_key_its_own) {
  Windows windows = made({{{KeyKind::customer}, {{kMinute, true, false, KeyKind::destination}}},
                          {{KeyKind::customer, KeyKind::destination}, {{kMinute, false, false, {}}}}});
  windows.add(fact(1, 10, 1, 7));
  windows.add(fact(2, 30, 1, 8));
  windows.add(fact(3, 20, 1, 7));
  windows.add(fact(4, 99, 2, 7));
  const Look seen = look(windows, fact(5, 0, 1, 7));
  EXPECT_EQ(seen.windows[0], (WindowValue{3, 60, 10, 30, 2, 0, 0, {}}));
  EXPECT_EQ(seen.windows[1], (WindowValue{2, 30, 0, 0, 0, 0, 0, {}}));
  EXPECT_EQ(seen.groups[0], (KeyTimes{Instant{1}, Instant{3}}));
  EXPECT_EQ(look(windows, fact(5, 0, 3, 7)).windows[0], WindowValue{});
}

TEST(windows, count_only_facts_that_have_the_key) {
  Windows windows = made({{{KeyKind::destination}, {{kMinute, false, false, {}}}}});
  windows.add(fact(1, 10, 1));
  EXPECT_EQ(windows.keys(), 0U);
  EXPECT_EQ(look(windows, fact(2, 0, 1)).windows[0].count, 0U);
}

// A withdrawal of another size, or a deposit, is told what the windows hold; it does not have to be one of theirs.
TEST(windows, over_a_stream_and_a_band_answer_whoever_asks) {
  Windows windows = made({{{KeyKind::customer}, {{kMinute, false, false, KeyKind::destination}}, Stream::withdrawals, {9, 10}},
                          {{KeyKind::customer}, {{kMinute, false, false, {}}}, Stream::deposits, {}}});
  for (const std::int64_t value : {8, 9, 10, 11}) windows.add(fact(1, value, 1, static_cast<std::uint64_t>(value)));
  Fact deposit = fact(2, 500, 1);
  deposit.of = Stream::deposits;
  windows.add(deposit);
  for (const Fact& asked : {fact(3, 100, 1), fact(3, 9, 1), deposit}) {
    const Look seen = look(windows, asked);
    EXPECT_EQ(seen.windows[0], (WindowValue{2, 19, 0, 0, 2, 0, 0, {}}));
    EXPECT_EQ(seen.windows[1], (WindowValue{1, 500, 0, 0, 0, 0, 0, {}}));
    EXPECT_EQ(seen.groups[1], (KeyTimes{Instant{2}, Instant{2}}));
  }
}

TEST(windows, keep_no_deposit_that_none_is_over) {
  Windows windows = made({{{KeyKind::customer}, {{kMinute, false, false, {}}}}});
  Fact deposit = fact(kMinute, 5, 1);
  deposit.of = Stream::deposits;
  windows.add(deposit);
  EXPECT_EQ(windows.facts(), 0U);
  windows.add(fact(1, 5, 1));  // Its time counts all the same.
  EXPECT_EQ(look(windows, fact(2 * kMinute - 1, 0, 1)).windows[0].count, 1U);
}

Fact of_platform(std::int64_t at_ms, std::int64_t value) {
  Fact out = fact(at_ms, value, 0);
  out.keys[static_cast<std::size_t>(KeyKind::platform)] = 1;
  return out;
}

TEST(windows, tell_what_is_usual_long_after_the_facts_are_gone) {
  Windows windows = made({{{KeyKind::platform}, {{kMsPerHour, false, false, {}, true}, {kMinute, false, false, {}}}}});
  windows.add(of_platform(0, 1));
  const std::int64_t monday = 10 * kMsPerWeek;
  for (std::int64_t i = 0; i < 60; ++i) windows.add(of_platform(monday + i * kMinute, 10));
  const Look seen = look(windows, of_platform(monday + kMsPerWeek + kMsPerHour - 1, 0));
  EXPECT_EQ(windows.facts(), 0U);
  EXPECT_EQ(seen.windows[0].count, 0U);
  EXPECT_EQ(seen.windows[0].usual, (Usual{0, 4, 0}));  // Of four weeks one is not what is usual.
  EXPECT_EQ(seen.windows[1].usual, Usual{});
}

TEST(windows, time_never_goes_back) {
  Windows windows = made({{{KeyKind::customer}, {{kMinute, false, false, {}}}}});
  windows.add(fact(5 * kMinute, 1, 1));
  windows.add(fact(1 * kMinute, 2, 1));  // a clock that jumped
  EXPECT_EQ(look(windows, fact(0, 0, 1)).windows[0].sum, 3);
  EXPECT_EQ(look(windows, fact(6 * kMinute - 1, 0, 1)).windows[0].sum, 3);
  EXPECT_EQ(look(windows, fact(6 * kMinute, 0, 1)).windows[0].sum, 0);
}

TEST(windows, over_all_time_keep_their_keys) {
  Windows windows = made({{{KeyKind::destination}, {{kEver, false, false, {}}}}, {{KeyKind::customer}, {{kMinute, false, false, {}}}}});
  windows.add(fact(1, 10, 1, 7));
  const Fact later = fact(400 * kMsPerDay, 0, 1, 7);
  const Look seen = look(windows, later);
  EXPECT_EQ(windows.facts(), 0U);
  EXPECT_EQ(seen.windows[0].sum, 10);
  EXPECT_EQ(seen.groups[0].first, Instant{1});
  EXPECT_EQ(seen.groups[1], KeyTimes{});  // the customer is forgotten
}

// Memory is that of what the windows hold, however long it all lasts.
TEST(windows, a_simulated_year_needs_no_more_than_a_month) {
  Windows windows = made({{{KeyKind::customer}, {{kMsPerDay, true, true, KeyKind::destination}, {kMaxWindowMs, false, false, {}}}},
                          {{KeyKind::destination}, {{kMsPerDay, false, false, {}}}}});
  std::size_t after_two_months = 0;
  for (std::int64_t hour = 0; hour < 365 * 24; ++hour) {
    for (std::uint64_t i = 0; i < 3; ++i) {
      const auto number = static_cast<std::uint64_t>(hour) * 3 + i;
      windows.add(fact(hour * 60 * kMinute, static_cast<std::int64_t>(number % 1'000), 1 + number % 50, 1 + number));
    }
    if (hour == 60 * 24) after_two_months = windows.bytes();
  }
  EXPECT_LE(windows.facts(), 30U * 24 * 3);
  EXPECT_LE(windows.bytes(), after_two_months + after_two_months / 10);
}

TEST(windows, what_cannot_be_told_is_refused) {
  const auto code = [](const GroupSpec& spec) { return Windows::make({spec}).error().code; };
  const WindowSpec day{kMsPerDay, false, false, {}};
  EXPECT_EQ(code({{}, {day}}), "windows_wrong");
  EXPECT_EQ(code({{KeyKind::ip, KeyKind::ip}, {day}}), "windows_wrong");
  EXPECT_EQ(code({{KeyKind::ip, KeyKind::asset, KeyKind::chain}, {day}}), "windows_wrong");
  EXPECT_EQ(code({{KeyKind::ip}, {}}), "windows_wrong");
  EXPECT_EQ(code({{KeyKind::ip}, {{-1, false, false, {}}}}), "windows_wrong");
  EXPECT_EQ(code({{KeyKind::ip}, {{kMaxWindowMs + 1, false, false, {}}}}), "windows_wrong");
  EXPECT_EQ(code({{KeyKind::ip}, {{kEver, false, true, {}}}}), "windows_wrong");
  EXPECT_EQ(code({{KeyKind::ip}, std::vector<WindowSpec>(17, day)}), "windows_wrong");
  EXPECT_EQ(code({{KeyKind::ip}, {day}, Stream::withdrawals, {2, 1}}), "windows_wrong");
  EXPECT_EQ(code({{KeyKind::ip}, {day}, Stream::withdrawals, {-1, 1}}), "windows_wrong");
  const WindowSpec rhythm{kMsPerDay, false, false, {}, true};
  EXPECT_EQ(code({{KeyKind::customer}, {rhythm}}), "windows_wrong");
  EXPECT_EQ(code({{KeyKind::asset, KeyKind::chain}, {rhythm}}), "windows_wrong");
  EXPECT_EQ(code({{KeyKind::asset}, {{kMsPerDay + 1, false, false, {}, true}}}), "windows_wrong");
  EXPECT_EQ(code({{KeyKind::asset}, {{kEver, false, false, {}, true}}}), "windows_wrong");
  for (const KeyKind few : {KeyKind::asset, KeyKind::chain, KeyKind::wallet, KeyKind::platform}) {
    EXPECT_TRUE(Windows::make({{{few}, {rhythm}, Stream::deposits, {1, 1}}}).has_value());
  }
  EXPECT_EQ(Windows::make(std::vector<GroupSpec>(65, {{KeyKind::ip}, {day}})).error().code, "windows_wrong");
  EXPECT_TRUE(Windows::make({{{KeyKind::ip}, {day}}}).has_value());
}

TEST(windows, every_kind_of_key_has_a_name_of_its_own) {
  std::set<std::string_view> names;
  for (std::size_t kind = 0; kind < kKeyKinds; ++kind) names.insert(name(static_cast<KeyKind>(kind)));
  EXPECT_EQ(names.size(), kKeyKinds);
  EXPECT_FALSE(names.contains(""));
}

}  // namespace
}  // namespace holdfast::risk
