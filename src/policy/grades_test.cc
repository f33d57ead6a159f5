#include "policy/grades.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>
#include <vector>

namespace holdfast::policy {
namespace {

constexpr std::int64_t kHour = 3'600'000;

GradeKey key(const std::string& subject, const std::string& detector = "burst") { return {Scope::customer, subject, detector}; }

std::uint32_t step(const Grades& grades, const GradeKey& of, std::int64_t at) {
  const auto found = grades.entries().find(of);
  return found == grades.entries().end() ? 0 : found->second.step_at({at});
}

TEST(grades, go_down_one_step_for_each_whole_decay) {
  Grades grades;
  grades.raise(key("a"), {3, {100}, kHour, false});
  EXPECT_EQ(step(grades, key("a"), 100 + kHour - 1), 3U);
  EXPECT_EQ(step(grades, key("a"), 100 + kHour), 2U);
  EXPECT_EQ(step(grades, key("a"), 100 + 3 * kHour - 1), 1U);
  EXPECT_EQ(step(grades, key("a"), 100 + 3 * kHour), 0U);
  EXPECT_EQ(step(grades, key("a"), 100 + 900'000 * kHour), 0U);
  EXPECT_EQ(step(grades, key("a"), 0), 3U);  // A clock that jumped back.
  EXPECT_EQ(step(grades, key("b"), 100), 0U);
}

TEST(grades, firing_again_climbs_from_where_it_stands_and_never_lowers) {
  Grades grades;
  grades.raise(key("a"), {3, {0}, kHour, false});
  grades.raise(key("a"), {2, {2 * kHour}, kHour, false});  // 1 stood, and one more.
  EXPECT_EQ(step(grades, key("a"), 2 * kHour), 2U);
  EXPECT_EQ(step(grades, key("a"), 3 * kHour), 1U);
  grades.raise(key("a"), {1, {2 * kHour}, kHour, false});
  EXPECT_EQ(step(grades, key("a"), 2 * kHour), 2U);
}

TEST(grades, what_is_frozen_stays_until_people_lift_it) {
  Grades grades;
  grades.raise(key("a"), {4, {0}, kHour, true});
  grades.raise(key("a"), {1, {50 * kHour}, kHour, false});
  grades.raise(key("b"), {1, {90'000 * kHour}, kHour, false});
  EXPECT_EQ(step(grades, key("a"), 100'000 * kHour), 4U);
  EXPECT_TRUE(grades.lift(key("a")));
  EXPECT_FALSE(grades.lift(key("a")));
  EXPECT_EQ(step(grades, key("a"), 0), 0U);
}

TEST(grades, of_one_subject_are_its_own) {
  Grades grades;
  const Grade one{1, {0}, kHour, false};
  for (const char* subject : {"a", "aa", "b"}) grades.raise(key(subject), one);
  grades.raise(key("aa", "other"), one);
  grades.raise({Scope::asset, "aa", "burst"}, one);
  std::vector<std::string> seen;
  grades.each_of(Scope::customer, "aa", [&](const std::string& detector, const Grade&) { seen.push_back(detector); });
  EXPECT_EQ(seen, (std::vector<std::string>{"burst", "other"}));
  grades.each_of(Scope::wallet, "aa", [](const std::string&, const Grade&) { FAIL(); });
}

TEST(grades, every_scope_has_a_name_of_its_own) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kScopes; ++i) {
    names.insert(name(static_cast<Scope>(i)));
    EXPECT_EQ(scope_named(name(static_cast<Scope>(i))), static_cast<Scope>(i));
  }
  EXPECT_EQ(names.size(), kScopes);
  EXPECT_FALSE(scope_named("planet"));
}

// A year of somebody new every minute.
TEST(grades, forget_what_has_decayed) {
  Grades grades;
  std::size_t most = 0;
  for (std::int64_t minute = 0; minute < 365 * 24 * 60; ++minute) {
    grades.raise(key("c" + std::to_string(minute)), {1, {minute * 60'000}, kHour, false});
    most = std::max(most, grades.entries().size());
  }
  EXPECT_LE(most, 128U);  // 60 stand at once.
}

// Taken out of a snapshot at any time, they go on as they would have; and every grade is what its firings say.
TEST(grades_property, are_all_in_their_entries) {
  EXPECT_TRUE(rc::check([](const std::vector<std::uint32_t>& seeds) {
    Grades grades, restored;
    std::map<GradeKey, Grade> slow;
    std::int64_t now = 0;
    for (const std::uint32_t seed : seeds) {
      now += seed % 7 * (kHour / 3);
      const GradeKey of = key(std::string(1, static_cast<char>('a' + seed / 7 % 5)), seed / 35 % 2 == 0 ? "x" : "y");
      const Grade raised{1 + seed / 70 % 4, {now}, kHour, seed / 280 % 19 == 0};
      grades.raise(of, raised);
      restored.raise(of, raised);
      Grade& old = slow[of];
      old = {std::max(raised.step, old.step == 0 ? 0 : old.step_at({now})), {now}, kHour, old.frozen || raised.frozen};
      for (const auto& [one, grade] : slow) RC_ASSERT(step(grades, one, now) == grade.step_at({now}));
      RC_ASSERT(restored == grades);
      restored = Grades(grades.entries());
    }
  }));
}

}  // namespace
}  // namespace holdfast::policy
