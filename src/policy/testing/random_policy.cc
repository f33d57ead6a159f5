#include "policy/testing/random_policy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <limits>

namespace holdfast::policy {
namespace {

using Kind = RandomCondition::Kind;

constexpr std::array kSigns{"<", "<=", ">", ">=", "==", "!="};
constexpr std::array kWords{"a", "b", "c", "d"};
constexpr std::array kDemands{"deny",       "review 1 risk", "review 2 risk",         "review 2 desk",
                              "step up",    "delay 1h",      "delay 2h",              "step up, delay 1h",
                              "review 1 risk, delay 1h",     "review 2 risk, review 1 desk"};
constexpr std::array kScopeNames{"customer", "platform"};
constexpr std::array kSteps{"'delay 1h'",          "'delay 1h', 'review 1 risk'", "'delay 1h', 'review 1 risk', 'deny'",
                            "'delay 2h', 'freeze'", "'review 1 risk', 'freeze'",    "'review 2 risk'",
                            "'delay 2h', 'deny'",   "'review 1 risk', 'deny'"};

// {0} the sign, {1} a small number, {2} one a little larger, {3} a word, {4} and {5} two lists, {6} the hour, {7} the day.
constexpr std::array kLeaves{
    "value {0} usd('{1}')",
    "usd('{1}') {0} value",
    "{7}.sum + value {0} usd('{1}')",
    "value + {7}.sum {0} usd('{2}')",
    "value * {2} {0} wallet_balance",
    "({7}.sum + value) * 2 {0} wallet_balance + usd('{1}')",
    "value - {6}.sum {0} usd('{1}')",
    "{7}.count {0} {1}",
    "{6}.count {0} {1}",
    "{7}.count + {1} {0} {6}.count",
    "{7}.count * 4611686018427387904 {0} {1}",
    "{7}.count in [{1}, {2}]",
    "{7}.least {0} usd('{1}')",
    "!({7}.count in [{6}.count, {1}])",
    "!(value in [usd('{1}'), {6}.sum])",
    "asset == '{3}'",
    "asset != '{3}'",
    "asset in ['{3}', 'b']",
    "destination in {4}",
    "!(destination in {5})",
    "'{3}' in labels",
    "labels.exists(l, l in {4})",
    "labels.all(l, l != '{3}' && !(l in {5}))",
    "labels.exists(l, l in {4} && l in {5})",
    "labels.all(l, l != '{3}' || l != 'b')",
    "to.known",
    "to.age {0} duration('{1}h')",
    "to.age + to.idle {0} duration('{2}h')",
    "time {0} timestamp('2026-01-01T0{1}:00:00Z')",
    "time - duration('1h') {0} timestamp('2026-01-01T0{1}:00:00Z')",
    "size(labels) {0} {1}",
    "asset {0} destination",
    "{7}.count / ({6}.count - 1) {0} {1}",
    "(to.known ? {7}.count : {6}.count) {0} {1}",
    "sent('BTC') {0} amount('{1}', 'BTC')",
    "sent('BTC') + amount('{1}', 'BTC') {0} amount('{2}', 'BTC')",
    "amount('0.000000000000000001', 'ETH') * {1} {0} sent('ETH')",
    "sent('ETH') * {2} {0} amount('{1}.5', 'ETH')",
    "sent('ETH') in [amount('{1}', 'ETH'), amount('{2}', 'ETH')]",
    "(to.known ? sent('BTC') : amount('{2}', 'BTC')) - sent('BTC') {0} amount('{1}', 'BTC')",
};

// As near to whole coins as the money is to whole dollars, in the smallest unit.
AssetAmount beside_coins(Usd money) {
  if (money.micro >= kMostMoney) return {kMostAmount};
  const Int128 coins = (money.micro + 1) / 1'000'000;
  return {std::max(Int128{0}, coins * 1'000'000'000'000'000'000 + money.micro - coins * 1'000'000)};
}

cel::Value on_a_morning(std::int64_t number) {
  constexpr std::int64_t kMidnight = 1'767'225'600;  // 2026-01-01
  return cel::Value::timestamp(kMidnight + number % 7 * 3'600, number % 2 == 0 ? 0 : 1);
}

}  // namespace

RandomCondition RandomCondition::make(Random& random, unsigned depth) {
  RandomCondition out;
  constexpr std::array kKinds{Kind::both, Kind::either, Kind::both, Kind::either, Kind::contrary, Kind::choice};
  out.kind = depth == 0 || one_in(random, 3) ? Kind::leaf : kKinds[below(random, kKinds.size())];
  const std::size_t parts = out.kind == Kind::leaf ? 0 : out.kind == Kind::contrary ? 1 : out.kind == Kind::choice ? 3 : 2;
  for (std::size_t i = 0; i < parts; ++i) out.parts.push_back(make(random, depth - 1));
  out.shape = below(random, kLeaves.size());
  out.sign = below(random, kSigns.size());
  out.number = below(random, 5);
  return out;
}

void RandomCondition::change(Random& random) {
  if (!parts.empty() && !one_in(random, 4)) return parts[below(random, parts.size())].change(random);
  switch (below(random, 7)) {
    case 0: number = below(random, 5); break;
    case 1: sign = below(random, kSigns.size()); break;
    case 2: std::ranges::reverse(parts); break;
    case 3: *this = {Kind::either, {*this, make(random, 1)}, 0, 0, 0}; break;
    case 4: *this = {Kind::both, {*this, make(random, 1)}, 0, 0, 0}; break;
    case 5: *this = {Kind::contrary, {*this}, 0, 0, 0}; break;
    default:
      if (kind == Kind::both) kind = Kind::either;
      else ++number;
  }
  number %= 6;
}

std::string RandomCondition::write(bool with_other_names) const {
  const auto part = [&](std::size_t i) { return '(' + parts[i].write(with_other_names) + ')'; };
  switch (kind) {
    case Kind::both: return part(0) + " && " + part(1);
    case Kind::either: return part(0) + " || " + part(1);
    case Kind::contrary: return '!' + part(0);
    case Kind::choice: return part(0) + " ? " + part(1) + " : " + part(2);
    case Kind::leaf: break;
  }
  std::array<std::string, 4> names{"first", "second", "hour", "day"};
  for (std::string& name : names) name.insert(0, with_other_names ? "other_" : "");
  return fmt::format(fmt::runtime(kLeaves[shape]), kSigns[sign], number, number + 1, kWords[number % kWords.size()], names[0], names[1],
                     names[2], names[3]);
}

RandomPolicy RandomPolicy::make(Random& random) {
  RandomPolicy out;
  for (std::size_t i = 0, count = 1 + below(random, 3); i < count; ++i) {
    out.rules.push_back({fmt::format("rule{}", i), RandomCondition::make(random, 2), kDemands[below(random, kDemands.size())]});
  }
  for (std::size_t i = 0, count = below(random, 3); i < count; ++i) {
    out.detectors.push_back({fmt::format("detector{}", i), RandomCondition::make(random, 2), below(random, kScopeNames.size()),
                             below(random, kSteps.size()), 1 + below(random, 2)});
  }
  for (auto& list : out.lists) {
    for (const char* word : kWords) {
      if (one_in(random, 2)) list.emplace_back(word);
    }
  }
  return out;
}

void RandomPolicy::change_a_detector(Random& random) {
  RandomDetector& detector = detectors[below(random, detectors.size())];
  switch (below(random, 7)) {
    case 0: detector.scope = below(random, kScopeNames.size()); return;
    case 1: detector.hours = 1 + below(random, 2); return;
    case 2: rules.push_back({detector.name + "r", detector.when, "delay 1h"}); return;
    case 3: detectors.erase(detectors.begin()); return;
    case 4: detector.steps = below(random, kSteps.size()); return;
    case 5: {
      // && what is true or cannot be told: then it fires and does not climb. || what is false or cannot be told: then it fires.
      const RandomCondition leaf = RandomCondition::make(random, 0);
      const bool is_true = one_in(random, 2);
      const RandomCondition known{is_true ? Kind::either : Kind::both, {leaf, {Kind::contrary, {leaf}, 0, 0, 0}}, 0, 0, 0};
      detector.when = {is_true ? Kind::both : Kind::either, {detector.when, known}, 0, 0, 0};
      return;
    }
    default: detector.when.change(random);
  }
}

void RandomPolicy::change(Random& random) {
  if (!detectors.empty() && one_in(random, 3)) return change_a_detector(random);
  RandomRule& rule = rules[below(random, rules.size())];
  auto& list = lists[below(random, 2)];
  switch (below(random, 10)) {
    case 0:
    case 1:
    case 2: return rule.when.change(random);
    case 3:
      rule.then = kDemands[below(random, kDemands.size())];
      return;
    case 4: {
      const RandomRule copy = rule;  // Split in two.
      if (copy.when.kind != Kind::either) return rules.push_back({copy.name + "x", RandomCondition::make(random, 1), copy.then});
      rule.when = copy.when.parts[0];
      return rules.push_back({copy.name + "y", copy.when.parts[1], copy.then});
    }
    case 5:
      if (rules.size() > 1) rules.erase(rules.begin() + static_cast<std::ptrdiff_t>(below(random, rules.size())));
      return;
    case 6:
      if (std::ranges::count(list, "e") == 0) list.emplace_back("e");
      return;
    case 7:
      if (!list.empty()) list.pop_back();
      return;
    case 8: with_other_names = !with_other_names; return;
    default: hour_is_day = one_in(random, 3); return;
  }
}

std::string RandomPolicy::write() const {
  const std::string prefix = with_other_names ? "other_" : "";
  const auto window = [&](std::string_view name, std::string_view rest) {
    return fmt::format("[[windows]]\nname = '{}'\n{}\n", name, rest);
  };
  std::string out = window(prefix + "day", "keys = ['customer']\nlength = '24h'\nextremes = true");
  out += window(prefix + "hour", fmt::format("keys = ['customer']\nlength = '{}'", hour_is_day ? "24h" : "1h"));
  out += window("to", "keys = ['destination']\nlength = 'ever'");
  const auto list = [&](std::size_t i) { return fmt::format("['{}']", fmt::join(lists[i], "', '")); };
  out += fmt::format("[lists]\n{0}first = {1}\n{0}second = {2}\n", prefix, list(0), list(1));
  const std::string empty = "['']";
  for (std::size_t at = out.find(empty); at != std::string::npos; at = out.find(empty)) out.replace(at, empty.size(), "[]");
  for (const RandomRule& rule : rules) {
    out += fmt::format("[[rules]]\nname = '{}'\nwhen = '''{}'''\nthen = '{}'\nreason = 'r'\nseverity = 'low'\n", rule.name,
                       rule.when.write(with_other_names), rule.then);
  }
  for (const RandomDetector& detector : detectors) {
    out += fmt::format("[[detectors]]\nname = '{}'\nwhen = '''{}'''\nreason = 'r'\nseverity = 'low'\nscope = '{}'\nsteps = [{}]\n"
                       "decay = '{}h'\n",
                       detector.name, detector.when.write(with_other_names), kScopeNames[detector.scope], kSteps[detector.steps],
                       detector.hours);
  }
  return out;
}

RandomInputs::Drawn RandomInputs::draw(const Policy& policy, std::uint32_t slot) {
  Drawn out;
  const std::size_t odds = below(random_, 40);
  out.is_there = !kinds_.with_unknown || odds >= 5;
  out.number = odds == 6 ? std::numeric_limits<std::int64_t>::max() : odds == 7 ? 2 : static_cast<std::int64_t>(below(random_, 6));
  out.money.micro = Int128{static_cast<std::int64_t>(below(random_, 7))} * 1'000'000 + static_cast<std::int64_t>(below(random_, 3)) - 1;
  if (one_in(random_, 4)) out.money.micro *= 2;
  if (odds == 6) out.money.micro = kMostMoney;
  out.money.micro = std::max(Int128{0}, out.money.micro);
  out.text = one_in(random_, 5) ? "e" : kWords[below(random_, kWords.size())];
  for (const char* word : kWords) {
    if (one_in(random_, 4)) out.texts.emplace_back(word);
  }
  if (policy.domain().environment.variable(slot).type == cel::types::kDuration && odds != 6) {
    out.number = (out.number - 1) * 3'600'000'000'000 + static_cast<std::int64_t>(below(random_, 3)) - 1;
    if (!kinds_.with_past) out.number = std::max(std::int64_t{0}, out.number);
  }
  return out;
}

// What a variable means, told by how RandomPolicy calls things and by nothing that proofs use.
std::string RandomInputs::meaning(const Policy& policy, std::uint32_t slot) {
  std::string name = policy.domain().environment.variable(slot).name;
  if (name.starts_with("other_")) name.erase(0, 6);
  if (!name.starts_with("hour.")) return name;
  const auto is_hour = [](const WindowUse& use) { return use.name.ends_with("hour"); };
  const auto hour = std::ranges::find_if(policy.windows(), is_hour);
  return hour->spec.length_ms == kMsPerDay ? "day" + name.substr(4) : name;
}

void RandomInputs::give(const Policy& policy, Inputs& inputs) {
  const auto& variables = policy.domain().environment.variables();
  for (std::uint32_t slot = 0; slot < variables.size(); ++slot) {
    if (policy.lists().contains(slot)) continue;
    const auto [at, is_new] = drawn_.try_emplace(meaning(policy, slot));
    if (is_new) at->second = draw(policy, slot);
    const Drawn& drawn = at->second;
    const cel::TypeId type = variables[slot].type;
    if (!drawn.is_there) inputs.set(slot, cel::Value::error(cel::ErrorCode::unavailable));
    else if (type == policy.domain().usd_type()) inputs.usd(slot, drawn.money);
    else if (policy.asset_at(slot) != nullptr) inputs.amount(slot, beside_coins(drawn.money));
    else if (type == cel::types::kString) inputs.text(slot, drawn.text);
    else if (type == cel::types::kBool) inputs.set(slot, cel::Value::of(drawn.number % 2 == 0));
    else if (type == cel::types::kDuration) inputs.set(slot, cel::Value::duration(drawn.number));
    else if (type == cel::types::kTimestamp) inputs.set(slot, on_a_morning(drawn.number));
    else if (slot == kLabels) inputs.labels(drawn.texts);
    else inputs.set(slot, cel::Value::of(drawn.number));
  }
}

}  // namespace holdfast::policy
