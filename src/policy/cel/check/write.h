// An expression as text again: with every operator in parentheses, and variables called as the caller wants. Two expressions that are
// written alike mean the same, if variables that are called alike do.
#pragma once

#include "policy/cel/check/resolve.h"

#include <functional>
#include <string>

namespace holdfast::policy::cel {

using NameOfSlot = std::function<std::string(std::uint32_t slot)>;

std::string write(const Resolved& from, NodeId node, const NameOfSlot& name_of);

}  // namespace holdfast::policy::cel
