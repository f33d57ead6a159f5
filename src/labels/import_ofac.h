// Reads the addresses of one currency from the list of the Office of Foreign Assets Control.
//
//   text = *( line LF )            line = [ address ], spaces around it are nothing
//   json = "[" *( DQUOTE address DQUOTE [ "," ] ) "]", one address a line
#pragma once

#include "base/result.h"
#include "labels/label.h"

#include <string_view>

namespace holdfast::labels {

inline constexpr std::size_t kOfacSizeMax = 8 << 20;  // bytes

// The currency is the list's word: "XBT", "ETH". An EVM address is taken for every EVM chain: the list is of people.
// Refuses `list_too_large`. Lines refuse with the codes of read_address (currency.h).
Result<Imported> import_ofac(std::string_view currency, std::string_view text, const ListOrigin& origin);

}  // namespace holdfast::labels
