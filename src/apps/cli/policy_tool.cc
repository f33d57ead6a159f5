#include "apps/cli/policy_tool.h"

#include "apps/cli/print.h"
#include "base/hex.h"
#include "config/files.h"
#include "policy/policy.h"

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

}  // namespace

Result<void> lint_policy(const Settings& settings, const std::string& file) {
  const auto text = config::read_file(file, policy::kMaxPolicyBytes);
  if (!text) return Failure(text.error());
  const auto policy = policy::Policy::read(*text, file);
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

}  // namespace holdfast::cli
