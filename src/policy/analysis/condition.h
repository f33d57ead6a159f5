// A condition as logic over atoms: what can be reasoned about is told apart (numbers against numbers, texts in sets), the rest is
// opaque. Conditions of several policies can stand over one Vocabulary; then the same means the same.
//
// CEL's logic has three values: true, false and an error, and && || ! ?: treat an error as Kleene's logic does its third value.
#pragma once

#include "policy/analysis/linear.h"
#include "policy/cel/check/check.h"
#include "policy/policy.h"

#include <deque>
#include <map>
#include <string>
#include <vector>

namespace holdfast::policy {

using AtomId = std::uint32_t;

// A value that conditions speak of: a variable, or a part that nothing is known of but its text.
struct Term {
  std::string key;            // What it means. The same key is the same value, and the same error.
  bool is_variable = false;
  std::optional<Int128> least{};  // No value of it is lower.
  std::optional<Int128> most{};   // Nor higher.
};

// A part of a sum. Outside of these bounds it is an error, or might be.
struct Partial {
  Linear value;
  Int128 least = 0;
  Int128 most = 0;
};

enum class AtomKind : std::uint8_t {
  opaque,
  comparison,  // form <= 0
  member,      // the text `subject` is in `set`
  meets,       // the list of texts `subject` and `set` have one in common
};

struct Atom {
  std::string key;            // The same key is the same truth, and the same error.
  std::string shown;          // As it was written, for people.
  std::uint32_t at = 0;       // Where.
  AtomKind kind = AtomKind::opaque;
  std::vector<TermId> terms;  // If it can be told, each of these can. If each can, and partials stay in their bounds, it can be told.
  Linear form;
  std::vector<Partial> partials;
  TermId subject = 0;
  const TextSet* set = nullptr;
  bool may_change = false;  // What is in the set.
};

struct Formula {
  enum class Kind : std::uint8_t { truth, atom, all_of, any_of, invert, conditional };
  Kind kind = Kind::truth;
  bool truth = false;
  AtomId atom = 0;
  std::vector<Formula> parts;
};

// What for. `advice` looks at one policy: its lists may have other texts tomorrow, and clocks run forward. `comparison` looks at two, and
// whatever could make a difference between them counts: lists are what is in them now, and an age below zero may come.
enum class Purpose : std::uint8_t { advice, comparison };

class Vocabulary {
 public:
  explicit Vocabulary(Purpose purpose) : purpose_(purpose) {}
  Vocabulary(const Vocabulary&) = delete;  // Atoms point into it.
  Vocabulary& operator=(const Vocabulary&) = delete;

  Purpose purpose() const { return purpose_; }
  TermId term(const Term& term);
  AtomId atom(Atom atom);
  // The number of a policy's list, which has to outlive the vocabulary; of the texts of an expression.
  std::size_t list(const TextSet& texts);
  std::size_t set(TextSet texts);
  const TextSet& set_of(std::size_t number) const { return *sets_[number].texts; }
  bool may_change(std::size_t set) const { return sets_[set].is_list && purpose_ == Purpose::advice; }

  const Term& term_of(TermId id) const { return terms_[id]; }
  const Atom& atom_of(AtomId id) const { return atoms_[id]; }

 private:
  struct Set {
    const TextSet* texts = nullptr;
    bool is_list = false;  // Of a policy.
  };
  std::size_t number_of(const Set& set);

  Purpose purpose_;
  std::vector<Term> terms_;
  std::deque<Atom> atoms_;
  std::vector<Set> sets_;
  std::deque<TextSet> own_sets_;
  std::map<std::string, TermId> term_ids_;
  std::map<std::string, AtomId> atom_ids_;
};

// `policy` may still be read: domain, windows and lists have to be there. `number` tells policies of one vocabulary apart.
Formula read_condition(const cel::Checked& checked, const Policy& policy, unsigned number, Vocabulary& vocabulary);

struct Meant {
  Formula formula;
  std::string key;  // The same key is the same truth, and the same error.
};
// Of a rule or detector of it. One that might run out of memory is opaque as a whole.
Meant read_condition(const Condition& condition, const Policy& policy, unsigned number, Vocabulary& vocabulary);

}  // namespace holdfast::policy
