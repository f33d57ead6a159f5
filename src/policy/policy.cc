#include "policy/policy.h"

#include "base/check.h"
#include "base/printable.h"
#include "base/toml.h"
#include "policy/analysis/findings.h"
#include "policy/cel/functions/civil_time.h"
#include "policy/cel/run/compile.h"
#include "policy/judge.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <set>

namespace holdfast::policy {
namespace {

using cel::Bound;
namespace types = cel::types;

constexpr std::size_t kLongestName = 48;
constexpr std::size_t kLongestShown = 100;
constexpr std::string_view kSeverities[] = {"low", "medium", "high", "critical"};

// A name of the policy's own: no dots, so that windows' variables cannot be confused with it.
bool is_name(std::string_view text) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !text.empty() && text.size() <= kLongestName && text[0] >= 'a' && text[0] <= 'z' && std::ranges::all_of(text, fits);
}

std::optional<risk::KeyKind> key_kind(std::string_view text) {
  for (std::size_t i = 0; i < risk::kKeyKinds; ++i) {
    if (risk::name(static_cast<risk::KeyKind>(i)) == text) return static_cast<risk::KeyKind>(i);
  }
  return std::nullopt;
}

std::string shown(std::string_view text) { return printable(text.substr(0, kLongestShown)); }

// Where in the file a place in a TOML string stands. Escapes of basic strings are counted as what they stand for.
struct Place {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

Place place_in(const toml::source_region& region, std::string_view expression, std::uint32_t at) {
  const cel::Position inside = cel::position_of(expression, at);
  const bool is_multiline = region.end.line > region.begin.line;
  if (!is_multiline) return {region.begin.line, region.begin.column + inside.column};
  // The newline right behind the opening quotes is not part of the text; a text that begins on their line stands behind three.
  const auto lines = 1 + static_cast<std::uint32_t>(std::ranges::count(expression, '\n'));
  const bool begins_below = region.end.line - region.begin.line + 1 > lines;
  const std::uint32_t line = region.begin.line + inside.line - 1 + (begins_below ? 1U : 0U);
  const bool behind_quotes = !begins_below && inside.line == 1;
  return {line, inside.column + (behind_quotes ? region.begin.column + 2 : 0)};
}

}  // namespace

class PolicyReader {
 public:
  explicit PolicyReader(std::string name) : name_(std::move(name)) {}
  Result<Policy> read(std::string_view text);

 private:
  // The first problem only; after it everything else is nonsense that is thrown away.
  void reject(const toml::source_region& where, std::string_view what);
  void reject_at(Place place, std::string_view what);
  bool failed() const { return !problem_.empty(); }

  std::string text(const toml::table& table, std::string_view key);
  bool truth(const toml::table& table, std::string_view key);
  void allow_only(const toml::table& table, std::initializer_list<std::string_view> keys);
  void each(const toml::table& root, std::string_view key, void (PolicyReader::*read_one)(const toml::table&));
  std::string fresh_name(const toml::table& table);

  void declare_fixed();
  void read_window(const toml::table& table);
  void place_windows();
  void read_lists(const toml::table& root);
  void read_rule(const toml::table& table);
  void read_limit(const toml::table& table);
  void add_rule(const toml::table& table, std::string name, std::string when, const toml::source_region& where);
  void read_test(const toml::table& table);
  void read_fired(PolicyTest& test, const toml::node& node);
  void warn_of_untested();
  void read_given(PolicyTest& test, const toml::table& given, const std::string& prefix);
  void read_value(PolicyTest& test, std::uint32_t slot, const toml::node& node);
  Demand demand(const toml::table& table, std::string_view key);

  cel::Environment& environment() { return policy_.domain_->environment; }

  std::string name_;
  std::string problem_;
  Policy policy_;
  std::set<std::string> names_;  // Of rules, windows, lists: each once.
  std::vector<std::vector<risk::KeyKind>> keys_;  // By window.
  std::map<std::string, std::string> conditions_;  // And which rule has it.
  std::set<std::string> tested_;                   // Rules that a test names.
  std::uint64_t cost_ = 0;                         // Of all rules so far.
};

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
  if (!is_name(name)) reject(where, "a name is made of a-z, 0-9 and _, begins with a letter and has at most 48 of them");
  if (environment().find(name, true).kind != cel::Meaning::Kind::none) reject(where, fmt::format("{} means something already", name));
  if (!names_.insert(name).second) reject(where, fmt::format("there is a {} already", name));
  return name;
}

