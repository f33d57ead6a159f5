#include "config/toml_reader.h"

#include <fmt/format.h>

#include <chrono>

namespace holdfast::config {

using chain::evm::Address20;

void Problem::report(const toml::source_region& where, std::string_view what) {
  if (!found()) text_ = fmt::format("{}:{}: {}", file_, where.begin.line, what);
}

std::string TomlReader::called(std::string_view key) const {
  if (key.empty()) return name_;
  return name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key);
}

void TomlReader::reject_node(const toml::node& node, std::string_view key, std::string_view what) {
  problem_.report(node.source(), fmt::format("{}: {}", called(key), what));
}

void TomlReader::reject(std::string_view key, std::string_view what) {
  const toml::node* node = key.empty() ? nullptr : table_.get(key);
  reject_node(node != nullptr ? *node : table_, key, what);
}

const toml::node* TomlReader::find(std::string_view key) {
  asked_.emplace(key);
  const toml::node* node = table_.get(key);
  if (node == nullptr) reject_node(table_, key, "is missing");
  return node;
}

bool TomlReader::is_empty_text(std::string_view key) {
  const toml::node* node = find(key);
  return node != nullptr && node->value_exact<std::string>() == std::string();
}

std::string TomlReader::text(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return {};
  const auto value = node->value_exact<std::string>();
  if (!value || value->empty()) reject_node(*node, key, "has to be a text in quotes, not empty");
  return value.value_or("");
}

bool TomlReader::flag(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return false;
  const auto value = node->value_exact<bool>();
  if (!value) reject_node(*node, key, "has to be true or false");
  return value.value_or(false);
}

std::vector<std::string> TomlReader::texts(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return {};
  std::vector<std::string> out;
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    reject_node(*node, key, "has to be a list of texts");
    return out;
  }
  for (const toml::node& element : *array) {
    const auto value = element.value_exact<std::string>();
    if (!value || value->empty()) reject_node(element, key, "has to be a list of texts in quotes, none empty");
    out.push_back(value.value_or(""));
  }
  return out;
}

std::uint64_t TomlReader::number(std::string_view key, std::uint64_t min, std::uint64_t max) {
  const toml::node* node = find(key);
  if (node == nullptr) return min;
  const auto value = node->value_exact<std::int64_t>();
  if (!value || *value < 0 || static_cast<std::uint64_t>(*value) < min || static_cast<std::uint64_t>(*value) > max) {
    reject_node(*node, key, fmt::format("has to be a whole number from {} to {}", min, max));
    return min;
  }
  return static_cast<std::uint64_t>(*value);
}

Address20 TomlReader::address_of(const toml::node& node, std::string_view key) {
  const auto value = node.value_exact<std::string>();
  const auto address = value ? chain::evm::parse_address(*value) : refuse("address_malformed", "has to be a text");
  if (!address) {
    reject_node(node, key, address.error().text);
    return {};
  }
  if (address->is_zero()) reject_node(node, key, "the zero address is nobody's");
  return *address;
}

Address20 TomlReader::address(std::string_view key) {
  const toml::node* node = find(key);
  return node != nullptr ? address_of(*node, key) : Address20{};
}

std::vector<Address20> TomlReader::addresses(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return {};
  std::vector<Address20> out;
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    reject_node(*node, key, "has to be a list of addresses");
    return out;
  }
  for (const toml::node& element : *array) out.push_back(address_of(element, key));
  return out;
}

Instant TomlReader::time(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return {};
  const auto value = node->value_exact<toml::date_time>();
  if (!value || !value->offset || value->date.year < 1970) {
    reject_node(*node, key, "has to be a time from 1970 on, with its zone, such as 2026-11-27T20:00:00Z");
    return {};
  }
  const std::chrono::sys_days day = std::chrono::year(value->date.year) / value->date.month / value->date.day;
  const std::int64_t minutes = std::int64_t{value->time.hour} * 60 + value->time.minute - value->offset->minutes;
  const std::int64_t seconds = std::int64_t{day.time_since_epoch().count()} * 86'400 + minutes * 60 + value->time.second;
  return {seconds * kMsPerSecond};
}

Amount TomlReader::amount(std::string_view key, unsigned decimals) {
  const toml::node* node = find(key);
  if (node == nullptr) return {};
  std::string text = node->value_exact<std::string>().value_or("");
  if (const auto whole = node->value_exact<std::int64_t>()) text = fmt::format("{}", *whole);
  const ParsedAmount parsed = parse_decimal(text, decimals);
  if (parsed.amount) return *parsed.amount;
  switch (parsed.error) {
    case AmountError::malformed:
      reject_node(*node, key, "has to be a whole number, or a decimal number in quotes such as \"1.5\"");
      break;
    case AmountError::too_precise:
      reject_node(*node, key, fmt::format("has more than {} digits behind the point", decimals));
      break;
    case AmountError::too_large:
      reject_node(*node, key, "is too large");
      break;
  }
  return {};
}

void TomlReader::table(std::string_view key, const std::function<void(TomlReader&)>& read) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  if (node->as_table() == nullptr) return reject_node(*node, key, "has to be a table");
  TomlReader inner(*node->as_table(), called(key), problem_);
  read(inner);
  inner.finish();
}

void TomlReader::each_table(std::string_view key, const std::function<void(TomlReader&)>& read) {
  asked_.emplace(key);
  const toml::node* node = table_.get(key);
  if (node == nullptr) return;
  if (node->as_array() == nullptr) return reject_node(*node, key, "has to be a list of tables");
  for (const toml::node& element : *node->as_array()) {
    if (element.as_table() == nullptr) return reject_node(element, key, "has to be a table");
    TomlReader inner(*element.as_table(), called(key), problem_);
    read(inner);
    inner.finish();
  }
}

void TomlReader::each_member(std::string_view key, const std::function<void(const std::string&, TomlReader&)>& read) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  if (node->as_table() == nullptr) return reject_node(*node, key, "has to be a table");
  for (const auto& [name, member] : *node->as_table()) {
    const std::string member_name(name.str());
    if (member.as_table() == nullptr)
      return reject_node(member, key, fmt::format("\"{}\" has to be a table", member_name));
    TomlReader inner(*member.as_table(), fmt::format("{}.\"{}\"", called(key), member_name), problem_);
    read(member_name, inner);
    inner.finish();
  }
}

void TomlReader::finish() {
  for (const auto& [key, node] : table_) {
    if (!asked_.contains(key.str())) reject_node(node, key.str(), "unknown key");
  }
}

}  // namespace holdfast::config
