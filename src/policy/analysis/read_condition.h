// Reads a checked expression as a Formula. Only for condition.cc.
#pragma once

#include "policy/analysis/condition.h"

namespace holdfast::policy {

class ConditionReader {
 public:
  ConditionReader(const cel::Checked& checked, const Policy& policy, unsigned number, Vocabulary& vocabulary)
      : checked_(checked), ast_(checked.resolved.ast), policy_(policy), number_(number), vocabulary_(vocabulary) {}

  Formula read() { return truth_of(ast_.root); }
  Formula opaque() { return opaque_atom(ast_.root); }
  std::string key() const { return key(ast_.root); }

 private:
  // Whole numbers in the smallest unit of their type: millionths of a dollar, 10^-18 of a coin, nanoseconds.
  struct Number {
    Linear value;
    std::vector<Partial> partials;
    std::vector<TermId> terms;
  };

  Formula truth_of(cel::NodeId id);
  Formula call(cel::NodeId id);
  Formula equality(cel::NodeId id);
  Formula equal(cel::NodeId id, cel::NodeId a, cel::NodeId b);  // Of numbers.
  Formula membership(cel::NodeId id);
  Formula loop(cel::NodeId id);
  // a <= b, or a < b.
  Formula ordered(cel::NodeId id, cel::NodeId a, cel::NodeId b, bool or_equal);
  Formula text_is_in(cel::NodeId id, cel::NodeId text, std::size_t set);
  Formula list_meets(cel::NodeId id, cel::NodeId list, std::size_t set);
  Formula opaque_atom(cel::NodeId id);
  Formula parts_of(cel::NodeId id, Formula::Kind kind);
  Formula atom(Atom atom) { return {Formula::Kind::atom, false, vocabulary_.atom(std::move(atom)), {}}; }
  Atom start(cel::NodeId id) const;

  // Of a part whose type is_number().
  Number number(cel::NodeId id);
  Number arithmetic(cel::NodeId id);
  Number opaque_number(cel::NodeId id);
  std::optional<Int128> constant(cel::NodeId id) const;
  bool has_only_constants(cel::NodeId list) const;

  TermId term(cel::NodeId id);
  // The texts with which a loop's condition is `truth`; nothing where it asks more than which text it is.
  std::optional<TextSet> texts_with(cel::NodeId id, cel::NodeId loop, bool truth) const;
  std::optional<TextSet> texts_of(cel::NodeId list) const;  // Of one that is written down, or that the policy has and will not change.
  const std::string* text(cel::NodeId id) const;
  std::optional<std::uint32_t> variable(cel::NodeId id) const;

  const cel::Node& node(cel::NodeId id) const { return ast_.node(id); }
  cel::NodeId operand(cel::NodeId id, std::size_t index) const { return ast_.operand(node(id), index); }
  bool is_call(cel::NodeId id, std::string_view function, std::size_t arguments) const;
  cel::TypeKind type(cel::NodeId id) const { return checked_.types.of(checked_.node_types[id]).kind; }
  bool is_usd(cel::NodeId id) const { return checked_.node_types[id] == policy_.domain().usd_type(); }
  bool is_amount(cel::NodeId id) const { return policy_.domain().is_amount(checked_.types.of(checked_.node_types[id])); }
  bool is_number(cel::NodeId id) const;
  std::string key(cel::NodeId id) const;
  std::string shown(cel::NodeId id) const;

  const cel::Checked& checked_;
  const cel::Ast& ast_;
  const Policy& policy_;
  unsigned number_;
  Vocabulary& vocabulary_;
};

}  // namespace holdfast::policy