void PolicyReader::declare_fixed() {
  cel::Environment& world = environment();
  const Bound word = Bound::text(kMaxText);
  const cel::TypeId usd = policy_.domain_->usd_type();
  const auto declare = [&](Slot slot, const char* name, cel::TypeId type, Bound bound = {}) {
    HF_CHECK(world.declare_variable(name, type, std::move(bound)) == slot);
  };
  declare(kValue, "value", usd);
  declare(kWalletBalance, "wallet_balance", usd);
  declare(kAsset, "asset", types::kString, word);
  declare(kChain, "chain", types::kString, word);
  declare(kCustomer, "customer", types::kString, word);
  declare(kDestination, "destination", types::kString, word);
  declare(kLabels, "labels", world.types().list(types::kString), Bound::list(kMaxLabels, word));
  declare(kTime, "time", types::kTimestamp);
}

void PolicyReader::read_window(const toml::table& table) {
  allow_only(table, {"name", "keys", "length", "distinct", "extremes", "profile"});
  WindowUse use;
  use.name = fresh_name(table);
  std::vector<risk::KeyKind> keys;
  const toml::array* names = table["keys"].as_array();
  if (names == nullptr) return reject(table.source(), "keys has to be a list of one or two kinds");
  for (const toml::node& name : *names) {
    const auto kind = key_kind(name.value_exact<std::string>().value_or(""));
    if (!kind) return reject(name.source(), "is no kind of key: customer, destination, asset, chain, wallet, platform, …");
    keys.push_back(*kind);
  }
  std::ranges::sort(keys);
  const std::string length = text(table, "length");
  std::int64_t nanos = 0;
  if (length != "ever" && cel::read_duration(length, nanos) != cel::DurationProblem::none) {
    return reject(table.get("length") ? table.get("length")->source() : table.source(), R"(length has to be like "24h", or "ever")");
  }
  use.spec.length_ms = length == "ever" ? risk::kEver : nanos / 1'000'000;
  if (length != "ever" && use.spec.length_ms <= 0) reject(table.get("length")->source(), "is too short");
  use.spec.extremes = truth(table, "extremes");
  use.spec.profile = truth(table, "profile");
  if (table.contains("distinct")) {
    use.spec.distinct = key_kind(text(table, "distinct"));
    if (!use.spec.distinct) reject(table.get("distinct")->source(), "is no kind of key");
  }
  if (failed()) return;

  cel::Environment& world = environment();
  const cel::TypeId usd = policy_.domain_->usd_type();
  use.first_slot = static_cast<std::uint32_t>(world.variables().size());
  const auto declare = [&](const char* what, cel::TypeId type) { world.declare_variable(use.name + "." + what, type); };
  declare("count", types::kInt);
  declare("sum", usd);
  const bool is_ever = use.spec.length_ms == risk::kEver;  // Other windows forget keys.
  if (is_ever) declare("age", types::kDuration);
  if (is_ever) declare("idle", types::kDuration);
  if (is_ever) declare("known", types::kBool);
  if (use.spec.extremes) declare("least", usd);
  if (use.spec.extremes) declare("greatest", usd);
  if (use.spec.profile) declare("median", usd);
  if (use.spec.profile) declare("median_distance", usd);
  if (use.spec.distinct) declare("distinct", types::kInt);
  use.slots = static_cast<std::uint32_t>(world.variables().size()) - use.first_slot;
  policy_.windows_.push_back(std::move(use));
  keys_.push_back(std::move(keys));
}

// Windows of the same keys make one group; Look tells windows group by group.
void PolicyReader::place_windows() {
  std::vector<std::vector<std::size_t>> members;
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const auto same = std::ranges::find(policy_.groups_, keys_[i], &risk::GroupSpec::keys);
    const auto group = static_cast<std::size_t>(same - policy_.groups_.begin());
    if (same == policy_.groups_.end()) {
      policy_.groups_.push_back({keys_[i], {}});
      members.emplace_back();
    }
    policy_.groups_[group].windows.push_back(policy_.windows_[i].spec);
    policy_.windows_[i].group = static_cast<std::uint32_t>(group);
    members[group].push_back(i);
  }
  std::uint32_t next = 0;
  for (const auto& group : members) {
    for (const std::size_t i : group) policy_.windows_[i].window = next++;
  }
  const auto made = risk::Windows::make(policy_.groups_);
  if (!made) reject_at({}, "windows: " + made.error().text);
}

