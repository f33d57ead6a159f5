#include "bench/detection/figures.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>

namespace holdfast::detection {
namespace {

using traffic::kUsd;

constexpr traffic::Assumptions kSmall{.seed = 3, .customers = 300, .visits_a_day = 100};

policy::Policy read(const std::string& text) { return std::move(*policy::Policy::read(text, "test")); }

std::string rule(const std::string& when, const std::string& then) {
  return fmt::format("[[rules]]\nname = \"only\"\nwhen = '{}'\nthen = \"{}\"\nreason = \"test\"\nseverity = \"low\"\n",
                     when, then);
}

// So many times a thousand US dollars, a minute apart, by a stranger.
Theft theft(int times = 10) {
  Theft out{"plain", "", {}};
  for (int i = 0; i < times; ++i) {
    traffic::Payment payment;
    payment.at = traffic::kOpening + kWarmWeeks * traffic::kWeek + i * traffic::kMinute;
    payment.value = 1'000 * kUsd;
    payment.customer = payment.destination = std::uint64_t{1} << 40;
    payment.wallet = 1;
    out.requests.push_back(payment);
  }
  return out;
}

TEST(FalseAlarms, are_none_where_no_rule_fires) {
  const FalseAlarms alarms = false_alarms(read(rule("value > usd(\"1000000000\")", "deny")), kSmall, 500);
  EXPECT_EQ(alarms.judged, 500U);
  EXPECT_EQ(alarms.any, 0U);
  EXPECT_TRUE(alarms.rules.empty());
}

TEST(FalseAlarms, are_counted_by_what_is_asked_and_by_whom) {
  const FalseAlarms alarms =
      false_alarms(read(rule("value >= usd(\"0\")", "review 1 risk, step up, delay 1h")), kSmall, 500);
  EXPECT_EQ(alarms.held, 500U);
  EXPECT_EQ(alarms.delayed, 500U);
  EXPECT_EQ(alarms.stepped_up, 500U);
  EXPECT_EQ(alarms.denied + alarms.frozen, 0U);
  EXPECT_EQ(alarms.held_value, alarms.value);
  ASSERT_EQ(alarms.rules.size(), 1U);
  EXPECT_EQ(alarms.rules[0].alone, 500U);
}

TEST(FalseAlarms, of_a_grade_that_stands_are_the_detectors) {
  const FalseAlarms alarms =
      false_alarms(read("[[detectors]]\nname = \"d\"\nwhen = 'value > usd(\"2000\")'\nscope = \"platform\"\n"
                        "steps = [\"review 1 risk\"]\ndecay = \"720h\"\nreason = \"test\"\nseverity = \"low\"\n"),
                   kSmall, 500);
  ASSERT_EQ(alarms.rules.size(), 1U);
  EXPECT_LT(alarms.rules[0].fired, 250U);
  EXPECT_GT(alarms.rules[0].held, 400U);
  EXPECT_EQ(alarms.held, alarms.rules[0].held);
}

TEST(FalseAlarms, are_frozen_until_people_lift) {
  const FalseAlarms alarms =
      false_alarms(read("[[detectors]]\nname = \"d\"\nwhen = 'value > usd(\"5000\")'\nscope = \"platform\"\n"
                        "steps = [\"freeze\"]\ndecay = \"720h\"\nreason = \"test\"\nseverity = \"low\"\n"),
                   kSmall, 500);
  EXPECT_GT(alarms.freezes, 0U);
  EXPECT_GE(alarms.frozen, alarms.freezes);
  EXPECT_LT(alarms.frozen, 250U);
}

TEST(Play, what_nobody_answers_is_gone) {
  const Outcome outcome = play(read(rule("value > usd(\"1000000000\")", "deny")), kSmall, theft());
  EXPECT_EQ(outcome.gone, 10'000);
  EXPECT_EQ(outcome.gone_before, 10'000);
  EXPECT_FALSE(outcome.first);
  EXPECT_FALSE(outcome.review);
}

TEST(Play, what_goes_before_the_first_answer_is_counted_and_what_goes_after_it) {
  const std::string window = "[[windows]]\nname = \"w\"\nkeys = [\"destination\"]\nlength = \"24h\"\n";
  const Outcome outcome = play(read(window + rule("w.count >= 3 && w.count < 5", "delay 1h")), kSmall, theft());
  ASSERT_TRUE(outcome.first);
  EXPECT_EQ(outcome.first->after_ms, 3 * traffic::kMinute);
  EXPECT_EQ(outcome.first->request, 4U);
  EXPECT_EQ(outcome.first->demand, "delay 1h");
  EXPECT_EQ(outcome.fired, std::vector<std::string>{"only"});
  EXPECT_EQ(outcome.gone_before, 3'000);
  EXPECT_EQ(outcome.gone, 8'000);
  EXPECT_FALSE(outcome.review);
}

TEST(Play, what_was_let_through_counts_as_paid_ten_minutes_later) {
  const std::string window = "[[windows]]\nname = \"w\"\nkeys = [\"destination\"]\nlength = \"ever\"\nof = \"paid\"\n";
  const Outcome outcome = play(read(window + rule("w.known", "delay 1h")), kSmall, theft(12));
  ASSERT_TRUE(outcome.first);
  EXPECT_EQ(outcome.first->after_ms, kFinalMs);
  EXPECT_EQ(outcome.gone, 10'000);
}

TEST(Play, no_more_is_gone_than_there_was) {
  Theft all = theft();
  for (traffic::Payment& payment : all.requests) payment.value = traffic::full_balance(0);
  const Outcome outcome = play(read(rule("value > usd(\"1000000000\")", "deny")), kSmall, all);
  EXPECT_LE(outcome.gone, traffic::full_balance(0) / kUsd);
}

TEST(Thefts, begin_in_the_week_and_go_on_in_time) {
  const Instant monday = traffic::kOpening + kWarmWeeks * traffic::kWeek;
  for (const Theft& each : thefts(monday)) {
    ASSERT_FALSE(each.requests.empty()) << each.name;
    EXPECT_LE(monday, each.requests.front().at) << each.name;
    EXPECT_LT(each.requests.front().at - monday, traffic::kWeek) << each.name;
    EXPECT_TRUE(std::ranges::is_sorted(each.requests, {}, &traffic::Payment::at)) << each.name;
  }
}

}  // namespace
}  // namespace holdfast::detection
