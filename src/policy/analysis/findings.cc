#include "policy/analysis/findings.h"

#include "policy/analysis/prove.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace holdfast::policy {
namespace {

constexpr std::uint64_t kEffortOfOne = 5'000;
constexpr std::uint64_t kEffortOfAll = 2'000'000;

std::string why(const Vocabulary& words, const Conflict& conflict) {
  std::vector<std::string> parts;
  for (const Conflict::Part& part : conflict.atoms) {
    const Atom& atom = words.atom_of(part.atom);
    if (part.is_true) parts.push_back(atom.shown);
    if (part.is_false) parts.push_back(fmt::format("!({})", atom.shown));
  }
  // The two halves of an equality are written alike.
  const auto [first, last] = std::ranges::unique(parts);
  parts.erase(first, last);
  if (parts.empty()) return "it is false";
  if (parts.size() == 1) return fmt::format("{} is never so", parts[0]);
  return fmt::format("{} exclude each other", fmt::join(parts, " and "));
}

void collect_atoms(const Formula& formula, std::set<AtomId>& out) {
  if (formula.kind == Formula::Kind::atom) out.insert(formula.atom);
  for (const Formula& part : formula.parts) collect_atoms(part, out);
}

class Finder {
 public:
  explicit Finder(const Policy& policy) : policy_(policy) {}

  std::vector<std::string> run() {
    for (const Rule& rule : policy_.rules()) {
      conditions_.push_back(read_condition(rule, policy_, 0, words_).formula);
      terms_.push_back(terms_of(conditions_.back()));
      always_.push_back(always_holds(rule, conditions_.back()));
    }
    for (const Detector& detector : policy_.detectors()) always_holds(detector, read_condition(detector, policy_, 0, words_).formula);
    for (std::size_t a = 0; a < conditions_.size(); ++a) look_for_one_above(a);
    return std::move(out_);
  }

 private:
  bool prove(const std::vector<Goal>& goals) {
    const std::uint64_t share = std::min(kEffortOfOne, effort_.left());
    Effort effort(share);
    const bool is_proven = cannot_be({words_}, goals, effort);
    effort_.spend(share - effort.left());
    return is_proven;
  }

  bool always_holds(const Condition& condition, const Formula& formula) {
    const bool is_so = !condition.reads.empty() && prove({{&formula, Wanted::is_false}});
    if (is_so) out_.push_back(fmt::format("rule {} always holds", condition.name));
    return is_so;
  }

  std::set<TermId> terms_of(const Formula& formula) const {
    std::set<AtomId> atoms;
    collect_atoms(formula, atoms);
    std::set<TermId> out;
    for (const AtomId atom : atoms) out.insert(words_.atom_of(atom).terms.begin(), words_.atom_of(atom).terms.end());
    return out;
  }

  bool is_above(std::size_t b, std::size_t a) {
    const Rule& lower = policy_.rules()[a];
    const Rule& upper = policy_.rules()[b];
    if (both(lower.then, upper.then) != upper.then || upper.when.source == lower.when.source) return false;
    const bool share_a_term = std::ranges::any_of(terms_[b], [&](TermId term) { return terms_[a].contains(term); });
    return share_a_term && !always_[a] && !always_[b] &&
           prove({{&conditions_[b], Wanted::is_false}, {&conditions_[a], Wanted::not_false}});
  }

  // Of two that are the same the later one is spare.
  void look_for_one_above(std::size_t a) {
    for (std::size_t b = 0; b < conditions_.size(); ++b) {
      if (a == b || !is_above(b, a) || (b > a && is_above(a, b))) continue;
      out_.push_back(fmt::format("rule {} adds nothing: {} holds whenever it does and asks for as much", policy_.rules()[a].name,
                                 policy_.rules()[b].name));
      return;
    }
  }

  const Policy& policy_;
  Vocabulary words_{Purpose::advice};
  Effort effort_{kEffortOfAll};
  std::deque<Formula> conditions_;  // Of each rule; and so on.
  std::vector<std::set<TermId>> terms_;
  std::vector<bool> always_;
  std::vector<std::string> out_;
};

}  // namespace

std::optional<NeverHolds> never_holds(const Policy& policy, const cel::Checked& condition) {
  Vocabulary words(Purpose::advice);
  const Formula formula = read_condition(condition, policy, 0, words);
  Effort effort(kEffortOfOne);
  Conflict conflict;
  if (!cannot_be({words, true}, {{&formula, Wanted::not_false}}, effort, &conflict)) return std::nullopt;
  std::uint32_t at = condition.resolved.ast.node(condition.resolved.ast.root).at;
  for (const Conflict::Part& part : conflict.atoms) at = words.atom_of(part.atom).at;
  return NeverHolds{why(words, conflict), at};
}

std::vector<std::string> findings(const Policy& policy) { return Finder(policy).run(); }

}  // namespace holdfast::policy
