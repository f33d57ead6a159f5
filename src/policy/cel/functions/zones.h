// Time zones by a table of their rules, which is part of this library: machines differ in the zone database they have, and a
// verdict must not. A rule holds from the date in its row on; before the first row of a zone nothing is known of it.
//
// A change of the table changes what policies mean: kZoneTableVersion goes up with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace holdfast::policy::cel {

inline constexpr int kZoneTableVersion = 1;

// Seconds east of UTC at that instant. `zone`: "+05:30", "-02:30", "02:00", "UTC", "Europe/Berlin". Nothing: no such zone, or not then.
std::optional<std::int64_t> zone_offset(std::string_view zone, std::int64_t seconds);

// All names, sorted.
std::vector<std::string_view> zone_names();

}  // namespace holdfast::policy::cel
