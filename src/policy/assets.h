// Which assets an expression names by amount("3.2", "ETH") or sent("ETH"). Both are part of the types, so they are written down.
#pragma once

#include "policy/cel/syntax/ast.h"
#include "policy/cel/syntax/problem.h"

#include <set>
#include <string>

namespace holdfast::policy {

// Refuses `cel_type` where one of the two is not written as it has to be.
cel::Parsed<std::set<std::string>> assets_in(const cel::Ast& ast);

}  // namespace holdfast::policy
