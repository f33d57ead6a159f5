// Finds out what each name of an expression means. Longest first: a.b.c is the variable a.b.c if there is one, else the field c of
// a.b, and so on. The variable of a loop hides everything of its name, and what its name begins.
#pragma once

#include "policy/cel/check/environment.h"
#include "policy/cel/syntax/ast.h"
#include "policy/cel/syntax/problem.h"

namespace holdfast::policy::cel {

struct Resolution {
  Meaning meaning;                      // Of a name, or of a chain of fields or a call that is one name.
  std::optional<FunctionId> function{};  // Of a call.
  bool is_namespaced = false;           // a.b.f(x) where a.b.f is the function's name: the first operand is no value.
};

struct Resolved {
  Ast ast;
  std::vector<Resolution> nodes;  // By node.
};

// Names without a meaning stay so: an expression that is checked is refused for them, one that is not fails where it needs them.
Resolved resolve(Ast ast, const Environment& environment);

}  // namespace holdfast::policy::cel
