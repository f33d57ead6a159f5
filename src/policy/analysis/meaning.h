// What the variables of a policy mean, whatever it calls them: those of two policies with the same meaning have the same value.
#pragma once

#include "policy/policy.h"

#include <string>

namespace holdfast::policy {

// A window's variable is told by its keys and facts, its length and what of it is asked; lists are told by their texts, elsewhere. A
// variable that is not known here is of that policy alone (`number`): nothing is proven of it across policies.
std::string meaning_of(const Policy& policy, std::uint32_t slot, unsigned number);

// "customer, 24h", "asset, chain, ever, deposits, 100 to 200 USD"
std::string write_window(const Policy& policy, const WindowUse& use);

// The window that it is a variable of; null when of none.
const WindowUse* window_of(const Policy& policy, std::uint32_t slot);

}  // namespace holdfast::policy
