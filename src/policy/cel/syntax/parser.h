// Reads an expression: CEL's whole grammar, by recursive descent.
//
//   expr        = or ["?" or ":" expr]
//   or          = and *("||" and)
//   and         = relation *("&&" relation)
//   relation    = sum *(("<" / "<=" / ">=" / ">" / "==" / "!=" / "in") sum)
//   sum         = product *(("+" / "-") product)
//   product     = unary *(("*" / "/" / "%") unary)
//   unary       = *("!" / "-") member
//   member      = primary *("." selector ["(" [exprs] ")"] / "[" expr "]" / "{" [fields] "}")
//   primary     = ["."] identifier ["(" [exprs] ")"] / "(" expr ")" / "[" [exprs] "]" / "{" [entries] "}" / literal
//   selector    = identifier, reserved words included / "`" quoted "`"
//
// has(e.f) and e.all(x, p), exists, exists_one, filter, map become nodes of their own here.
#pragma once

#include "policy/cel/syntax/ast.h"
#include "policy/cel/syntax/problem.h"

namespace holdfast::policy::cel {

struct ParseLimits {
  std::size_t max_bytes = 64 * 1024;
  std::size_t max_nodes = 20'000;
  std::size_t max_depth = 200;  // Of the tree, and of parentheses. Everything that walks a tree relies on it.
};

// Refusals: `cel_too_large`, `cel_not_utf8`, `cel_syntax`, `cel_too_deep`.
Parsed<Ast> parse(std::string_view source, const ParseLimits& limits = {});

}  // namespace holdfast::policy::cel
