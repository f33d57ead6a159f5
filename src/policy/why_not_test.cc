// What is said to have made a verdict another: that it does, and that nothing less does.
#include "policy/judge.h"
#include "policy/testing/random_policy.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace holdfast::policy {
namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 60 * kMinute;

constexpr const char* kWindows = R"toml(
[[windows]]
name = "day"
keys = ["customer"]
length = "24h"
extremes = true
profile = true
distinct = "destination"

[[windows]]
name = "quarter"
keys = ["platform"]
length = "15m"

[[windows]]
name = "to"
keys = ["destination"]
length = "ever"

[[windows]]
name = "to_week"
keys = ["destination"]
length = "168h"

[[windows]]
name = "pair"
keys = ["customer", "destination"]
length = "ever"

[[windows]]
name = "large_to"
keys = ["destination"]
length = "ever"
from = "1000"
to = "2000"
)toml";

Policy policy_with(const std::string& when, const std::string& more = "") {
  auto read = Policy::read(fmt::format("{}[[rules]]\nname = 'one'\nwhen = '''{}'''\nthen = 'review 1 risk'\nreason = 'r'\nseverity = 'low'\n{}",
                                       kWindows, when, more), "p.toml");
  EXPECT_TRUE(read) << read.error().text;
  return std::move(*read);
}

Subjects somebody() {
  Subjects out;
  out.set(Scope::customer, "7");
  return out;
}

// One exchange: its policy, and what happened on it.
class World {
 public:
  explicit World(Policy policy) : policy_(std::move(policy)), windows_(std::move(*risk::Windows::make(policy_.groups()))) {}

  void paid(std::int64_t ms_ago, std::string_view usd, std::uint64_t destination = 5, std::uint64_t customer = 7) {
    windows_.add(fact(kNow + -ms_ago, usd, destination, customer));
  }
  void grade(const Grade& grade) { grades.raise({Scope::customer, "7", "climbs"}, grade); }

  WhyNot why_not(std::size_t walk = 1'000) {
    Inputs now(policy_);
    windows_.look(asked(kNow), look_);
    fill(now, kNow, look_);
    Inputs then(policy_);
    Judge judge(policy_);
    const Later later = [&](Instant at, std::uint64_t groups) -> const Inputs* {
      ++looks;
      risk::Look ahead = look_;
      if (!windows_.look_ahead(asked(kNow), at, groups, walk, ahead)) return nullptr;
      then.like(now);
      fill(then, at, ahead);
      return &then;
    };
    return judge.why_not(now, grades, somebody(), kNow, later);
  }

  // Nothing happens until then, and then it is asked for. Time does not go back: only in order.
  bool is_allowed_at(Instant at) {
    Inputs then(policy_);
    windows_.look(asked(at), look_);
    fill(then, at, look_);
    return Judge(policy_).judge(then, grades, somebody(), at).demand.allows();
  }

  bool is_allowed_for_age(std::int64_t ms) {
    Inputs inputs(policy_);
    windows_.look(asked(kNow), look_);
    fill(inputs, kNow, look_);
    inputs.destination_known_for(ms);
    return Judge(policy_).judge(inputs, grades, somebody(), kNow).demand.allows();
  }

  static constexpr Instant kNow{1'767'225'630'000};  // 2026-01-01T00:00:30Z
  Grades grades;
  std::optional<Instant> reset_at;
  unsigned looks = 0;

 private:
  static risk::Fact fact(Instant at, std::string_view usd, std::uint64_t destination, std::uint64_t customer) {
    risk::Fact out{at, static_cast<std::int64_t>(read_usd(usd)->micro), {}};
    out.keys[static_cast<std::size_t>(risk::KeyKind::customer)] = customer;
    out.keys[static_cast<std::size_t>(risk::KeyKind::destination)] = destination;
    out.keys[static_cast<std::size_t>(risk::KeyKind::platform)] = 1;
    return out;
  }
  static risk::Fact asked(Instant at) { return fact(at, "100", 5, 7); }