void PolicyReader::read_lists(const toml::table& root) {
  const toml::node* node = root.get("lists");
  if (node == nullptr) return;
  const toml::table* lists = node->as_table();
  if (lists == nullptr) return reject(node->source(), "lists has to be a table");
  std::size_t entries = 0;
  for (const auto& [key, value] : *lists) {
    const std::string name(key.str());
    const toml::array* array = value.as_array();
    if (array == nullptr) return reject(value.source(), "a list has to be a list of texts");
    if (!is_name(name) || environment().find(name, true).kind != cel::Meaning::Kind::none || !names_.insert(name).second) {
      return reject(key.source(), fmt::format("{} is no name for a list, or taken", shown(name)));
    }
    TextSet set;
    for (const toml::node& element : *array) {
      const auto entry = element.value_exact<std::string>();
      if (!entry || entry->empty() || entry->size() > kMaxText) return reject(element.source(), "has to be a text of 1 to 128 bytes");
      if (++entries > kMaxListEntries) return reject(element.source(), "are more than 100,000 entries in all lists together");
      set.insert(*entry);
    }
    policy_.lists_.emplace(environment().declare_variable(name, policy_.domain_->set_type()), std::move(set));
  }
}

Demand PolicyReader::demand(const toml::table& table, std::string_view key) {
  const std::string written = text(table, key);
  const auto out = read_demand(written);
  constexpr std::string_view kForms = R"(has to be "deny", or of "review 2 role", "step up" and "delay 2h": up to 9 people, up to 30 days)";
  if (!out && !failed()) reject(table.get(key)->source(), kForms);
  return out.value_or(Demand{});
}

void PolicyReader::add_rule(const toml::table& table, std::string name, std::string when, const toml::source_region& where) {
  if (failed()) return;
  if (policy_.rules_.size() == kMaxRules) return reject(where, "is one rule more than the 1,000 that a policy may have");
  const std::string severity = text(table, "severity");
  const auto level = std::ranges::find(kSeverities, severity);
  if (level == std::end(kSeverities) && !failed()) reject(table.get("severity")->source(), "has to be low, medium, high or critical");
  Demand then = demand(table, "then");
  const std::string reason = text(table, "reason");
  if (failed()) return;
  if (then.allows()) return reject(table.get("then")->source(), "no rule allows: make the exception where it is one, in a condition");

  const auto wrong = [&](const cel::Problem& problem) {
    const std::string shown = cel::explain(when, problem);  // What is wrong, and below it the line.
    const std::string_view line = std::string_view(shown).substr(std::min(shown.find('\n'), shown.size()));
    reject_at(place_in(where, when, problem.at), fmt::format("rule {}: {}{}", name, problem.text, line));
  };
  auto ast = cel::parse(when);
  if (!ast) return wrong(ast.error());
  const cel::CheckRules rules{.allows_dyn = false, .expected = types::kBool};
  const auto checked = cel::check(cel::resolve(std::move(*ast), environment()), environment(), rules);
  if (!checked) return wrong(checked.error());
  std::set<std::uint32_t> reads;
  for (const cel::Resolution& node : checked->resolved.nodes) {
    if (node.meaning.kind == cel::Meaning::Kind::variable) reads.insert(node.meaning.index);
  }
  if (const auto never = reads.empty() ? std::nullopt : never_holds(policy_, *checked)) {
    return wrong({"cel_type", never->at, fmt::format("can never hold while everything is known: {}", never->why)});
  }
  Rule rule{std::move(name), reason, static_cast<Severity>(level - std::begin(kSeverities)), std::move(then),
            cel::compile(*checked, environment()), {reads.begin(), reads.end()}};
  if (rule.when.cost_bound > kMaxRuleCost) {
    return reject(where, fmt::format("rule {} may cost {} units; 100,000 are allowed", rule.name, rule.when.cost_bound));
  }
  cost_ += rule.when.cost_bound;
  if (cost_ > kMaxPolicyCost) return reject(where, fmt::format("with rule {} the policy may cost over 1,000,000 units", rule.name));
  for (const cel::Warning& warning : rule.when.warnings) {
    const std::string what = fmt::format("rule {}: this always fails: {}", rule.name, cel::name_of(warning.code));
    return reject_at(place_in(where, when, warning.at), what);
  }
  if (reads.empty()) policy_.warnings_.push_back(fmt::format("rule {} names no variable: it holds always or never", rule.name));
  const auto [twin, is_new] = conditions_.emplace(when, rule.name);
  if (!is_new) {
    policy_.warnings_.push_back(fmt::format("rules {} and {} have the same condition: what either asks for is asked", twin->second, rule.name));
  }
  policy_.rules_.push_back(std::move(rule));
}

