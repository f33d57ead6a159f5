// Detectors: how a policy names them, what they ask for, and how subjects climb and come down.
#include "policy/judge.h"

#include <gtest/gtest.h>

namespace holdfast::policy {
namespace {

constexpr std::int64_t kHour = 3'600'000;

constexpr const char* kPolicy = R"toml(
[[windows]]
name = "hour"
keys = ["platform"]
length = "1h"
rhythm = true

[[windows]]
name = "just_below"
keys = ["platform"]
length = "1h"
from = "900"
to = "999.99"

[[windows]]
name = "deposited"
keys = ["customer"]
length = "ever"
of = "deposits"

[[windows]]
name = "of_device"
keys = ["customer", "device"]
length = "ever"

[[rules]]
name = "large"
when = 'value > usd("1000")'
then = "step up"
reason = "Large."
severity = "low"

[[detectors]]
name = "burst"
when = 'hour.weeks >= 2 && hour.count > 3 * hour.usual_count && hour.sum + value > hour.usual_sum * 2'
reason = "More than three times as many as are usual."
severity = "high"
scope = "platform"
steps = ["delay 1h", "review 1 risk", "review 2 risk", "freeze"]
decay = "4h"

[[detectors]]
name = "below"
when = 'just_below.count >= 3'
reason = "Many just below 1,000."
severity = "medium"
scope = "asset"
steps = ["review 1 risk", "deny"]
decay = "30m"

[[detectors]]
name = "no_deposit"
when = 'deposited.idle > duration("48h") && value > usd("500")'
reason = "Nothing was deposited for two days."
severity = "medium"
scope = "customer"
steps = ["freeze"]
decay = "720h"

[[detectors]]
name = "other_device"
when = 'device != "" && !of_device.known && since_reset < duration("24h")'
reason = "A device not seen before, after a reset."
severity = "high"
scope = "customer"
steps = ["step up", "review 1 risk"]
decay = "24h"

[[tests]]
name = "nothing of note"
given = { value = "10", hour = { count = 30, usual_count = 10, weeks = 2 } }
expect = "allow"
fired = []

[[tests]]
name = "a burst: the first firing"
given = { value = "10", hour = { count = 31, usual_count = 10, sum = "90", usual_sum = "49.99", weeks = 2 } }
expect = "delay 1h"
fired = ["burst"]

[[tests]]
name = "nobody knows yet what is usual"
given = { value = "10", hour = { count = 31, weeks = 1 } }
expect = "allow"

[[tests]]
name = "the fourth just below"
given = { value = "10", just_below.count = 3 }
expect = "review 1 risk"
fired = ["below"]

[[tests]]
name = "much without a deposit"
given = { value = "1000.01" }
expect = "review 2 risk, step up"
fired = ["large", "no_deposit"]

[[tests]]
name = "much with one"
given = { value = "999", deposited.idle = "48h" }
expect = "allow"
fired = []

[[tests]]
name = "somebody else's device"
given = { value = "1", device = "phone", since_reset = "1h" }
expect = "step up"
fired = ["other_device"]

[[tests]]
name = "his own device"
given = { value = "1", device = "phone", since_reset = "1h", of_device.known = true }
expect = "allow"
fired = []
)toml";

std::string with(std::string_view from, std::string_view to) {
  std::string text = kPolicy;
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string problem_of(std::string_view text) {
  const auto policy = Policy::read(text, "p.toml");
  return policy ? "accepted" : policy.error().text;
}

TEST(detectors, are_read_and_tested_as_rules_are) {
  const auto policy = Policy::read(kPolicy, "p.toml");
  ASSERT_TRUE(policy) << policy.error().text;
  EXPECT_TRUE(policy->warnings().empty());
  ASSERT_EQ(policy->detectors().size(), 4U);
  const Detector& burst = policy->detectors()[0];
  EXPECT_EQ(burst.scope, Scope::platform);
  EXPECT_EQ(burst.decay_ms, 4 * kHour);
  ASSERT_EQ(burst.steps.size(), 4U);
  // What a step before asked for is not forgotten over the next.
  EXPECT_EQ(write_demand(burst.steps[1].demand), "review 1 risk, delay 1h");
  EXPECT_EQ(write_demand(burst.steps[3].demand), "review 2 risk, delay 1h");
  EXPECT_TRUE(burst.steps[3].freeze && !burst.steps[2].freeze);
  EXPECT_EQ(problem_of(with("expect = \"delay 1h\"\nfired = [\"burst\"]", "expect = \"delay 1h\"\nfired = []")),
            "p.toml: test \"a burst: the first firing\": expected delay 1h by [], came delay 1h by [burst]");
}

TEST(detectors, windows_of_other_facts_are_other_groups) {
  const auto policy = Policy::read(kPolicy, "p.toml");
  ASSERT_EQ(policy->groups().size(), 4U);
  EXPECT_EQ(policy->groups()[1].band, (risk::Band{900'000'000, 999'990'000}));
  EXPECT_EQ(policy->groups()[2].over, risk::Stream::deposits);
  EXPECT_TRUE(policy->groups()[0].windows[0].rhythm);
}

TEST(detectors, what_does_not_fit_is_refused) {
  const std::pair<std::string, std::string_view> cases[] = {
      {with("scope = \"platform\"", "scope = \"planet\""), "scope has to be"},
      {with("[\"freeze\"]", "[]"), "1 to 6 texts"},
      {with("[\"freeze\"]", "\"freeze\""), "1 to 6 texts"},
      {with("[\"freeze\"]", R"(["delay 1h", "delay 2h", "delay 3h", "delay 4h", "delay 5h", "delay 6h", "delay 7h"])"), "1 to 6 texts"},
      {with("[\"freeze\"]", "[\"freeze\", \"deny\"]"), "freeze has to be the last step"},
      {with("[\"freeze\"]", "[\"allow\"]"), "a step is \"freeze\", or"},
      {with("[\"freeze\"]", "[1]"), "a step is \"freeze\", or"},
      {with("\"review 2 risk\", \"freeze\"", "\"review 1 risk\", \"freeze\""), "review 1 risk asks for no more"},
      {with("scope = \"customer\"\nsteps = [\"freeze\"]", "scope = \"destination\"\nsteps = [\"freeze\"]"), "nobody's to freeze"},
      {with("decay = \"30m\"", "decay = \"29m\""), "decay has to be from 30 minutes"},
      {with("decay = \"720h\"", "decay = \"721h\""), "decay has to be from 30 minutes"},
      {with("decay = \"720h\"", "decay = \"soon\""), "decay has to be like"},
      {with("decay = \"720h\"", "decay = \"720h\"\nthen = \"deny\""), "then means nothing here"},
      {with("name = \"burst\"", "name = \"large\""), "there is a large already"},
      {with("'just_below.count >= 3'", "'just_below.count'"), "rule below"},
      {with("of = \"deposits\"", "of = \"transfers\""), "of has to be"},
      {with("from = \"900\"", "from = \"1000\""), "from is more than to"},
      {with("from = \"900\"", "from = 900"), "from has to be a text in quotes"},
      {with("from = \"900\"", "from = \"-1\""), "from has to be US dollars"},
      {with("to = \"999.99\"", "to = \"9223372036854.775808\""), "to has to be US dollars"},
      {with("rhythm = true", "rhythm = 1"), "rhythm has to be true or false"},
      {with("length = \"1h\"\nrhythm", "length = \"25h\"\nrhythm"), "windows: "},
      {with("keys = [\"platform\"]\nlength = \"1h\"\nrhythm", "keys = [\"customer\"]\nlength = \"1h\"\nrhythm"), "windows: "},
  };
  for (const auto& [text, problem] : cases) EXPECT_NE(problem_of(text).find(problem), std::string::npos) << problem << "\n" << problem_of(text);
}

class Detecting : public testing::Test {
 protected:
  Detecting() {
    inputs_.nothing_before();
    inputs_.labels({});
    set("deposited.idle", cel::Value::duration(0));
    set("hour.weeks", cel::Value::of(std::int64_t{4}));
    inputs_.usd(kValue, *read_usd("10"));
    subjects_.set(Scope::asset, "BTC");
    subjects_.set(Scope::customer, "alice");
  }
  void set(std::string_view name, cel::Value value) {
    inputs_.set(policy_.domain().environment.find(std::string(name), true).index, value);
  }
  void many(bool are) { set("hour.count", cel::Value::of(std::int64_t{are ? 9 : 0})); }
  Verdict verdict() { return judge_.judge(inputs_, grades_, subjects_, now_); }
  std::string demand() { return write_demand(verdict().demand); }
  // Judged, and made true.
  Verdict judged() {
    Verdict out = verdict();
    for (const auto& [key, grade] : climbs(policy_, out, subjects_, now_)) grades_.raise(key, grade);
    return out;
  }

  const Policy policy_ = std::move(*Policy::read(kPolicy, "p.toml"));
  Judge judge_{policy_};
  Inputs inputs_{policy_};
  Grades grades_;
  Subjects subjects_;
  Instant now_{1'700'000'000'000};
};

TEST_F(Detecting, each_firing_climbs_one_step_and_all_of_the_subject_have_its_demand) {
  many(true);
  EXPECT_EQ(write_demand(judged().demand), "delay 1h");
  EXPECT_EQ(write_demand(judged().demand), "review 1 risk, delay 1h");
  many(false);
  subjects_.set(Scope::customer, "bob");
  const Verdict told = judged();
  EXPECT_EQ(write_demand(told.demand), "review 1 risk, delay 1h");
  EXPECT_TRUE(told.raised.empty());
  ASSERT_EQ(told.standing.size(), 1U);
  EXPECT_EQ(told.standing[0].detector, "burst");
  EXPECT_EQ(told.standing[0].step, 2U);
  now_ = now_ + 4 * kHour;
  EXPECT_EQ(demand(), "delay 1h");
  now_ = now_ + 4 * kHour;
  EXPECT_EQ(demand(), "allow");
  EXPECT_TRUE(verdict().standing.empty());
}

TEST_F(Detecting, judging_alone_raises_nothing) {
  many(true);
  const Verdict told = verdict();
  EXPECT_EQ(write_demand(told.demand), write_demand(verdict().demand));
  ASSERT_EQ(told.raised.size(), 1U);
  EXPECT_EQ(told.raised[0].step, 1U);
  EXPECT_EQ(told.raised[0].saw[0], (std::pair<std::string, std::string>{"value", "10 USD"}));
}

TEST_F(Detecting, the_last_step_freezes_until_people_lift_it) {
  many(true);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(judged().raised[0].freeze);
  const Verdict fourth = judged();
  EXPECT_TRUE(fourth.raised[0].freeze);
  EXPECT_FALSE(fourth.frozen);
  EXPECT_EQ(write_demand(fourth.demand), "review 2 risk, delay 1h");
  EXPECT_EQ(judged().raised[0].step, 4U);
  many(false);
  now_ = now_ + 9'000 * kHour;
  EXPECT_TRUE(verdict().frozen);
  EXPECT_EQ(demand(), "review 2 risk, delay 1h");
  EXPECT_TRUE(grades_.lift({Scope::platform, "platform", "burst"}));
  EXPECT_FALSE(verdict().frozen);
  EXPECT_EQ(demand(), "allow");
}

TEST_F(Detecting, each_subject_has_its_own_grade) {
  set("just_below.count", cel::Value::of(std::int64_t{3}));
  judged();
  EXPECT_EQ(write_demand(judged().demand), "deny");
  set("just_below.count", cel::Value::of(std::int64_t{0}));
  EXPECT_EQ(demand(), "deny");
  subjects_.set(Scope::asset, "ETH");
  EXPECT_EQ(demand(), "allow");
}

// A price that is missing for an hour must not freeze an exchange; but nothing goes on unseen either.
TEST_F(Detecting, what_cannot_be_told_is_asked_for_and_climbs_nothing) {
  set("hour.count", cel::Value::error(cel::ErrorCode::unavailable));
  for (int i = 0; i < 9; ++i) {
    const Verdict told = judged();
    EXPECT_EQ(write_demand(told.demand), "delay 1h");
    EXPECT_EQ(told.raised[0].error, cel::ErrorCode::unavailable);
    EXPECT_FALSE(told.raised[0].climbs || told.raised[0].freeze);
  }
  EXPECT_TRUE(grades_.entries().empty());
}

TEST_F(Detecting, a_withdrawal_of_nobody_known_climbs_nothing) {
  set("deposited.idle", cel::Value::duration(INT64_MAX));
  inputs_.usd(kValue, *read_usd("501"));
  subjects_.set(Scope::customer, "");
  const Verdict told = judged();
  EXPECT_EQ(write_demand(told.demand), "review 2 risk");
  EXPECT_FALSE(told.raised[0].climbs || told.raised[0].freeze);
  EXPECT_TRUE(grades_.entries().empty());
}

TEST_F(Detecting, a_freeze_of_another_policy_holds_and_its_grades_do_not) {
  grades_.raise({Scope::customer, "alice", "gone"}, {2, now_, kHour, false});
  EXPECT_EQ(demand(), "allow");
  grades_.raise({Scope::asset, "BTC", "burst"}, {2, now_, kHour, false});  // There burst was of assets.
  EXPECT_EQ(demand(), "allow");
  grades_.raise({Scope::platform, "platform", "burst"}, {9, now_, kHour, false});  // There it had more steps.
  EXPECT_EQ(demand(), "review 2 risk, delay 1h");
  grades_.lift({Scope::platform, "platform", "burst"});
  grades_.raise({Scope::customer, "alice", "gone"}, {2, now_, kHour, true});
  EXPECT_EQ(demand(), "review 2 risk");
  EXPECT_TRUE(verdict().frozen);
}

TEST_F(Detecting, what_is_called_allowed_passes_detectors_and_grades) {
  set("deposited.idle", cel::Value::duration(INT64_MAX));
  inputs_.usd(kValue, *read_usd("900"));
  const auto most = judge_.allowed_up_to(inputs_, grades_, subjects_, now_);
  ASSERT_TRUE(most);
  EXPECT_EQ(write_usd(*most), "500");
  EXPECT_EQ(judge_.allowed_up_to(inputs_), most);
  grades_.raise({Scope::platform, "platform", "burst"}, {1, now_, kHour, false});
  EXPECT_FALSE(judge_.allowed_up_to(inputs_, grades_, subjects_, now_));
}

TEST_F(Detecting, an_exchange_that_says_nothing_has_no_device_and_no_reset) {
  set("of_device.known", cel::Value::of(false));
  EXPECT_EQ(demand(), "allow");
  inputs_.text(kDevice, "phone");
  EXPECT_EQ(demand(), "allow");
  inputs_.since_reset(24 * kHour);
  EXPECT_EQ(demand(), "allow");
  inputs_.since_reset(24 * kHour - 1);
  EXPECT_EQ(demand(), "step up");
  inputs_.since_reset(-1);
  EXPECT_EQ(demand(), "step up");
  EXPECT_EQ(verdict().raised[0].saw[1].second, "0s");
}

// Through the windows themselves: usual times, a band of values, deposits.
TEST_F(Detecting, reads_the_windows) {
  auto windows = std::move(*risk::Windows::make(policy_.groups()));
  risk::Fact fact;
  fact.keys[static_cast<std::size_t>(risk::KeyKind::customer)] = 7;
  fact.keys[static_cast<std::size_t>(risk::KeyKind::platform)] = 1;
  risk::Look look;
  const auto judged_now = [&] {
    fact.at = now_;
    windows.look(fact, look);
    inputs_.look(look, fact);
    return demand();
  };
  const auto add = [&](std::string_view usd, risk::Stream of) {
    fact.at = now_;
    fact.of = of;
    fact.value = static_cast<std::int64_t>(read_usd(usd)->micro);
    windows.add(fact);
  };
  EXPECT_EQ(judged_now(), "allow");  // It has no device, and no policy of it is asked.
  inputs_.usd(kValue, *read_usd("501"));
  EXPECT_EQ(judged_now(), "review 2 risk");
  add("1", risk::Stream::deposits);
  EXPECT_EQ(judged_now(), "allow");
  for (const char* usd : {"899.99", "900", "999.99", "1000"}) add(usd, risk::Stream::withdrawals);
  EXPECT_EQ(judged_now(), "allow");
  add("950", risk::Stream::withdrawals);
  EXPECT_EQ(judged_now(), "review 1 risk");
  now_ = now_ + 15 * kMsPerDay;
  inputs_.usd(kValue, *read_usd("1"));
  for (int i = 0; i < 4; ++i) add("1", risk::Stream::withdrawals);
  EXPECT_EQ(judged_now(), "delay 1h");  // Two weeks are known, in which nothing happened at this hour.
}

}  // namespace
}  // namespace holdfast::policy
