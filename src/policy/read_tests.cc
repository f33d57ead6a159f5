// Reads a policy's own tests.
#include "policy/cel/functions/civil_time.h"
#include "policy/reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace holdfast::policy {

namespace types = cel::types;

void PolicyReader::read_value(PolicyTest& test, std::uint32_t slot, const toml::node& node) {
  const cel::TypeId type = environment().variable(slot).type;
  const bool is_amount = policy_.asset_at(slot) != nullptr;
  const auto words = node.value_exact<std::string>();
  if (const auto number = node.value_exact<std::int64_t>(); number && type == types::kInt) {
    test.numbers[slot] = *number;
  } else if (const auto flag = node.value_exact<bool>(); flag && type == types::kBool) {
    test.truths[slot] = *flag;
  } else if (const toml::array* array = node.as_array(); array != nullptr && slot == kLabels) {
    for (const toml::node& element : *array) {
      if (!element.is_string()) reject(element.source(), "a label has to be a text");
      test.lists[slot].push_back(element.value_exact<std::string>().value_or(""));
    }
  } else if (std::int64_t nanos = 0;
             words && (type == types::kString || (type == policy_.domain_->usd_type() && read_usd(*words)) ||
                       (is_amount && read_amount(*words)) ||
                       (type == types::kTimestamp && cel::read_instant(*words)) ||
                       (type == types::kDuration && cel::read_duration(*words, nanos) == cel::DurationProblem::none))) {
    test.texts[slot] = *words;
  } else {
    reject(node.source(), fmt::format("{} is of type {}", environment().variable(slot).name, environment().types().name(type)));
  }
}

bool PolicyReader::read_sent(PolicyTest& test, std::string_view symbol, const toml::node& node) {
  const auto asset = std::ranges::find(policy_.assets_, symbol, &AssetUse::symbol);
  if (asset == policy_.assets_.end()) return false;
  read_value(test, asset->slot, node);
  return true;
}

void PolicyReader::read_given(PolicyTest& test, const toml::table& given, const std::string& prefix) {
  for (const auto& [key, node] : given) {
    const std::string name = prefix + std::string(key.str());
    if (prefix == "sent.") {
      if (!read_sent(test, key.str(), node)) reject(key.source(), fmt::format("no condition speaks of {}", shown(name)));
      continue;
    }
    const cel::Meaning meaning = environment().find(name, true);
    if (meaning.kind == cel::Meaning::Kind::variable && !policy_.lists_.contains(meaning.index)) {
      read_value(test, meaning.index, node);
    } else if (const toml::table* inner = node.as_table(); inner != nullptr && prefix.empty()) {
      read_given(test, *inner, name + ".");
    } else {
      reject(key.source(), fmt::format("there is no variable {}", shown(name)));
    }
  }
}

void PolicyReader::read_fired(PolicyTest& test, const toml::node& node) {
  const toml::array* names = node.as_array();
  if (names == nullptr) return reject(node.source(), "fired has to be a list of names");
  test.fired.emplace();
  for (const toml::node& name : *names) {
    test.fired->push_back(name.value_exact<std::string>().value_or(""));
    const std::string& fired = test.fired->back();
    const bool is_rule = std::ranges::find(policy_.rules_, fired, &Rule::name) != policy_.rules_.end();
    const bool is_detector = std::ranges::find(policy_.detectors_, fired, &Detector::name) != policy_.detectors_.end();
    if (!is_rule && !is_detector) return reject(name.source(), fmt::format("there is no rule {}", shown(fired)));
    tested_.insert(fired);
  }
}

void PolicyReader::read_test(const toml::table& table) {
  allow_only(table, {"name", "given", "expect", "fired"});
  if (policy_.tests_.size() == kMaxTests) return reject(table.source(), "is one test more than the 1,000 that a policy may have");
  PolicyTest test;
  test.name = shown(text(table, "name"));
  const toml::table* given = table["given"].as_table();
  if (given == nullptr) return reject(table.source(), "given has to be a table of variables");
  read_given(test, *given, "");
  test.expect = demand(table, "expect");
  if (const toml::node* fired = table.get("fired")) read_fired(test, *fired);
  policy_.tests_.push_back(std::move(test));
}

void PolicyReader::warn_of_untested() {
  const auto look_for = [&](const Condition& rule) {
    if (!tested_.contains(rule.name)) policy_.warnings_.push_back(fmt::format("no test says when rule {} fires", rule.name));
  };
  std::ranges::for_each(policy_.rules_, look_for);
  std::ranges::for_each(policy_.detectors_, look_for);
}

}  // namespace holdfast::policy
