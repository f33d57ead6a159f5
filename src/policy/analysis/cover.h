// Which rules and detectors of one policy are made up for by those of another.
#pragma once

#include "policy/policy.h"

#include <optional>
#include <string>
#include <vector>

namespace holdfast::policy {

struct Uncovered {
  // By rule: what of its demand the other policy is not proven to ask for whenever the rule fires. Nothing: it asks for all of it.
  std::vector<std::optional<Demand>> rules;
  // By detector: in what the other policy's detector of that name is not proven to be as strict, in words. Empty: it is.
  std::vector<std::string> detectors;
};

// Whatever else a policy may come to hold that makes a difference to a verdict has to be compared here, too.
Uncovered uncovered(const Policy& from, const Policy& to);

}  // namespace holdfast::policy
