// Reads TOML tables strictly: each key is asked for by type, and what nobody asked for is an error. Only the first problem
// is kept; after it every answer is a default value.
#pragma once

#include "base/amount.h"
#include "base/instant.h"
#include "base/toml.h"
#include "chain/evm/codec/address.h"

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::config {

// The first problem of a file.
class Problem {
 public:
  explicit Problem(std::string file) : file_(std::move(file)) {}
  void report(const toml::source_region& where, std::string_view what);
  bool found() const { return !text_.empty(); }
  const std::string& text() const { return text_; }  // "FILE:LINE: what"

 private:
  std::string file_;
  std::string text_;
};

class TomlReader {
 public:
  // `name` is how messages call the table. Both must outlive the reader.
  TomlReader(const toml::table& table, std::string name, Problem& problem)
      : table_(table), name_(std::move(name)), problem_(problem) {}

  bool has(std::string_view key) const { return table_.contains(key); }
  bool is_empty_text(std::string_view key);  // The key is there, and "".
  std::string text(std::string_view key);
  std::vector<std::string> texts(std::string_view key);
  bool flag(std::string_view key);  // true or false
  std::uint64_t number(std::string_view key, std::uint64_t min, std::uint64_t max);
  chain::evm::Address20 address(std::string_view key);  // Never zero.
  std::vector<chain::evm::Address20> addresses(std::string_view key);
  Instant time(std::string_view key);  // 2026-11-27T20:00:00Z, from 1970 on; the offset has to be there.
  // A text "1.5", or a whole number, of an asset with so many decimals.
  Amount amount(std::string_view key, unsigned decimals);
  // Missing keys give no tables at all.
  void table(std::string_view key, const std::function<void(TomlReader&)>& read);
  void each_table(std::string_view key, const std::function<void(TomlReader&)>& read);  // of an array of tables
  void each_member(std::string_view key,
                   const std::function<void(const std::string&, TomlReader&)>& read);  // of a table

  // Call after the last key was read: reports the first key that nobody asked for.
  void finish();
  // A problem with a key's value, or (with an empty key) with the table as a whole.
  void reject(std::string_view key, std::string_view what);

 private:
  const toml::node* find(std::string_view key);  // Reports it when missing.
  chain::evm::Address20 address_of(const toml::node& node, std::string_view key);
  void reject_node(const toml::node& node, std::string_view key, std::string_view what);
  std::string called(std::string_view key) const;

  const toml::table& table_;
  std::string name_;
  Problem& problem_;
  std::set<std::string, std::less<>> asked_;
};

}  // namespace holdfast::config