  void fill(Inputs& inputs, Instant at, const risk::Look& look) {
    inputs.usd(kValue, *read_usd("100"));
    inputs.labels({});
    inputs.time(at);
    inputs.since_reset(reset_at ? std::optional(at - *reset_at) : std::nullopt);
    inputs.look(look, asked(at));
  }

  const Policy policy_;
  risk::Windows windows_;
  risk::Look look_;
};

std::int64_t minutes_after_now(std::optional<Instant> at) { return at ? (*at - World::kNow) / kMinute : -1; }

TEST(why_not, tells_from_when_on_a_sum_has_slid_out) {
  World world(policy_with("day.sum + value > usd('1000')"));
  world.paid(20 * kHour, "500");
  world.paid(3 * kHour, "450");
  const WhyNot told = world.why_not();
  EXPECT_EQ(write_usd(told.up_to.value()), "50");
  EXPECT_EQ(told.from, World::kNow + (4 * kHour + kMinute / 2));  // At 04:01, the first whole minute with the 500 gone.
  EXPECT_FALSE(told.destination_age_ms);
  EXPECT_LE(world.looks, Judge::kMostJudgings);
}

TEST(why_not, tells_from_when_on_ages_are_old_enough) {
  World world(policy_with("to.age < duration('24h') || since_reset < duration('72h')"));
  world.paid(23 * kHour, "1");
  EXPECT_EQ(minutes_after_now(world.why_not().from), 60);
  world.reset_at = World::kNow + -71 * kHour + -10 * kMinute;
  EXPECT_EQ(minutes_after_now(world.why_not().from), 60);
  world.reset_at = World::kNow + -70 * kHour;
  EXPECT_EQ(minutes_after_now(world.why_not().from), 120);
}

