// The values that literals stand for.
#pragma once

#include "policy/cel/syntax/ast.h"
#include "policy/cel/syntax/lexer.h"

#include <optional>

namespace holdfast::policy::cel {

// Of a literal's token. `negative`: a minus stands before it. Refused: numbers out of range, unknown escapes.
Parsed<Literal> literal_of(const Token& token, bool negative);

// A decimal number as a double, rounded to nearest; too small is zero, too large is refused. No signs but of the exponent.
std::optional<double> to_double(std::string_view digits);

}  // namespace holdfast::policy::cel
