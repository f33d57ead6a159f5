// Two versions of a policy: what is different, and whether the new one can be milder to any withdrawal.
//
// "Loosens" is decided conservatively: it is said of everything that is not proven to be as strict. Proven is, for each rule of the old
// policy and each thing that it asks for: whenever the rule fires, rules of the new policy fire that ask for it or for more. A
// detector has to be there under its name, to climb whenever it did, and to be as strict on every step for as long: grades that stand
// when the policy is replaced stay. A window is what it counts and how long, a list is its texts, whatever either is called.
#pragma once

#include "policy/policy.h"

#include <string>
#include <vector>

namespace holdfast::policy {

enum class Effect : std::uint8_t { neither, tightens, loosens };

// For people. What is milder in one place may be made up for in another: the effect of a difference is that of the rules it touches.
struct Difference {
  std::string what;    // "rule", "detector", "window", "list"
  std::string name;
  std::string change;  // "added", "removed", or what of it: `then: review 1 risk -> deny`
  Effect effect = Effect::neither;
};

struct Comparison {
  std::vector<std::string> loosens;  // Why the new policy may be milder, in words. Empty: for no withdrawal it is.
  bool tightens = false;             // It may be stricter.
  std::vector<Difference> differences;
};

Comparison compare(const Policy& from, const Policy& to);

// Why replacing `from` by `to` may make some withdrawal's verdict milder; empty when it is proven that it cannot.
std::vector<std::string> loosens(const Policy& from, const Policy& to);

}  // namespace holdfast::policy
