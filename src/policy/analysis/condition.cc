#include "policy/analysis/condition.h"

#include "base/check.h"
#include "policy/analysis/meaning.h"
#include "policy/analysis/read_condition.h"
#include "policy/cel/run/machine.h"
#include "policy/cel/syntax/parser.h"

#include <algorithm>

namespace holdfast::policy {
namespace {

// With so little to spend no evaluation fills a machine's memory: one unit takes 128 bytes of it at most.
constexpr std::uint64_t kCostWithinMemory = cel::kDefaultMemory / 128;

}  // namespace

TermId Vocabulary::term(const Term& term) {
  const auto [at, is_new] = term_ids_.emplace(term.key, static_cast<TermId>(terms_.size()));
  if (is_new) terms_.push_back(term);
  return at->second;
}

AtomId Vocabulary::atom(Atom atom) {
  const auto [at, is_new] = atom_ids_.emplace(atom.key, static_cast<AtomId>(atoms_.size()));
  if (is_new) atoms_.push_back(std::move(atom));
  return at->second;
}

std::size_t Vocabulary::number_of(const Set& set) {
  const auto is_same = [&](const Set& other) {
    if (other.texts == set.texts) return true;
    if (purpose_ == Purpose::advice && (other.is_list || set.is_list)) return false;
    return other.texts->size() == set.texts->size() && *other.texts == *set.texts;
  };
  const auto found = std::ranges::find_if(sets_, is_same);
  const auto number = static_cast<std::size_t>(found - sets_.begin());
  if (found == sets_.end()) sets_.push_back(set);
  return number;
}

std::size_t Vocabulary::list(const TextSet& texts) { return number_of({&texts, true}); }

std::size_t Vocabulary::set(TextSet texts) {
  own_sets_.push_back(std::move(texts));
  return number_of({&own_sets_.back(), false});
}

Meant read_condition(const Condition& condition, const Policy& policy, unsigned number, Vocabulary& vocabulary) {
  const cel::Environment& environment = policy.domain().environment;
  auto ast = cel::parse(condition.when.source);
  HF_CHECK(ast);  // It was compiled from this.
  const cel::CheckRules rules{.allows_dyn = false, .expected = cel::types::kBool};
  const auto checked = cel::check(cel::resolve(std::move(*ast), environment), environment, rules);
  HF_CHECK(checked);
  ConditionReader reader(*checked, policy, number, vocabulary);
  return {condition.when.cost_bound > kCostWithinMemory ? reader.opaque() : reader.read(), reader.key()};
}

Formula read_condition(const cel::Checked& checked, const Policy& policy, unsigned number, Vocabulary& vocabulary) {
  return ConditionReader(checked, policy, number, vocabulary).read();
}

}  // namespace holdfast::policy
