// The TOML library (toml++), made safe for texts from outside: where one of its assertions fails over a text that is no TOML, the
// text is refused and the process goes on. Include it through here only, so that all see the same library.
#pragma once

#include <string_view>

namespace holdfast {

struct TomlAssertion {};

constexpr void toml_assert(bool holds) {
  if (!holds) throw TomlAssertion{};
}

}  // namespace holdfast

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ASSERT(expr) ::holdfast::toml_assert(static_cast<bool>(expr))
#include <toml++/toml.h>

namespace holdfast {

// As toml::parse.
inline toml::parse_result parse_toml(std::string_view text, std::string_view path = {}) {
  try {
    return toml::parse(text, path);
  } catch (const TomlAssertion&) {
    return toml::parse_result(toml::parse_error("is no TOML", toml::source_region{{1, 1}, {1, 1}, nullptr}));
  }
}

}  // namespace holdfast
