#include "policy/analysis/prove.h"

#include "policy/analysis/theory.h"

#include <algorithm>

namespace holdfast::policy {
namespace {

constexpr unsigned kMostChoices = 200;  // One inside of the other.

using Alternative = std::vector<Goal>;  // All of these.
struct Choice {
  std::vector<Alternative> alternatives;  // One of these.
};

std::uint8_t values_of(Wanted wanted) {
  switch (wanted) {
    case Wanted::is_true: return kTrue;
    case Wanted::is_false: return kFalse;
    case Wanted::not_true: return kFalse | kError;
    case Wanted::not_false: return kTrue | kError;
  }
  return 0;
}

Wanted of_contrary(Wanted wanted) {
  switch (wanted) {
    case Wanted::is_true: return Wanted::is_false;
    case Wanted::is_false: return Wanted::is_true;
    case Wanted::not_true: return Wanted::not_false;
    case Wanted::not_false: return Wanted::not_true;
  }
  return wanted;
}

// Everything that is wanted at one point of a proof.
class Branch {
 public:
  Branch(const Question& question, Effort& effort) : question_(question), effort_(effort) {}

  // False: that contradicts itself already.
  bool want(const Goal& goal) {
    const Formula& formula = *goal.formula;
    const bool wants_truth = goal.wanted == Wanted::is_true || goal.wanted == Wanted::not_false;
    switch (formula.kind) {
      case Formula::Kind::truth: return formula.truth == wants_truth;
      case Formula::Kind::atom: return assume(formula.atom, values_of(goal.wanted));
      case Formula::Kind::invert: return want({&formula.parts[0], of_contrary(goal.wanted)});
      case Formula::Kind::all_of: return wants_truth ? want_all(formula, goal.wanted) : want_any(formula, goal.wanted);
      case Formula::Kind::any_of: return wants_truth ? want_any(formula, goal.wanted) : want_all(formula, goal.wanted);
      case Formula::Kind::conditional: return want_conditional(formula, goal.wanted);
    }
    return true;
  }

  bool want_each(const Alternative& goals) {
    return std::ranges::all_of(goals, [&](const Goal& goal) { return want(goal); });
  }

  // Every way on from here ends in a contradiction.
  bool is_closed(Conflict* conflict, unsigned depth = 0) {
    if (!effort_.spend(4 + assumed_.size() + choices_.size()) || depth > kMostChoices) return false;
    const bool has_a_way = conflict != nullptr || follow_single_choices();  // Who wants to know why is shown every step.
    if (effort_.left() == 0) return false;
    if (!has_a_way) return true;
    if (is_contradictory(question_, assumed_, effort_)) return note(conflict);
    if (choices_.empty()) return false;
    const auto fewest = std::ranges::min_element(choices_, {}, [](const Choice& choice) { return choice.alternatives.size(); });
    const Choice choice = std::move(*fewest);
    choices_.erase(fewest);
    return std::ranges::all_of(choice.alternatives, [&](const Alternative& alternative) {
      Branch branch = *this;
      return branch.want_each(alternative) ? branch.is_closed(conflict, depth + 1) : branch.note(conflict);
    });
  }

  bool note(Conflict* conflict) {
    if (conflict == nullptr || !conflict->atoms.empty()) return true;
    Assumed least = assumed_;
    for (const auto& [id, possible] : assumed_) {
      Assumed fewer = least;
      fewer.erase(id);
      if (is_contradictory(question_, fewer, effort_)) least = std::move(fewer);
    }
    for (const auto& [id, possible] : least) {
      const bool is_both = (possible & (kTrue | kFalse)) == 0;  // It was to be the one and the other.
      conflict->atoms.push_back({id, is_both || (possible & kTrue) != 0, is_both || (possible & kFalse) != 0});
    }
    return true;
  }

 private:
  bool assume(AtomId atom, std::uint8_t values) {
    const auto at = assumed_.try_emplace(atom, kTrue | kFalse | kError).first;
    at->second &= values;
    return at->second != 0;
  }

  bool want_all(const Formula& formula, Wanted wanted) {
    return std::ranges::all_of(formula.parts, [&](const Formula& part) { return want({&part, wanted}); });
  }

  bool want_any(const Formula& formula, Wanted wanted) {
    Choice choice;
    for (const Formula& part : formula.parts) choice.alternatives.push_back({{&part, wanted}});
    choices_.push_back(std::move(choice));
    return true;
  }

  // c ? a : b is true when c and a are, or when c is false and b is true. It is not false when neither way makes it so.
  bool want_conditional(const Formula& formula, Wanted wanted) {
    const Formula* when = &formula.parts[0];
    const Formula* then = &formula.parts[1];
    const Formula* otherwise = &formula.parts[2];
    if (wanted == Wanted::is_true || wanted == Wanted::is_false) {
      choices_.push_back({{{{when, Wanted::is_true}, {then, wanted}}, {{when, Wanted::is_false}, {otherwise, wanted}}}});
    } else {
      choices_.push_back({{{{when, Wanted::not_true}}, {{then, wanted}}}});
      choices_.push_back({{{{when, Wanted::not_false}}, {{otherwise, wanted}}}});
    }
    return true;
  }

  // Leaves out what contradicts an assumption, and takes what is then the only way. False: there is none.
  bool follow_single_choices() {
    for (bool is_changed = true; is_changed;) {
      is_changed = false;
      for (Choice& choice : choices_) {
        std::erase_if(choice.alternatives, [&](const Alternative& each) { return contradicts(each); });
        if (choice.alternatives.empty()) return false;
      }
      const auto single = std::ranges::find_if(choices_, [](const Choice& choice) { return choice.alternatives.size() == 1; });
      if (single == choices_.end()) break;
      const Alternative only = std::move(single->alternatives[0]);
      choices_.erase(single);
      effort_.spend(1 + choices_.size());
      if (!want_each(only)) return false;
      is_changed = true;
    }
    return true;
  }

  bool contradicts(const Alternative& alternative) const {
    return std::ranges::any_of(alternative, [&](const Goal& goal) {
      if (goal.formula->kind != Formula::Kind::atom) return false;
      const auto at = assumed_.find(goal.formula->atom);
      return at != assumed_.end() && (at->second & values_of(goal.wanted)) == 0;
    });
  }

  const Question& question_;
  Effort& effort_;
  Assumed assumed_;
  std::vector<Choice> choices_;
};

}  // namespace

bool cannot_be(const Question& question, const std::vector<Goal>& goals, Effort& effort, Conflict* conflict) {
  Branch branch(question, effort);
  if (!branch.want_each(goals)) return branch.note(conflict);
  return branch.is_closed(conflict);
}

}  // namespace holdfast::policy
