// Gives each part of an expression its type, and refuses what does not fit.
//
// What is accepted and has no part of type dyn evaluates without `no_such_overload` and without `unknown_name`, provided the host
// gives every variable a value of its type. Types are inferred as in Hindley and Milner: the element of [] is unknown until its use
// decides it.
#pragma once

#include "policy/cel/check/resolve.h"

namespace holdfast::policy::cel {

struct CheckRules {
  bool allows_dyn = false;  // Lists of mixed types, dyn(), variables of type dyn.
  // The type that the whole has to be of. Nothing: any.
  std::optional<TypeId> expected{};
};

struct Checked {
  Resolved resolved;
  TypeTable types;                                      // The environment's, and those that occurred here.
  std::vector<TypeId> node_types;                       // By node.
  std::vector<std::optional<std::uint32_t>> overloads;  // By node: the one overload that a call means. Nothing: found at run time.
  bool is_sound = true;                                 // No dyn is involved.
  TypeId type() const { return node_types[resolved.ast.root]; }
};

// Refusals: `cel_unknown_name`, `cel_type`, `cel_unsupported` (messages).
Parsed<Checked> check(Resolved resolved, const Environment& environment, const CheckRules& rules = {});

}  // namespace holdfast::policy::cel
