// How many ordinary withdrawals a policy holds up, and how soon and after what loss it answers the thefts that are known.
//   detection_bench [POLICY [WITHDRAWALS [SEED]]] [--json]    policies/default.toml, a million, seed 1
//
// What is measured is no speed but what a policy says, so it is the same on every machine and in every run. docs/policy/detection.md.
#include "bench/detection/figures.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace holdfast::detection {
namespace {

// Partners are known by their addresses: a list that an exchange has to fill in.
std::string with_partners(std::string text) {
  constexpr std::string_view list = "\npartners = [";
  const std::size_t at = text.find(list);
  if (at == std::string::npos) return text;
  std::string names;
  for (std::uint64_t id = 1; id <= traffic::kPartners; ++id)
    names += fmt::format("\"{}\", ", traffic::destination_name(id));
  return text.insert(at + list.size(), names);
}

double per_million(std::uint64_t count, std::uint64_t of) {
  return static_cast<double>(count) * 1e6 / static_cast<double>(of);
}

std::string after(const std::optional<Outcome::Answer>& answer) {
  if (!answer) return "never";
  if (answer->after_ms < 10 * traffic::kMinute) return fmt::format("{} s", answer->after_ms / kMsPerSecond);
  return fmt::format("{} min", answer->after_ms / traffic::kMinute);
}

std::string money(std::int64_t usd) {
  std::string out = std::to_string(usd);
  for (std::size_t at = out.size(); at > 3;) out.insert(at -= 3, ",");
  return out;
}

void print(const Portrait& portrait, const FalseAlarms& alarms) {
  fmt::print(
      "Ordinary withdrawals: {} a day, median {} USD, mean {} USD, one in a hundred over {} USD, {} % to an address "
      "that is new to the "
      "customer.\n\n",
      money(portrait.a_day), money(portrait.median), money(portrait.mean), money(portrait.ninety_nine),
      portrait.new_percent);
  fmt::print("| of {} in {} days | a million |\n| --- | ---: |\n", money(static_cast<std::int64_t>(alarms.judged)),
             alarms.days);
  for (const auto& [what, count] : {std::pair("not allowed at once", alarms.any),
                                    {"people are asked", alarms.held},
                                    {"delayed", alarms.delayed},
                                    {"stepped up", alarms.stepped_up},
                                    {"denied", alarms.denied},
                                    {"frozen", alarms.frozen},
                                    {"(freezes)", alarms.freezes}}) {
    fmt::print("| {} | {:.0f} |\n", what, per_million(count, alarms.judged));
  }
  fmt::print(
      "\nOf the money people are asked about {:.2f} %.\n\n",
      100.0 * static_cast<double>(alarms.held_value) / static_cast<double>(std::max<std::int64_t>(alarms.value, 1)));
  fmt::print("| a million | fires | people are asked | by this alone |\n| --- | ---: | ---: | ---: |\n");
  for (const FalseAlarms::OfRule& rule : alarms.rules) {
    fmt::print("| `{}` | {:.0f} | {:.0f} | {:.0f} |\n", rule.name, per_million(rule.fired, alarms.judged),
               per_million(rule.held, alarms.judged), per_million(rule.alone, alarms.judged));
  }
}

void print(const std::vector<Outcome>& outcomes) {
  fmt::print(
      "\n| theft | requests | asked for, USD | first answer after | gone before, USD | gone in all, USD | people asked "
      "after | frozen "
      "after | first answer | by | others held meanwhile |\n"
      "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- | ---: |\n");
  for (const Outcome& each : outcomes) {
    fmt::print("| {}: {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} of {} |\n", each.name, each.what,
               money(static_cast<std::int64_t>(each.requests)), money(each.asked), after(each.first),
               money(each.gone_before), money(each.gone), after(each.review), after(each.freeze),
               each.first ? each.first->demand : "", fmt::join(each.fired, ", "), each.others_held, each.others);
  }
}

std::string json(const std::optional<Outcome::Answer>& answer) {
  if (!answer) return "null";
  return fmt::format(R"({{"after_ms": {}, "request": {}, "demand": "{}"}})", answer->after_ms, answer->request,
                     answer->demand);
}

// Names and demands are plain words; nothing is to be escaped.
void print_json(const FalseAlarms& alarms, const std::vector<Outcome>& outcomes) {
  std::vector<std::string> rules, thefts;
  for (const FalseAlarms::OfRule& rule : alarms.rules) {
    rules.push_back(
        fmt::format(R"("{}": {{"fired": {}, "held": {}, "alone": {}}})", rule.name, rule.fired, rule.held, rule.alone));
  }
  for (const Outcome& each : outcomes) {
    thefts.push_back(fmt::format(
        R"("{}": {{"requests": {}, "asked_usd": {}, "let_through": {}, "gone_before_usd": {}, "gone_usd": {}, "first": {}, "review": {}, )"
        R"("freeze": {}, "others": {}, "others_held": {}}})",
        each.name, each.requests, each.asked, each.let_through, each.gone_before, each.gone, json(each.first),
        json(each.review), json(each.freeze), each.others, each.others_held));
  }
  fmt::print(
      R"({{"withdrawals": {}, "days": {}, "not_allowed": {}, "held": {}, "delayed": {}, "stepped_up": {}, "denied": {}, "frozen": {}, )"
      R"("freezes": {}, "value_usd": {}, "held_value_usd": {}, "rules": {{{}}}, "thefts": {{{}}}}})"
      "\n",
      alarms.judged, alarms.days, alarms.any, alarms.held, alarms.delayed, alarms.stepped_up, alarms.denied,
      alarms.frozen, alarms.freezes, alarms.value, alarms.held_value, fmt::join(rules, ", "), fmt::join(thefts, ", "));
}

int run(const std::string& path, std::uint64_t withdrawals, const traffic::Assumptions& assumptions, bool as_json) {
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto policy = policy::Policy::read(with_partners(text), path);
  if (!policy) return std::fprintf(stderr, "%s\n", policy.error().text.c_str()), 1;
  const FalseAlarms alarms = false_alarms(*policy, assumptions, withdrawals);
  std::vector<Outcome> outcomes;
  for (const Theft& theft : thefts(traffic::kOpening + kWarmWeeks * traffic::kWeek))
    outcomes.push_back(play(*policy, assumptions, theft));
  if (as_json) return print_json(alarms, outcomes), 0;
  print(portrait(assumptions), alarms);
  print(outcomes);
  return 0;
}

}  // namespace
}  // namespace holdfast::detection

int main(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  const bool as_json = std::erase(words, "--json") > 0;
  const std::string path = words.empty() ? "policies/default.toml" : words[0];
  const auto number = [&](std::size_t at, std::uint64_t otherwise) -> std::uint64_t {
    return words.size() <= at ? otherwise : std::strtoull(words[at].c_str(), nullptr, 10);
  };
  const std::uint64_t withdrawals = number(1, 1'000'000);
  const holdfast::traffic::Assumptions assumptions{.seed = number(2, 1)};
  if (words.size() > 3 || withdrawals == 0 || assumptions.seed == 0) {
    std::fputs("usage: detection_bench [POLICY [WITHDRAWALS [SEED]]] [--json]\n", stderr);
    return 2;
  }
  return holdfast::detection::run(path, withdrawals, assumptions, as_json);
}