TEST(why_not, tells_from_when_on_a_grade_has_decayed) {
  World world(policy_with("value > usd('100000')", R"([[detectors]]
name = "climbs"
when = "day.count >= 3"
reason = "r"
severity = "low"
scope = "customer"
steps = ["delay 1h", "review 1 risk", "freeze"]
decay = "4h"
)"));
  world.grade({2, World::kNow + -kHour, 4 * kHour, false});
  const WhyNot told = world.why_not();
  EXPECT_EQ(minutes_after_now(told.from), 7 * 60);
  EXPECT_FALSE(told.up_to);
  EXPECT_FALSE(told.destination_age_ms);
  world.grade({3, World::kNow + -kHour, 4 * kHour, true});
  EXPECT_EQ(world.why_not(), WhyNot{});
}

TEST(why_not, an_unknown_destination_does_not_become_known_by_waiting) {
  World world(policy_with("!to.known || to.age < duration('24h')"));
  const WhyNot told = world.why_not();
  EXPECT_FALSE(told.from);
  EXPECT_EQ(told.destination_age_ms, 24 * kHour);
}

TEST(why_not, tells_the_age_that_every_window_of_the_destination_needs) {
  World world(policy_with("pair.age < duration('24h') || to.age <= duration('30h')"));
  world.paid(20 * kHour, "1", 5, 8);
  EXPECT_EQ(world.why_not().destination_age_ms, 30 * kHour + kMinute);
  EXPECT_FALSE(world.is_allowed_for_age(30 * kHour));
}

TEST(why_not, what_was_paid_counts_like_what_was_asked_for) {
  const auto policy = Policy::read(R"([[windows]]
name = "paid"
keys = ["destination"]
length = "ever"
of = "paid"
[[rules]]
name = "one"
when = 'paid.age < duration("24h")'
then = "review 1 risk"
reason = "r"
severity = "low"
)", "p.toml");
  ASSERT_TRUE(policy) << policy.error().text;
  Inputs inputs(*policy);
  inputs.nothing_before();
  EXPECT_EQ(Judge(*policy).allowed_at_age(inputs, {}, {}, {}), 24 * kHour);
}

TEST(why_not, a_destination_that_is_made_known_was_paid_once) {
  EXPECT_EQ(World(policy_with("to.count == 0")).why_not().destination_age_ms, kMinute);
  EXPECT_EQ(World(policy_with("to_week.count > 0 || !to.known")).why_not().destination_age_ms, 168 * kHour);
  EXPECT_EQ(World(policy_with("to.idle < duration('90m') || !to.known")).why_not().destination_age_ms, 90 * kMinute);
  EXPECT_EQ(World(policy_with("large_to.sum < usd('1000')")).why_not().destination_age_ms, kMinute);
  EXPECT_FALSE(World(policy_with("large_to.sum < usd('1001')")).why_not().destination_age_ms);
}

TEST(why_not, only_one_thing_is_changed) {
  World world(policy_with("!to.known", "[[rules]]\nname = 'two'\nwhen = '''day.count >= 2'''\nthen = 'deny'\nreason = 'r'\nseverity = 'low'\n"));
  world.paid(23 * kHour, "1", 6);
  EXPECT_EQ(world.why_not().destination_age_ms, kMinute);
  world.paid(22 * kHour, "1", 6);
  EXPECT_EQ(world.why_not(), WhyNot{});
}

TEST(why_not, what_holds_whatever_is_changed_is_not_searched) {
  World world(policy_with("value > usd('1') && asset != 'x' || value < usd('500') "));
  EXPECT_EQ(world.why_not(), WhyNot{});
  EXPECT_EQ(world.looks, 0U);
}

TEST(why_not, an_hour_of_the_day_is_found_between_others) {
  EXPECT_EQ(minutes_after_now(World(policy_with("time.getHours() != 13")).why_not().from), -1);  // No step falls into it.
  EXPECT_EQ(minutes_after_now(World(policy_with("time.getHours() < 11")).why_not().from), 11 * 60 - 1);
}

TEST(why_not, more_facts_than_may_be_walked_over_are_no_answer) {
  World world(policy_with("day.count >= 100"));
  for (int i = 0; i < 200; ++i) world.paid(2 * kHour - i, "1");
  EXPECT_EQ(minutes_after_now(world.why_not(10'000).from), 22 * 60);
  EXPECT_FALSE(world.why_not(100).from);
}

// A window that has nothing to do with what is in the way is looked at only where the way is free.
TEST(why_not, looks_at_all_windows_only_where_the_way_seems_free) {
  World world(policy_with("day.count >= 1"));
  world.paid(20 * kHour, "1");
  for (int i = 0; i < 500; ++i) world.paid(kMinute, "1", 5, 8);
  EXPECT_EQ(minutes_after_now(world.why_not(1'100).from), 4 * 60);
}

TEST(why_not, of_what_is_allowed_nothing_is_told) { EXPECT_EQ(World(policy_with("value > usd('500')")).why_not(), WhyNot{}); }

constexpr const char* kConditions[] = {
    "day.sum + value > usd('700')",
    "day.count >= 3 && quarter.count >= 1",
    "to.age < duration('5h') || pair.age < duration('90m')",
    "to.known && to.idle < duration('40m')",
    "quarter.sum > usd('200') || day.distinct > 2",
    "day.greatest > usd('350') || day.median * 2 > usd('500')",
    "to_week.count > 4 || !pair.known",
    "since_reset < duration('6h') && to.age < duration('26h')",
    "day.least < usd('30') && day.median_distance < usd('90')",
    "time.getHours() >= 3 && day.count > 0",
};

// Each answer against the same exchange to which nothing more happens, looked at every minute. Seldom a moment is passed over, as
// where something is allowed for some minutes only, until an hour of the day.
TEST(why_not_property, is_so_and_a_minute_before_it_is_not) {
  Random random(4'711);
  std::size_t moments = 0;
  std::size_t passed_over = 0;
  std::size_t ages = 0;
  for (int round = 0; round < 5'000; ++round) {
    const char* when = kConditions[below(random, std::size(kConditions))];
    const std::string then = fmt::format("[[rules]]\nname = 'two'\nwhen = '''{}'''\nthen = 'delay 1h'\nreason = 'r'\nseverity = 'low'\n",
                                         kConditions[below(random, std::size(kConditions))]);
    World world(policy_with(when, one_in(random, 2) ? then : ""));
    if (one_in(random, 2)) world.reset_at = World::kNow + -static_cast<std::int64_t>(below(random, 8)) * kHour;
    if (one_in(random, 3)) world.grade({1, World::kNow + -kHour, 2 * kHour, false});
    std::int64_t ago = 30 * kHour;
    for (std::size_t i = below(random, 8); i > 0; --i) {
      ago -= static_cast<std::int64_t>(below(random, 400)) * kMinute / 2;
      if (ago < 0) break;
      world.paid(ago, std::to_string(1 + below(random, 400)), 4 + below(random, 3), 6 + below(random, 3));
    }
    const WhyNot told = world.why_not();
    ASSERT_LE(world.looks, Judge::kMostJudgings);
    for (std::int64_t age = 1; age < 2'000 && told.destination_age_ms; ++age) {
      ASSERT_EQ(world.is_allowed_for_age(age * kMinute), age * kMinute >= *told.destination_age_ms) << when << age;
      if (age * kMinute == *told.destination_age_ms) break;
    }
    ages += told.destination_age_ms ? 1U : 0U;
    moments += told.from ? 1U : 0U;
    bool was_allowed = false;
    std::size_t before = 0;  // How often it would have been allowed, and then not again.
    for (Instant at = World::kNow + kMinute / 2; told.from && at <= *told.from; at = at + kMinute) {
      const bool is_allowed = world.is_allowed_at(at);
      ASSERT_TRUE(at != *told.from || (is_allowed && !was_allowed)) << when << then;
      before += is_allowed && !was_allowed ? 1U : 0U;
      was_allowed = is_allowed;
    }
    passed_over += before > 1 ? 1U : 0U;
  }
  EXPECT_LT(passed_over, moments / 20);
  EXPECT_GT(moments, 150U);
  EXPECT_GT(ages, 50U);
}

// Whatever the policy: what is told was judged, and a minute less does not do. Seldom an age that is allowed only up to some other
// is passed over, as where a sum of two ages counts.
TEST(why_not_property, ages_of_random_policies_are_the_least_there_are) {
  Random random(4'712);
  std::size_t told = 0;
  std::size_t passed_over = 0;
  for (int round = 0; round < 4'000; ++round) {
    const auto policy = Policy::read(RandomPolicy::make(random).write(), "p.toml");
    if (!policy) continue;
    Judge judge(*policy);
    Inputs inputs(*policy);
    RandomInputs values(random, {.with_unknown = !one_in(random, 3), .with_past = false});
    values.give(*policy, inputs);
    const auto age = judge.allowed_at_age(inputs, {}, somebody(), {});
    if (judge.judge(inputs).demand.allows()) {
      ASSERT_FALSE(age);
      continue;
    }
    Inputs other(*policy);
    const auto is_allowed = [&](std::int64_t ms) {
      other.like(inputs);
      other.destination_known_for(ms);
      return judge.judge(other).demand.allows();
    };
    std::int64_t least = kMinute;
    while (least <= 8 * kHour && !is_allowed(least)) least += kMinute;
    passed_over += least <= 8 * kHour && age != least ? 1U : 0U;
    told += age ? 1U : 0U;
    ASSERT_TRUE(!age || (is_allowed(*age) && (*age == kMinute || !is_allowed(*age - kMinute)))) << *age / kMinute;
  }
  EXPECT_GT(told, 50U);
  EXPECT_LT(passed_over, told / 20);
}

}  // namespace
}  // namespace holdfast::policy
