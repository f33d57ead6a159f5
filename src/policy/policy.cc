#include "policy/policy.h"

#include "policy/analysis/findings.h"
#include "policy/cel/functions/civil_time.h"
#include "policy/judge.h"
#include "policy/reader.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>

namespace holdfast::policy {

constexpr std::size_t kLongestName = 48;

bool is_name(std::string_view text) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !text.empty() && text.size() <= kLongestName && text[0] >= 'a' && text[0] <= 'z' && std::ranges::all_of(text, fits);
}

bool is_reserved(std::string_view name) { return name == "amount" || name == "sent"; }

void PolicyReader::reject_at(Place place, std::string_view what) {
  if (!failed()) problem_ = fmt::format("{}:{}:{}: {}", name_, place.line, place.column, what);
}

void PolicyReader::reject(const toml::source_region& where, std::string_view what) {
  reject_at({where.begin.line, where.begin.column}, what);
}

std::string PolicyReader::text(const toml::table& table, std::string_view key) {
  const toml::node* node = table.get(key);
  if (node == nullptr) {
    reject(table.source(), fmt::format("{} is missing", key));
    return {};
  }
  const auto value = node->value_exact<std::string>();
  if (!value || value->empty()) reject(node->source(), fmt::format("{} has to be a text in quotes, not empty", key));
  return value.value_or("");
}

bool PolicyReader::truth(const toml::table& table, std::string_view key) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return false;
  const auto value = node->value_exact<bool>();
  if (!value) reject(node->source(), fmt::format("{} has to be true or false", key));
  return value.value_or(false);
}

std::int64_t PolicyReader::duration(const toml::table& table, std::string_view key, std::string_view form) {
  const std::string written = text(table, key);
  if (failed()) return 0;
  std::int64_t nanos = 0;
  const toml::source_region& where = table.get(key)->source();
  if (cel::read_duration(written, nanos) != cel::DurationProblem::none) reject(where, fmt::format("{} has to be like {}", key, form));
  const std::int64_t ms = nanos / 1'000'000;
  if (ms <= 0) reject(where, "is too short");
  return ms;
}

void PolicyReader::allow_only(const toml::table& table, std::initializer_list<std::string_view> keys) {
  for (const auto& [key, node] : table) {
    if (std::ranges::find(keys, key.str()) == keys.end()) reject(key.source(), fmt::format("{} means nothing here", shown(key.str())));
  }
}

void PolicyReader::each(const toml::table& root, std::string_view key, void (PolicyReader::*read_one)(const toml::table&)) {
  const toml::node* node = root.get(key);
  if (node == nullptr) return;
  const toml::array* array = node->as_array();
  if (array == nullptr) return reject(node->source(), fmt::format("{0} has to be an array of tables: [[{0}]]", key));
  for (const toml::node& element : *array) {
    if (failed()) return;
    if (const toml::table* table = element.as_table()) (this->*read_one)(*table);
    else reject(element.source(), fmt::format("{0} has to be an array of tables: [[{0}]]", key));
  }
}

std::string PolicyReader::fresh_name(const toml::table& table) {
  std::string name = text(table, "name");
  if (failed()) return name;
  const toml::source_region& where = table.get("name")->source();
  if (is_reserved(name)) reject(where, fmt::format("{} means something already", name));
  if (!is_name(name)) reject(where, "a name is made of a-z, 0-9 and _, begins with a letter and has at most 48 of them");
  if (environment().find(name, true).kind != cel::Meaning::Kind::none) reject(where, fmt::format("{} means something already", name));
  if (!names_.insert(name).second) reject(where, fmt::format("there is a {} already", name));
  return name;
}

Result<Policy> PolicyReader::read(std::string_view text) {
  if (text.size() > kMaxPolicyBytes) return refuse("policy_wrong", fmt::format("{}: is larger than 1 MiB", name_));
  crypto_hash_sha256(policy_.hash_.bytes.data(), as_bytes(text).data(), text.size());
  const toml::parse_result parsed = parse_toml(text);
  if (!parsed) {
    reject(parsed.error().source(), parsed.error().description());
    return refuse("policy_wrong", problem_);
  }
  const toml::table& root = parsed.table();
  allow_only(root, {"windows", "lists", "rules", "limits", "detectors", "tests"});
  declare_fixed();
  declare_assets(root);
  each(root, "windows", &PolicyReader::read_window);
  if (!failed()) place_windows();
  if (!failed()) read_lists(root);
  if (!failed()) each(root, "rules", &PolicyReader::read_rule);
  if (!failed()) each(root, "limits", &PolicyReader::read_limit);
  if (!failed()) each(root, "detectors", &PolicyReader::read_detector);
  if (!failed()) each(root, "tests", &PolicyReader::read_test);
  const bool tests_are_cheap = policy_.tests_.size() * cost_ <= kMaxTestsCost;
  if (!failed() && !tests_are_cheap) reject_at({}, "has tests that may cost over 20,000,000 units together: fewer of them, or cheaper rules");
  const bool is_empty = policy_.rules_.empty() && policy_.detectors_.empty();
  if (!failed() && is_empty) reject_at({}, "has no rule: everything would be allowed");
  if (failed()) return refuse("policy_wrong", problem_);
  warn_of_untested();
  std::ranges::move(findings(policy_), std::back_inserter(policy_.warnings_));
  return std::move(policy_);
}

const AssetUse* Policy::asset_at(std::uint32_t slot) const {
  const auto found = std::ranges::find(assets_, slot, &AssetUse::slot);
  return found == assets_.end() ? nullptr : &*found;
}

Result<Policy> Policy::read_untested(std::string_view text, const std::string& name) { return PolicyReader(name).read(text); }

Result<Policy> Policy::read(std::string_view text, const std::string& name) {
  auto policy = read_untested(text, name);
  if (!policy) return policy;
  if (const auto passed = run_tests(*policy); !passed) return refuse(passed.error().code, name + ": " + passed.error().text);
  return policy;
}

}  // namespace holdfast::policy
