// Looks at label lists, without holdfastd.
#pragma once

#include "apps/cli/session.h"

#include <cstdint>
#include <string>

namespace holdfast::cli {

// Reads the lists that a catalogue names, and prints what came of each: labels taken, lines of chains that are not ours, lines
// refused with their codes, and its age in days on the day `today` (since 1970-01-01).   Errors: those of config::load_labels().
Result<void> check_labels(const Settings& settings, const std::string& catalogue, std::int32_t today);

// Prints all that the lists say of an address. chain: CAIP-2, or the name of a network of coins.
// Errors: those of config::load_labels(), find_network(), and of reading the address.
Result<void> find_labels(const Settings& settings, const std::string& catalogue, const std::string& chain, const std::string& address);

// In days since 1970-01-01.
std::int32_t today();

}  // namespace holdfast::cli
