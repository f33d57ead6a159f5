// Reads the name tags of Etherscan and its sister explorers, as collected into one JSON object for each chain.
//
//   object = { address: { "name": text, "labels": [ text* ], ... }* }       other fields hold one value, and are passed over
//
// Its labels are words for a reader's eye, and few of them are what a verdict needs:
//   - "heist" and "exploit" stand at thieves, and at the token a theft was of. What looks like a token contract (a name that ends in
//     "Token" or in a ticker in brackets, or a label that says so) is never `stolen`, nor mixer, exchange, market or game.
//   - "take-action" and "compromised" stand at victims; "marketplace" is of art, no dark market. All three are `other`.
// Labels of wrongdoing hold on every EVM chain, since they are of whoever holds the key; a token contract's hold on its own.
#pragma once

#include "base/result.h"
#include "labels/label.h"

#include <string_view>

namespace holdfast::labels {

inline constexpr std::size_t kEtherscanSizeMax = 8 << 20;  // bytes
inline constexpr std::size_t kEtherscanEntriesMax = 200'000;
inline constexpr std::size_t kEtherscanTextMax = 256;  // bytes of a name or a label
inline constexpr std::size_t kEtherscanWordsMax = 64;  // labels of an entry
inline constexpr std::uint8_t kEtherscanConfidence = 70;  // As of a provider that is trusted.

// An entry gives a label for each category that is said of it, or one of `other`.
// A line of the result is the entry's place in the list, from 1: such files are one long line.
// Refuses the whole: `list_too_large`, `list_too_long`, `chain_not_evm`, `json_malformed`, `json_shape` (not the grammar above).
// Refuses an entry: as read_address (currency.h); `field_too_long`, `field_unprintable`, `labels_too_many`.
Result<Imported> import_etherscan(std::string_view chain, std::string_view text, const ListOrigin& origin);

}  // namespace holdfast::labels
