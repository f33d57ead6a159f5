#include "apps/cli/policy_tool.h"

#include "apps/cli/print.h"
#include "base/hex.h"
#include "config/files.h"
#include "policy/compare.h"
#include "policy/judge.h"

#include <nlohmann/json.hpp>

namespace holdfast::cli {
namespace {

constexpr const char* kSeverities[] = {"low", "medium", "high", "critical"};

Json told(const policy::Condition& condition) {
  return {{"name", condition.name},
          {"severity", kSeverities[static_cast<std::size_t>(condition.severity)]},
          {"cost_at_most", condition.when.cost_bound},
          {"when", condition.when.source},
          {"reason", condition.reason}};
}

Json rules_of(const policy::Policy& policy) {
  Json out = Json::array();
  for (const policy::Rule& rule : policy.rules()) {
    out.push_back(told(rule));
    out.back()["then"] = policy::write_demand(rule.then);
  }
  return out;
}

Json detectors_of(const policy::Policy& policy) {
  Json out = Json::array();
  for (const policy::Detector& detector : policy.detectors()) {
    Json steps = Json::array();
    for (const policy::Step& step : detector.steps) steps.push_back(step.written);
    out.push_back(told(detector));
    out.back()["scope"] = policy::name(detector.scope);
    out.back()["steps"] = std::move(steps);
    out.back()["decay"] = policy::write_length(detector.decay_ms);
  }
  return out;
}

// A step may have commas of its own.
Json with_steps_in_a_row(Json detectors) {
  for (Json& detector : detectors) {
    std::string row;
    for (const Json& step : detector["steps"]) row += (row.empty() ? "" : " > ") + step.get<std::string>();
    detector["steps"] = row;
  }
  return detectors;
}

Result<policy::Policy> read_policy(const std::string& file) {
  const auto text = config::read_file(file, policy::kMaxPolicyBytes);
  if (!text) return Failure(text.error());
  return policy::Policy::read(*text, file);
}

std::string effect_of(policy::Effect effect) {
  switch (effect) {
    case policy::Effect::neither: return "neither";
    case policy::Effect::tightens: return "tightens";
    case policy::Effect::loosens: return "loosens";
  }
  return "";
}

}  // namespace

Result<void> lint_policy(const Settings& settings, const std::string& file) {
  const auto policy = read_policy(file);
  if (!policy) return Failure(policy.error());
  const Json out{{"policy", to_hex(policy->hash().view())},
                 {"windows", policy->windows().size()},
                 {"tests_passed", policy->tests().size()},
                 {"warnings", policy->warnings()},
                 {"rules", rules_of(*policy)},
                 {"detectors", detectors_of(*policy)}};
  const bool shows_rules = settings.json || !policy->rules().empty();
  if (shows_rules) print_list(settings, out, "rules", {{"RULE", "name"}, {"SEVERITY", "severity"}, {"THEN", "then"}, {"COST AT MOST", "cost_at_most"}});
  if (settings.json) return {};
  const Json shown{{"detectors", with_steps_in_a_row(out["detectors"])}};
  if (!policy->detectors().empty()) {
    print_list(settings, shown, "detectors",
               {{"DETECTOR", "name"}, {"SEVERITY", "severity"}, {"SCOPE", "scope"}, {"STEPS", "steps"}, {"DECAY", "decay"},
                {"COST AT MOST", "cost_at_most"}});
  }
  for (const std::string& warning : policy->warnings()) print_text("warning: " + warning + "\n");
  print_text("tests passed: " + std::to_string(policy->tests().size()) + "\npolicy " + out["policy"].get<std::string>() + "\n");
  return {};
}

Result<void> test_policy(const Settings& settings, const std::string& file) {
  const auto text = config::read_file(file, policy::kMaxPolicyBytes);
  if (!text) return Failure(text.error());
  const auto policy = policy::Policy::read_untested(*text, file);
  if (!policy) return Failure(policy.error());
  Json tests = Json::array();
  std::size_t failed = 0;
  for (const policy::PolicyTest& test : policy->tests()) {
    const policy::TestOutcome done = policy::run_test(*policy, test);
    failed += done.passed ? 0U : 1U;
    tests.push_back({{"name", test.name}, {"passed", done.passed}, {"expected", done.expected}, {"came", done.came}});
    if (settings.json) continue;
    print_text((done.passed ? "pass  " : "FAIL  ") + test.name + '\n');
    if (!done.passed) print_text("      expected " + done.expected + "\n      came     " + done.came + '\n');
  }
  const std::size_t all = policy->tests().size();
  if (settings.json) {
    print_thing(settings, {{"policy", to_hex(policy->hash().view())}, {"passed", all - failed}, {"failed", failed}, {"tests", tests}});
  } else {
    print_text("passed: " + std::to_string(all - failed) + ", failed: " + std::to_string(failed) + '\n');
  }
  if (failed == 0) return {};
  return refuse("policy_test_failed", file + ": " + std::to_string(failed) + " of " + std::to_string(all) + " tests failed");
}

Result<void> diff_policies(const Settings& settings, const std::string& from, const std::string& to) {
  const auto old = read_policy(from);
  if (!old) return Failure(old.error());
  const auto now = read_policy(to);
  if (!now) return Failure(now.error());
  const policy::Comparison compared = policy::compare(*old, *now);
  Json differences = Json::array();
  for (const policy::Difference& each : compared.differences) {
    differences.push_back({{"what", each.what}, {"name", each.name}, {"change", each.change}, {"effect", effect_of(each.effect)}});
  }
  const std::string verdict = !compared.loosens.empty() ? "loosens" : compared.tightens ? "tightens" : "equal";
  print_list(settings,
             {{"from", to_hex(old->hash().view())},
              {"to", to_hex(now->hash().view())},
              {"verdict", verdict},
              {"reasons", compared.loosens},
              {"differences", std::move(differences)}},
             "differences", {{"WHAT", "what"}, {"NAME", "name"}, {"EFFECT", "effect"}, {"CHANGE", "change"}});
  if (!settings.json) {
    for (const std::string& reason : compared.loosens) print_text("loosens: " + reason + '\n');
    print_text("verdict: " + verdict + '\n');
  }
  if (compared.loosens.empty()) return {};
  return fault("policy_loosens", to + " may be milder than " + from);
}

}  // namespace holdfast::cli
