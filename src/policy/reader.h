// How a policy's file becomes a Policy: one reader, its parts by subject in policy.cc, read_windows.cc, read_rules.cc, read_tests.cc.
//
// The first problem only is told; after it everything else is nonsense that is thrown away.
#pragma once

#include "base/printable.h"
#include "base/toml.h"
#include "policy/policy.h"

#include <initializer_list>
#include <set>

namespace holdfast::policy {

inline constexpr std::size_t kLongestShown = 100;
inline std::string shown(std::string_view text) { return printable(text.substr(0, kLongestShown)); }

// A name of the policy's own: no dots, so that windows' variables cannot be confused with it.
bool is_name(std::string_view text);

// What a condition or a test would take for an asset's.
bool is_reserved(std::string_view name);

// Where in the file.
struct Place {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

class PolicyReader {
 public:
  explicit PolicyReader(std::string name) : name_(std::move(name)) {}
  Result<Policy> read(std::string_view text);  // Without running its tests.

 private:
  // The file as such.
  void reject(const toml::source_region& where, std::string_view what);
  void reject_at(Place place, std::string_view what);
  bool failed() const { return !problem_.empty(); }
  std::string text(const toml::table& table, std::string_view key);
  bool truth(const toml::table& table, std::string_view key);
  // In milliseconds; over 0.
  std::int64_t duration(const toml::table& table, std::string_view key, std::string_view form);
  void allow_only(const toml::table& table, std::initializer_list<std::string_view> keys);
  void each(const toml::table& root, std::string_view key, void (PolicyReader::*read_one)(const toml::table&));
  std::string fresh_name(const toml::table& table);

  // What conditions may name.
  void declare_fixed();
  void declare_assets(const toml::table& root);
  void read_window(const toml::table& table);
  std::vector<risk::KeyKind> keys(const toml::table& table);
  risk::WindowSpec window_spec(const toml::table& table);
  risk::Stream stream(const toml::table& table);
  risk::Band band(const toml::table& table);
  std::int64_t edge(const toml::table& table, std::string_view key, std::int64_t otherwise);
  void declare_variables(WindowUse& use);
  void place_windows();
  void read_lists(const toml::table& root);

  // Rules, limits, detectors.
  Demand demand(const toml::table& table, std::string_view key);
  std::optional<Condition> condition(const toml::table& table, std::string name, std::string when, const toml::source_region& where);
  std::optional<Condition> compiled(std::string name, const std::string& when, const toml::source_region& where);
  void count_roles(const Demand& demand, const toml::source_region& where);
  void count_cost(const Condition& condition, const toml::source_region& where);
  void add_rule(const toml::table& table, std::string name, std::string when, const toml::source_region& where);
  void read_rule(const toml::table& table);
  void read_limit(const toml::table& table);
  void read_detector(const toml::table& table);
  std::vector<Step> steps(const toml::table& table, Scope scope);
  void add_step(std::vector<Step>& steps, const toml::node& node, Scope scope);

  // The policy's own tests.
  void read_test(const toml::table& table);
  void read_fired(PolicyTest& test, const toml::node& node);
  bool read_sent(PolicyTest& test, std::string_view symbol, const toml::node& node);
  void read_given(PolicyTest& test, const toml::table& given, const std::string& prefix);
  void read_value(PolicyTest& test, std::uint32_t slot, const toml::node& node);
  void warn_of_untested();

  cel::Environment& environment() { return policy_.domain_->environment; }

  std::string name_;
  std::string problem_;
  Policy policy_;
  std::set<std::string> names_;                    // Of rules, detectors, windows, lists: each once.
  std::vector<risk::GroupSpec> asked_;             // By window: the group that it belongs to, without windows.
  std::map<std::string, std::string> conditions_;  // And which rule has it.
  std::set<std::string> tested_;                   // Rules and detectors that a test names.
  std::set<std::string> roles_;                    // That are asked to review.
  std::uint64_t cost_ = 0;                         // Of all conditions so far.
};

}  // namespace holdfast::policy
