// What is wrong with an expression, and where.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::policy::cel {

// Codes: `cel_too_large`, `cel_not_utf8`, `cel_syntax`, `cel_too_deep`, `cel_unknown_name`, `cel_type`, `cel_unsupported`.
struct Problem {
  std::string_view code;   // Stable, a string literal.
  std::uint32_t at = 0;    // Byte offset into the expression's text.
  std::string text;
};

template <class T>
using Parsed = Result<T, Problem>;
using Rejection = std::unexpected<Problem>;

inline Rejection reject(std::string_view code, std::uint32_t at, std::string text) {
  return Rejection(Problem{code, at, std::move(text)});
}

struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;  // In code points.
};

Position position_of(std::string_view text, std::uint32_t at);

// "2:14: what is wrong", then the line and a caret below the place. Long lines are cut around it; what is no text is shown as ?.
std::string explain(std::string_view text, const Problem& problem);

}  // namespace holdfast::policy::cel
