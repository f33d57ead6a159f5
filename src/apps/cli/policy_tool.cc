#include "apps/cli/policy_tool.h"

#include "apps/cli/files.h"
#include "apps/cli/print.h"
#include "base/hex.h"
#include "policy/policy.h"

#include <nlohmann/json.hpp>

namespace holdfast::cli {
namespace {

constexpr const char* kSeverities[] = {"low", "medium", "high", "critical"};

}  // namespace

Result<void> lint_policy(const Settings& settings, const std::string& file) {
  const auto text = read_file(file, policy::kMaxPolicyBytes);
  if (!text) return Failure(text.error());
  const auto policy = policy::Policy::read(*text, file);
  if (!policy) return Failure(policy.error());
  Json rules = Json::array();
  for (const policy::Rule& rule : policy->rules()) {
    rules.push_back({{"name", rule.name},
                     {"severity", kSeverities[static_cast<std::size_t>(rule.severity)]},
                     {"then", policy::write_demand(rule.then)},
                     {"cost_at_most", rule.when.cost_bound},
                     {"when", rule.when.source},
                     {"reason", rule.reason}});
  }
  Json out{{"policy", to_hex(policy->hash().view())},
           {"windows", policy->windows().size()},
           {"tests_passed", policy->tests().size()},
           {"warnings", policy->warnings()},
           {"rules", std::move(rules)}};
  print_list(settings, out, "rules", {{"RULE", "name"}, {"SEVERITY", "severity"}, {"THEN", "then"}, {"COST AT MOST", "cost_at_most"}});
  if (settings.json) return {};
  for (const std::string& warning : policy->warnings()) print_text("warning: " + warning + "\n");
  print_text("tests passed: " + std::to_string(policy->tests().size()) + "\npolicy " + out["policy"].get<std::string>() + "\n");
  return {};
}

}  // namespace holdfast::cli
