// Reads a table of addresses out of reports on thefts, with the part that each had.
//
//   table = "incident,date,loss_usd,chain,address,role,checksum,source" LF *( row LF )          as RFC 4180, a row to a line,
//                                                                             spaces around a field are nothing
//
// The seventh column is the verdict of whoever checked the address; a table of rows that were thrown out has `reason` there. A row
// that was not found good is refused, and what was found good is checked again. The thieves' addresses are theirs on every EVM
// chain; the victims' and a service's are no thieves', and are held to the chain that is named.
#pragma once

#include "base/result.h"
#include "labels/label.h"

#include <string_view>

namespace holdfast::labels {

inline constexpr std::size_t kHacksSizeMax = 8 << 20;  // bytes
inline constexpr std::size_t kHacksFieldMax = 256;     // bytes

// The day of a label is the theft's. The source is the row's, or the list's where it has none.
// Refuses the whole: `list_too_large`, `csv_header`.
// Refuses a row: as read_address (currency.h); `csv_malformed` (quotes, or the number of fields), `field_too_long`,
// `field_unprintable`, `incident_missing`, `date_malformed`, `role_unknown`, `verdict_bad`.
Result<Imported> import_hacks(std::string_view text, const ListOrigin& origin);

}  // namespace holdfast::labels
