#include "policy/cel/expression.h"

#include "policy/cel/run/compile.h"

namespace holdfast::policy::cel {

Parsed<Program> build(std::string_view source, const Environment& environment, const CheckRules& rules, const ParseLimits& limits) {
  auto ast = parse(source, limits);
  if (!ast) return Rejection(std::move(ast.error()));
  const auto checked = check(resolve(std::move(*ast), environment), environment, rules);
  if (!checked) return Rejection(checked.error());
  return compile(*checked, environment);
}

}  // namespace holdfast::policy::cel
