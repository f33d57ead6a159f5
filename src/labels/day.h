// Days as lists write them, "2021-12-23", and as labels keep them: counted from 1970-01-01.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::labels {

// Nothing: it is no day of the calendar in exactly this form, or one before 1970.
std::optional<std::int32_t> read_day(std::string_view text);
std::string write_day(std::int32_t day);

}  // namespace holdfast::labels
