#include "apps/cli/policy_tool.h"

#include "apps/cli/print.h"
#include "base/hex.h"
#include "policy/judge.h"

#include <nlohmann/json.hpp>

#include <fstream>

namespace holdfast::cli {
namespace {

constexpr const char* kSeverities[] = {"low", "medium", "high", "critical"};

Result<std::string> read_file(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  std::string text(policy::kMaxPolicyBytes + 1, '\0');
  if (!file.read(text.data(), static_cast<std::streamsize>(text.size())) && file.gcount() == 0) {
    return refuse("file_unreadable", name + " is empty or cannot be read");
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

}  // namespace

Result<void> lint_policy(const Settings& settings, const std::string& file) {
  const auto text = read_file(file);
  if (!text) return Failure(text.error());
  const auto policy = policy::Policy::read(*text, file);
  if (!policy) return Failure(policy.error());
  if (const auto passed = policy::run_tests(*policy); !passed) return Failure(passed.error());
  Json rules = Json::array();
  for (const policy::Rule& rule : policy->rules()) {
    rules.push_back({{"name", rule.name},
                     {"severity", kSeverities[static_cast<std::size_t>(rule.severity)]},
                     {"then", policy::write_action(rule.then)},
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
