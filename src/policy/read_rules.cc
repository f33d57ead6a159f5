// Reads rules, limits and detectors.
#include "policy/analysis/findings.h"
#include "policy/assets.h"
#include "policy/cel/functions/civil_time.h"
#include "policy/cel/run/compile.h"
#include "policy/reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace holdfast::policy {

namespace types = cel::types;

namespace {

constexpr std::string_view kSeverities[] = {"low", "medium", "high", "critical"};

// Where in the file a place in a TOML string stands. Escapes of basic strings are counted as what they stand for.
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

Demand PolicyReader::demand(const toml::table& table, std::string_view key) {
  const std::string written = text(table, key);
  const auto out = read_demand(written);
  constexpr std::string_view kForms = R"(has to be "deny", or of "review 2 role", "step up" and "delay 2h": up to 9 people, up to 30 days)";
  if (!out && !failed()) reject(table.get(key)->source(), kForms);
  return out.value_or(Demand{});
}

// None: the problem is told.
std::optional<Condition> PolicyReader::compiled(std::string name, const std::string& when, const toml::source_region& where) {
  const auto wrong = [&](const cel::Problem& problem) -> std::optional<Condition> {
    const std::string shown = cel::explain(when, problem);  // What is wrong, and below it the line.
    const std::string_view line = std::string_view(shown).substr(std::min(shown.find('\n'), shown.size()));
    reject_at(place_in(where, when, problem.at), fmt::format("rule {}: {}{}", name, problem.text, line));
    return std::nullopt;
  };
  auto ast = cel::parse(when);
  if (!ast) return wrong(ast.error());
  const auto named = assets_in(*ast);
  if (!named) return wrong(named.error());
  const auto is_declared = [&](const std::string& symbol) { return std::ranges::count(policy_.assets_, symbol, &AssetUse::symbol) > 0; };
  if (!std::ranges::all_of(*named, is_declared)) return wrong({"cel_type", 0, "more than 64 assets are named by all conditions together"});
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
  cel::Program program = cel::compile(*checked, environment());
  for (const cel::Warning& warning : program.warnings) {
    reject_at(place_in(where, when, warning.at), fmt::format("rule {}: this always fails: {}", name, cel::name_of(warning.code)));
  }
  return Condition{std::move(name), {}, {}, std::move(program), {reads.begin(), reads.end()}};
}

void PolicyReader::count_roles(const Demand& demand, const toml::source_region& where) {
  for (const auto& [role, people] : demand.review) roles_.insert(role);
  if (roles_.size() > kMaxRoles) reject(where, "asks for a 17th role; a policy has at most 16");
}

void PolicyReader::count_cost(const Condition& condition, const toml::source_region& where) {
  const std::uint64_t cost = condition.when.cost_bound;
  if (cost > kMaxRuleCost) return reject(where, fmt::format("rule {} may cost {} units; 100,000 are allowed", condition.name, cost));
  cost_ += cost;
  if (cost_ > kMaxPolicyCost) return reject(where, fmt::format("with rule {} the policy may cost over 1,000,000 units", condition.name));
}

std::optional<Condition> PolicyReader::condition(const toml::table& table, std::string name, std::string when,
                                                 const toml::source_region& where) {
  if (failed()) return std::nullopt;
  if (policy_.rules_.size() + policy_.detectors_.size() == kMaxRules) {
    reject(where, "is one rule more than the 1,000 that a policy may have");
  }
  const std::string severity = text(table, "severity");
  const auto level = std::ranges::find(kSeverities, severity);
  if (level == std::end(kSeverities) && !failed()) reject(table.get("severity")->source(), "has to be low, medium, high or critical");
  std::string reason = text(table, "reason");
  if (failed()) return std::nullopt;
  auto out = compiled(std::move(name), when, where);
  if (out) count_cost(*out, where);
  if (failed()) return std::nullopt;
  out->severity = static_cast<Severity>(level - std::begin(kSeverities));
  out->reason = std::move(reason);
  if (out->reads.empty()) policy_.warnings_.push_back(fmt::format("rule {} names no variable: it holds always or never", out->name));
  const auto [twin, is_new] = conditions_.emplace(when, out->name);
  if (!is_new) {
    policy_.warnings_.push_back(fmt::format("rules {} and {} have the same condition: what either asks for is asked", twin->second, out->name));
  }
  return out;
}

void PolicyReader::add_rule(const toml::table& table, std::string name, std::string when, const toml::source_region& where) {
  if (failed()) return;
  Demand then = demand(table, "then");
  if (!failed()) count_roles(then, table.get("then")->source());
  if (!failed() && then.allows()) reject(table.get("then")->source(), "no rule allows: make the exception where it is one, in a condition");
  if (auto read = condition(table, std::move(name), std::move(when), where)) policy_.rules_.push_back({std::move(*read), std::move(then)});
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

void PolicyReader::add_step(std::vector<Step>& steps, const toml::node& node, Scope scope) {
  const std::string written = node.value_exact<std::string>().value_or("");
  if (!steps.empty() && steps.back().freeze) return reject(node.source(), "freeze has to be the last step");
  const bool is_freeze = written == "freeze";
  if (is_freeze && scope == Scope::destination) return reject(node.source(), "a destination is nobody's to freeze; deny it");
  const auto asked = is_freeze ? std::optional(frozen_demand()) : read_demand(written);
  constexpr std::string_view kForms = R"(a step is "freeze", or as then of a rule: "delay 1h", "review 2 risk", "step up", "deny")";
  if (!asked || asked->allows()) return reject(node.source(), kForms);
  const Demand before = steps.empty() ? Demand{} : steps.back().demand;
  count_roles(*asked, node.source());
  Demand demand = both(before, *asked);
  if (!is_freeze && demand == before) return reject(node.source(), fmt::format("{} asks for no more than the steps before it", written));
  steps.push_back({written, std::move(demand), is_freeze});
}

std::vector<Step> PolicyReader::steps(const toml::table& table, Scope scope) {
  std::vector<Step> out;
  const toml::node* node = table.get("steps");
  const toml::array* written = node == nullptr ? nullptr : node->as_array();
  if (written == nullptr || written->empty() || written->size() > kMaxSteps) {
    reject(node == nullptr ? table.source() : node->source(), "steps has to be a list of 1 to 6 texts, from the mildest on");
    return out;
  }
  for (const toml::node& step : *written) {
    if (!failed()) add_step(out, step, scope);
  }
  return out;
}

void PolicyReader::read_detector(const toml::table& table) {
  allow_only(table, {"name", "when", "reason", "severity", "scope", "steps", "decay"});
  std::string name = fresh_name(table);
  std::string when = text(table, "when");
  const std::string scope = text(table, "scope");
  if (failed()) return;
  const auto kind = scope_named(scope);
  if (!kind) return reject(table.get("scope")->source(), "scope has to be customer, destination, asset, chain, wallet or platform");
  std::vector<Step> climbing = steps(table, *kind);
  const std::int64_t decay_ms = duration(table, "decay", R"("4h")");
  const bool is_long_enough = decay_ms >= kMinDecayMs && decay_ms <= kMaxDecayMs;
  if (!failed() && !is_long_enough) reject(table.get("decay")->source(), "decay has to be from 30 minutes, in which people can look, to 720 hours");
  if (auto read = condition(table, std::move(name), std::move(when), table.get("when")->source())) {
    policy_.detectors_.push_back({std::move(*read), *kind, std::move(climbing), decay_ms});
  }
}

}  // namespace holdfast::policy
