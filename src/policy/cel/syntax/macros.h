// Which member calls are loops over a list or a map.
#pragma once

#include "policy/cel/syntax/ast.h"

#include <optional>

namespace holdfast::policy::cel {

inline std::optional<LoopMacro> loop_macro_of(std::string_view name, std::size_t arguments) {
  if (name == "map" && (arguments == 2 || arguments == 3)) return LoopMacro::map;
  if (arguments != 2) return std::nullopt;
  if (name == "all") return LoopMacro::all;
  if (name == "exists") return LoopMacro::exists;
  if (name == "exists_one") return LoopMacro::exists_one;
  if (name == "filter") return LoopMacro::filter;
  return std::nullopt;
}

inline std::string_view name_of(LoopMacro macro) {
  switch (macro) {
    case LoopMacro::all: return "all";
    case LoopMacro::exists: return "exists";
    case LoopMacro::exists_one: return "exists_one";
    case LoopMacro::filter: return "filter";
    case LoopMacro::map: return "map";
  }
  return "";
}

}  // namespace holdfast::policy::cel
