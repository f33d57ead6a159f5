#include "policy/analysis/theory.h"

#include <algorithm>

namespace holdfast::policy {
namespace {

bool is_told(std::uint8_t possible) { return possible == kTrue || possible == kFalse; }

class Theory {
 public:
  Theory(const Question& question, Assumed& assumed, Effort& effort)
      : question_(question), words_(question.vocabulary), assumed_(assumed), effort_(effort) {}

  bool is_contradictory() {
    for (const auto& [id, possible] : assumed_) {
      if (is_told(possible)) take_in(words_.atom_of(id), possible == kTrue);
    }
    while (exclude_an_error()) {
    }
    const bool none_left = std::ranges::any_of(assumed_, [](const auto& each) { return each.second == 0; });
    if (none_left || (!rows_.empty() && is_impossible(bounded({}), effort_))) return true;
    return members_exclude_each_other() || lists_exclude_each_other();
  }

 private:
  void take_in(const Atom& atom, bool holds) {
    known_.insert(atom.terms.begin(), atom.terms.end());
    if (atom.kind == AtomKind::opaque || atom.may_change) return;
    if (atom.kind != AtomKind::comparison) return (holds ? inside_ : outside_)[atom.subject].push_back(atom.set);
    // Not (form <= 0) is form >= 1.
    auto row = holds ? atom.form : combined(atom.form, -1, Linear::of(1), 1);
    if (row) rows_.push_back(std::move(*row));
  }

  bool is_known(TermId term) const {
    return known_.contains(term) || (question_.all_known && words_.term_of(term).is_variable);
  }

  bool exclude_an_error() {
    for (auto& [id, possible] : assumed_) {
      if ((possible & kError) == 0 || !can_be_told(words_.atom_of(id))) continue;
      possible &= static_cast<std::uint8_t>(~kError);
      if (is_told(possible)) take_in(words_.atom_of(id), possible == kTrue);
      return true;
    }
    return false;
  }

  bool can_be_told(const Atom& atom) {
    return std::ranges::all_of(atom.terms, [&](TermId term) { return is_known(term); }) &&
           std::ranges::all_of(atom.partials, [&](const Partial& partial) { return stays_in_bounds(partial); });
  }

  bool stays_in_bounds(const Partial& partial) {
    const auto too_low = combined(partial.value, 1, Linear::of(partial.least - 1), -1);    // value <= least - 1
    const auto too_high = combined(partial.value, -1, Linear::of(partial.most + 1), 1);  // value >= most + 1
    return too_low && too_high && is_impossible(bounded(*too_low), effort_) && is_impossible(bounded(*too_high), effort_);
  }

  // All rows, one more, and that each term keeps to its bounds.
  std::vector<Linear> bounded(const Linear& more) const {
    std::vector<Linear> out = rows_;
    out.push_back(more);
    std::set<TermId> terms;
    for (const Linear& row : out) {
      for (const auto& [term, factor] : row.parts) terms.insert(term);
    }
    for (const TermId term : terms) {
      if (const auto least = words_.term_of(term).least) out.push_back({{{term, -1}}, *least});
      if (const auto most = words_.term_of(term).most) out.push_back({{{term, 1}}, -*most});
    }
    return out;
  }

  // A text would have to be in all of some sets, and is in none of others.
  bool members_exclude_each_other() {
    return std::ranges::any_of(inside_, [&](const auto& each) {
      const auto& [subject, sets] = each;
      return words_are_of(AtomKind::member, subject) && has_no_member(sets, outside_[subject]);
    });
  }

  bool has_no_member(const std::vector<const TextSet*>& inside, const std::vector<const TextSet*>& outside) {
    const TextSet* smallest = *std::ranges::min_element(inside, {}, [](const TextSet* set) { return set->size(); });
    return std::ranges::none_of(*smallest, [&](const std::string& text) {
      if (!effort_.spend(1 + (inside.size() + outside.size()) / 8)) return true;  // For all we know.
      return std::ranges::all_of(inside, [&](const TextSet* set) { return set->contains(text); }) &&
             std::ranges::none_of(outside, [&](const TextSet* set) { return set->contains(text); });
    });
  }

  // A list would have to share a text with a set, and shares none with others that together hold all of that set.
  bool lists_exclude_each_other() {
    return std::ranges::any_of(inside_, [&](const auto& each) {
      const auto& [subject, sets] = each;
      if (!words_are_of(AtomKind::meets, subject)) return false;
      return std::ranges::any_of(sets, [&](const TextSet* set) { return has_no_member({set}, outside_[subject]); });
    });
  }

  // A term is either a text or a list of texts.
  bool words_are_of(AtomKind kind, TermId subject) const {
    return std::ranges::any_of(assumed_, [&](const auto& each) {
      const Atom& atom = words_.atom_of(each.first);
      return atom.kind == kind && atom.subject == subject;
    });
  }

  const Question& question_;
  const Vocabulary& words_;
  Assumed& assumed_;
  Effort& effort_;
  std::set<TermId> known_;
  std::vector<Linear> rows_;  // Each <= 0.
  std::map<TermId, std::vector<const TextSet*>> inside_;
  std::map<TermId, std::vector<const TextSet*>> outside_;
};

}  // namespace

bool is_contradictory(const Question& question, Assumed& assumed, Effort& effort) {
  return Theory(question, assumed, effort).is_contradictory();
}

}  // namespace holdfast::policy
