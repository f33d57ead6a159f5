// For benches: the windows and rules of a policy, as its file has them.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace holdfast::bench {

inline std::string window(std::string_view name, std::string_view key, std::string_view length) {
  return fmt::format("[[windows]]\nname = \"{}\"\nkeys = [\"{}\"]\nlength = \"{}\"\n", name, key, length);
}

inline std::string rule(std::string_view name, std::string_view when, std::string_view then) {
  return fmt::format("[[rules]]\nname = \"{}\"\nwhen = '{}'\nthen = \"{}\"\nreason = \"bench\"\nseverity = \"low\"\n", name, when, then);
}

}  // namespace holdfast::bench
