// The EVM's own unit: 32 bytes, a big-endian uint256. Numbers that cannot stand for money stay words, so that none
// can wrap or throw.
#pragma once

#include "base/amount.h"
#include "base/bytes.h"

#include <cstdint>
#include <optional>

namespace holdfast::chain::evm {

using Word = Hash32;

Word word_of(std::uint64_t number);

// Nothing when the number does not fit.
std::optional<std::uint64_t> uint64_of(const Word& word);

// The amount, or Amount::max() for a number over its bound: money that cannot exist, so a comparison with it stays right.
Amount saturating_amount(const Word& word);

}  // namespace holdfast::chain::evm
