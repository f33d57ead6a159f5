// What is proven holds: random policies, random changes to them, random withdrawals of which not everything is known.
#include "policy/analysis/findings.h"
#include "policy/cel/run/machine.h"
#include "policy/cel/syntax/parser.h"
#include "policy/compare.h"
#include "policy/testing/random_policy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>

namespace holdfast::policy {
namespace {

constexpr std::uint64_t kSeed = 20'240'604;
constexpr std::size_t kInputs = 150;

// One policy at work: what it has seen raises its grades.
class Watch {
 public:
  explicit Watch(const Policy& policy) : policy_(policy), judge_(policy) {}

  Demand judge(RandomInputs& values, const Subjects& subjects, Instant now) {
    Inputs inputs(policy_);
    values.give(policy_, inputs);
    const Verdict verdict = judge_.judge(inputs, grades, subjects, now);
    for (const auto& [key, grade] : climbs(policy_, verdict, subjects, now)) grades.raise(key, grade);
    return verdict.demand;
  }

  Grades grades;

 private:
  const Policy& policy_;
  Judge judge_;
};

// A withdrawal to which `to` is milder than `from`, after `from` was in force for some and `to` replaced it.
bool is_milder_once(const Policy& from, const Policy& to, Random& random) {
  for (std::size_t i = 0; i < kInputs / 5; ++i) {
    Watch before(from);
    Watch after(to);
    Instant now{};
    const std::size_t replaced_at = below(random, 3);
    const bool with_unknown = !one_in(random, 3);
    for (std::size_t n = 0; n < 5; ++n) {
      RandomInputs values(random, {.with_unknown = with_unknown, .with_past = true});
      Subjects subjects;
      subjects.set(Scope::customer, one_in(random, 5) ? "" : one_in(random, 3) ? "ann" : "bob");
      now.unix_ms += static_cast<std::int64_t>(below(random, 4)) * 1'800'000;
      if (n == replaced_at) after.grades = before.grades;
      const Demand old = before.judge(values, subjects, now);
      if (n < replaced_at) continue;
      const Demand demand = after.judge(values, subjects, now);
      if (both(demand, old) != demand) return true;
    }
  }
  return false;
}

TEST(proofs, that_nothing_is_loosened_hold) {
  Random random(kSeed);
  std::size_t proven = 0;
  std::size_t refuted = 0;
  std::size_t undecided = 0;
  for (std::size_t i = 0; i < 5'000; ++i) {
    RandomPolicy policy = RandomPolicy::make(random);
    const std::string before = policy.write();
    for (std::size_t changes = 1 + below(random, 3); changes > 0; --changes) policy.change(random);
    const std::string after = policy.write();
    const auto from = Policy::read(before, "from.toml");
    const auto to = Policy::read(after, "to.toml");
    if (!from || !to || before == after) continue;  // One of the rules can never hold.
    const Comparison compared = compare(*from, *to);
    const bool is_milder = is_milder_once(*from, *to, random);
    ASSERT_FALSE(is_milder && compared.loosens.empty()) << "round " << i << "\nfrom\n" << before << "\nto\n" << after;
    const bool is_stricter = !is_milder && is_milder_once(*to, *from, random);
    ASSERT_TRUE(compared.tightens || !is_stricter) << "round " << i << "\nfrom\n" << before << "\nto\n" << after;
    ++(compared.loosens.empty() ? proven : is_milder ? refuted : undecided);
  }
  EXPECT_GT(proven, 1'000U);
  EXPECT_GT(refuted, 1'000U);
  EXPECT_LT(undecided, proven / 2) << "loosens, for all that is known";
  RecordProperty("proven", static_cast<int>(proven));
  RecordProperty("refuted", static_cast<int>(refuted));
  RecordProperty("undecided", static_cast<int>(undecided));
}

TEST(proofs, that_a_rule_never_holds_hold) {
  Random random(kSeed + 1);
  const auto frame = Policy::read(
      [&] {
        RandomPolicy policy = RandomPolicy::make(random);
        policy.rules.resize(1);
        policy.rules[0].when = {RandomCondition::Kind::leaf, {}, RandomCondition::kAssetIsWord, 0, 0};
        // Some condition has to name the assets that all may name.
        return policy.write() + "[[rules]]\nname = 'assets'\nthen = 'deny'\nreason = 'r'\nseverity = 'low'\n"
                                "when = '''sent('BTC') > amount('1', 'BTC') || sent('ETH') > amount('1', 'ETH')'''\n";
      }(),
      "p.toml");
  ASSERT_TRUE(frame) << frame.error().text;
  const cel::Environment& environment = frame->domain().environment;
  cel::Machine machine;
  std::size_t proven = 0;
  for (std::size_t i = 0; i < 20'000; ++i) {
    const RandomCondition condition = RandomCondition::make(random, 3);
    const std::string when = condition.write(false);
    const auto checked = cel::check(cel::resolve(*cel::parse(when), environment), environment, {.expected = cel::types::kBool});
    ASSERT_TRUE(checked) << when;
    if (!never_holds(*frame, *checked)) continue;
    ++proven;
    const auto program = cel::build(when, environment);
    for (std::size_t n = 0; n < kInputs; ++n) {
      Inputs inputs(*frame);
      RandomInputs values(random, {.with_unknown = false, .with_past = false});
      values.give(*frame, inputs);
      ASSERT_TRUE(machine.evaluate(*program, inputs.values()).is_bool(false)) << when;
    }
  }
  EXPECT_GT(proven, 120U);
  RecordProperty("proven", static_cast<int>(proven));
}

// That a rule always holds, and that one adds nothing to another.
TEST(proofs, behind_warnings_hold) {
  Random random(kSeed + 2);
  const std::regex always("rule (\\w+) always holds");
  const std::regex spare("rule (\\w+) adds nothing: (\\w+) holds .*");
  std::size_t seen_always = 0;
  std::size_t seen_spare = 0;
  for (std::size_t i = 0; i < 12'000; ++i) {
    const RandomPolicy made = RandomPolicy::make(random);
    const auto policy = Policy::read(made.write(), "p.toml");
    if (!policy) continue;
    Judge judge(*policy);
    for (const std::string& warning : policy->warnings()) {
      std::smatch names;
      const bool is_always = std::regex_match(warning, names, always);
      if (!is_always && !std::regex_match(warning, names, spare)) continue;
      ++(is_always ? seen_always : seen_spare);
      for (std::size_t n = 0; n < kInputs; ++n) {
        Inputs inputs(*policy);
        RandomInputs values(random, {.with_unknown = !one_in(random, 3), .with_past = false});
        values.give(*policy, inputs);
        const Verdict verdict = judge.judge(inputs);
        const auto fires = [&](const std::string& name) {
          return std::ranges::any_of(verdict.fired, [&](const Fired& each) { return policy->rules()[each.rule].name == name; }) ||
                 std::ranges::any_of(verdict.raised, [&](const Raised& each) { return policy->detectors()[each.detector].name == name; });
        };
        ASSERT_TRUE(is_always ? fires(names[1]) : fires(names[2]) || !fires(names[1])) << warning << '\n' << made.write();
      }
    }
  }
  EXPECT_GT(seen_always, 50U);
  EXPECT_GT(seen_spare, 50U);
  RecordProperty("always", static_cast<int>(seen_always));
  RecordProperty("spare", static_cast<int>(seen_spare));
}

}  // namespace
}  // namespace holdfast::policy
