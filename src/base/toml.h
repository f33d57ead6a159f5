// The TOML library (toml++), made safe for texts from outside: a text over which one of its assertions fails, or that is so deep that
// tearing its tables down would overflow the stack, is refused, and the process goes on. Include it through here only, so that
// all see the same library.
#pragma once

#include <algorithm>
#include <cstdint>
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
#define TOML_MAX_NESTED_VALUES 16
#include <toml++/toml.h>

namespace holdfast {

// A key a.b.c makes tables inside of tables, and toml++ has no bound for that. A key stands on one line, so this is one; with
// the nesting of values (above) no text is deeper than 16 times this.
inline constexpr std::ptrdiff_t kMaxDotsInLine = 200;

inline toml::parse_result no_toml(std::string_view why, std::uint32_t line) {
  return toml::parse_result(toml::parse_error(std::string(why), toml::source_region{{line, 1}, {line, 1}, nullptr}));
}

// As toml::parse. Lines of over kMaxDotsInLine dots are refused, whatever the dots are for.
inline toml::parse_result parse_toml(std::string_view text, std::string_view path = {}) {
  std::uint32_t line = 1;
  for (std::string_view rest = text; !rest.empty(); ++line) {
    const std::size_t end = std::min(rest.find('\n'), rest.size() - 1);
    if (std::ranges::count(rest.substr(0, end + 1), '.') > kMaxDotsInLine) return no_toml("more than 200 dots; write it in several lines", line);
    rest.remove_prefix(end + 1);
  }
  try {
    return toml::parse(text, path);
  } catch (const TomlAssertion&) {
    return no_toml("is no TOML", 1);
  }
}

}  // namespace holdfast
