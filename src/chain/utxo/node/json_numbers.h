// JSON whose numbers are read as they were written: nodes write money as decimal fractions, and no double may touch it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::chain::utxo {

// The same JSON with every number 1.5 outside of texts turned into the text "#1.5", for parsers that would make a double of
// it. What is no JSON stays none. (A text of the node's own that begins with # counts as a number from here on: it could
// have written the number as well.)
std::string with_numbers_as_text(std::string_view json);

// "#17" -> 17. None for fractions, signs, exponents and what does not fit.
std::optional<std::uint64_t> unsigned_of(std::string_view marked);
std::optional<std::int64_t> signed_of(std::string_view marked);

// "#0.00012345" -> 12345: a number of coins in its hundred millionths, exactly. Exponents are read ("#1e-8"), as some
// nodes write them. None when it is no number, has a fraction of a hundred millionth, or is over `max` or under -max.
std::optional<std::int64_t> coins_of(std::string_view marked, std::int64_t max);

}  // namespace holdfast::chain::utxo
