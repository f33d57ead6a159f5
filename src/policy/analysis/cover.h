// Which rules of one policy are made up for by those of another.
#pragma once

#include "policy/policy.h"

#include <optional>
#include <string>
#include <vector>

namespace holdfast::policy {

// For each rule of `from`: what of its demand `to` is not proven to ask for whenever the rule fires. Nothing: it asks for all of it.
std::vector<std::optional<Demand>> not_covered(const Policy& from, const Policy& to);

}  // namespace holdfast::policy
