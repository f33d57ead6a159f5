// What an amount is worth at the asset's present price.
#pragma once

#include "custody/types.h"

namespace holdfast::custody {

// In micro dollars, rounded up; at most 2^63 - 1, which stands for all that is worth more. 0: nothing, or the price is not known.
std::uint64_t value_of(const Asset& asset, Amount amount);

}  // namespace holdfast::custody