void PolicyReader::read_rule(const toml::table& table) {
  allow_only(table, {"name", "when", "then", "reason", "severity"});
  std::string name = fresh_name(table);
  std::string when = text(table, "when");
  if (!failed()) add_rule(table, std::move(name), std::move(when), table.get("when")->source());
}

// No more than so much, what is asked for included.
void PolicyReader::read_limit(const toml::table& table) {
  allow_only(table, {"name", "window", "sum", "count", "then", "reason", "severity"});
  std::string name = fresh_name(table);
  const std::string window = text(table, "window");
  if (failed()) return;
  if (std::ranges::find(policy_.windows_, window, &WindowUse::name) == policy_.windows_.end()) {
    return reject(table.get("window")->source(), fmt::format("there is no window {}", shown(window)));
  }
  if (table.contains("sum") == table.contains("count")) return reject(table.source(), "a limit has either sum or count");
  if (const toml::node* node = table.get("count")) {
    const std::int64_t most = node->value_exact<std::int64_t>().value_or(-1);
    if (most < 0 || most > 1'000'000'000) return reject(node->source(), "count has to be a number from 0 to 1,000,000,000");
    return add_rule(table, std::move(name), fmt::format("{}.count + 1 > {}", window, most), node->source());
  }
  const std::string sum = text(table, "sum");
  if (!failed() && !read_usd(sum)) reject(table.get("sum")->source(), R"(sum has to be US dollars in quotes: "50000")");
  if (!failed()) add_rule(table, std::move(name), fmt::format("{}.sum + value > usd('{}')", window, sum), table.get("sum")->source());
}

void PolicyReader::read_value(PolicyTest& test, std::uint32_t slot, const toml::node& node) {
  const cel::TypeId type = environment().variable(slot).type;
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
                       (type == types::kTimestamp && cel::read_instant(*words)) ||
                       (type == types::kDuration && cel::read_duration(*words, nanos) == cel::DurationProblem::none))) {
    test.texts[slot] = *words;
  } else {
    reject(node.source(), fmt::format("{} is of type {}", environment().variable(slot).name, environment().types().name(type)));
  }
}

void PolicyReader::read_given(PolicyTest& test, const toml::table& given, const std::string& prefix) {
  for (const auto& [key, node] : given) {
    const std::string name = prefix + std::string(key.str());
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
    const auto known = std::ranges::find(policy_.rules_, test.fired->back(), &Rule::name);
    if (known == policy_.rules_.end()) return reject(name.source(), fmt::format("there is no rule {}", shown(test.fired->back())));
    tested_.insert(known->name);
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
  for (const Rule& rule : policy_.rules_) {
    if (!tested_.contains(rule.name)) policy_.warnings_.push_back(fmt::format("no test says when rule {} fires", rule.name));
  }
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
  allow_only(root, {"windows", "lists", "rules", "limits", "tests"});
  declare_fixed();
  each(root, "windows", &PolicyReader::read_window);
  if (!failed()) place_windows();
  if (!failed()) read_lists(root);
  if (!failed()) each(root, "rules", &PolicyReader::read_rule);
  if (!failed()) each(root, "limits", &PolicyReader::read_limit);
  if (!failed()) each(root, "tests", &PolicyReader::read_test);
  if (!failed() && policy_.rules_.empty()) reject_at({}, "has no rule: everything would be allowed");
  if (failed()) return refuse("policy_wrong", problem_);
  warn_of_untested();
  std::ranges::move(findings(policy_), std::back_inserter(policy_.warnings_));
  if (const auto passed = run_tests(policy_); !passed) return refuse(passed.error().code, name_ + ": " + passed.error().text);
  return std::move(policy_);
}

Result<Policy> Policy::read(std::string_view text, const std::string& name) { return PolicyReader(name).read(text); }

}  // namespace holdfast::policy
