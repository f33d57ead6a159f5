// A policy: windows, lists, rules, limits, detectors and tests, read from one TOML file and checked as a whole before it judges anything.
//
//   [[windows]]   name, keys (one or two kinds), length ("24h", "ever"); distinct, extremes, profile, rhythm: what else it tells;
//                 of = "paid" or "deposits", from, to: which facts it holds
//   [lists]       name = ["text", ...]: a set, for `x in name`
//   [[rules]]     name, when (an expression of type bool), then, reason, severity
//   [[limits]]    window, sum or count, then, reason: no more than that, the withdrawal itself included
//   [[detectors]] name, when, reason, severity, scope, steps = [what is asked, from the mildest on], decay
//   [[tests]]     name, given = {variables}, expect (what read_demand takes), fired = [names of rules and detectors]
//
// docs/policy/file.md tells what each means. Pure: neither files nor clocks.
#pragma once

#include "base/result.h"
#include "policy/cel/expression.h"
#include "policy/domain.h"
#include "policy/grades.h"
#include "policy/verdict.h"
#include "risk/windows.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::policy {

inline constexpr std::size_t kMaxPolicyBytes = 1 << 20;
inline constexpr std::size_t kMaxRules = 1'000;          // Limits and detectors included.
inline constexpr std::size_t kMaxRoles = 16;             // That may be asked to review, of all rules together.
inline constexpr std::size_t kMaxSteps = 6;
inline constexpr std::int64_t kMinDecayMs = 30 * 60 * kMsPerSecond;  // Never faster than people can look.
inline constexpr std::int64_t kMaxDecayMs = 30 * kMsPerDay;
inline constexpr std::size_t kMaxTests = 1'000;
inline constexpr std::size_t kMaxListEntries = 100'000;  // Of all lists together.
inline constexpr std::uint64_t kMaxRuleCost = 100'000;   // Of one evaluation, in CEL's units (docs/policy/language.md).
inline constexpr std::uint64_t kMaxPolicyCost = 1'000'000;  // Of all rules together.
inline constexpr std::uint64_t kMaxTestsCost = 20'000'000;  // Of all rules in all tests: a fraction of a second.
inline constexpr std::size_t kMaxText = 128;             // Bytes, of each text variable.
inline constexpr std::size_t kMaxLabels = 16;
inline constexpr Int128 kMostMoney = Int128{1} << 90;    // Millionths of a dollar, of each variable.

enum class Severity : std::uint8_t { low, medium, high, critical };

struct Condition {
  std::string name;
  std::string reason;
  Severity severity = Severity::medium;
  cel::Program when;
  std::vector<std::uint32_t> reads;  // The slots of the variables that it names.
};

struct Rule : Condition {
  Demand then;
};

struct Step {
  std::string written;  // As in the file.
  Demand demand;        // With what all steps before it ask for.
  bool freeze = false;  // Nothing of the subject goes on until people lift it.
};

// A rule that remembers. Each withdrawal that it fires for takes the subject one step up, and while the subject stands on a step,
// every withdrawal of his has that step's demand, whether it fires or not.
struct Detector : Condition {
  Scope scope = Scope::platform;
  std::vector<Step> steps;
  std::int64_t decay_ms = kMaxDecayMs;  // One step down after so long without firing. Never from a freeze.
};

// A window of the policy, and where it stands in what Windows::look() tells.
struct WindowUse {
  std::string name;
  std::uint32_t group = 0;   // Of Look::groups.
  std::uint32_t window = 0;  // Of Look::windows.
  risk::WindowSpec spec;
  std::uint32_t first_slot = 0;  // Of its variables: count, sum; age, idle, known where it is of length "ever"; what else was asked for.
  std::uint32_t slots = 0;       // How many these are.
};

struct PolicyTest {
  std::string name;
  std::map<std::uint32_t, std::string> texts;  // By slot: of a text, money, duration or timestamp.
  std::map<std::uint32_t, std::int64_t> numbers;
  std::map<std::uint32_t, bool> truths;
  std::map<std::uint32_t, std::vector<std::string>> lists;
  Demand expect;
  std::optional<std::vector<std::string>> fired;  // All that should, in the order of the policy. None: any.
};

// The slots of what every policy may name; the variables of windows and lists stand behind them.
enum Slot : std::uint32_t {
  kValue,          // usd: what is asked for, at the present price
  kWalletBalance,  // usd: of that asset, in all wallets that pay
  kAsset,          // string: its symbol
  kChain,          // string: CAIP-2
  kCustomer,       // string: the exchange's reference
  kDestination,    // string: the address as text
  kLabels,         // list(string): the categories of the destination's labels
  kTime,           // timestamp
  kDevice,         // string: the exchange's name of the customer's device; empty when it did not say, as the next two
  kIp,             // string
  kApiKey,         // string: its name, not the key
  kSinceReset,     // duration: since the customer's credentials, second factor or e-mail address changed; 292 years when never
  kPriceAge,       // duration: since somebody last told the asset's price
  kLabelsAge,      // duration: since somebody last looked for newer label lists
  kChainLag,       // duration: since the newest block that is known of the asset's chain
  kFirstOwnSlot,
};

class Policy {
 public:
  // Checks all of it, and runs its tests. `name` is how messages call the file. Refuses `policy_wrong` with "NAME:LINE:COLUMN: what"
  // and, for an expression, the place underlined; `policy_test_failed`.
  static Result<Policy> read(std::string_view text, const std::string& name);
  // All of that but the tests, for whoever runs them one by one. Nothing may be judged by what comes before they pass.
  static Result<Policy> read_untested(std::string_view text, const std::string& name);

  Hash32 hash() const { return hash_; }  // SHA-256 of the file.
  const Domain& domain() const { return *domain_; }
  const std::vector<Rule>& rules() const { return rules_; }
  const std::vector<Detector>& detectors() const { return detectors_; }
  const std::vector<risk::GroupSpec>& groups() const { return groups_; }
  const std::vector<WindowUse>& windows() const { return windows_; }
  const std::map<std::uint32_t, TextSet>& lists() const { return lists_; }  // By slot.
  const std::vector<PolicyTest>& tests() const { return tests_; }
  // Rules that hold always or never, that no test makes fire, whose condition stands twice. For people to look at.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  friend class PolicyReader;
  Policy() : domain_(std::make_unique<Domain>()) {}

  Hash32 hash_;
  std::unique_ptr<Domain> domain_;  // Programs point to it.
  std::vector<Rule> rules_;
  std::vector<Detector> detectors_;
  std::vector<risk::GroupSpec> groups_;
  std::vector<WindowUse> windows_;
  std::map<std::uint32_t, TextSet> lists_;
  std::vector<PolicyTest> tests_;
  std::vector<std::string> warnings_;
};

}  // namespace holdfast::policy
