// UTF-8 as CEL needs it: strings are sequences of code points, and nothing that is no UTF-8 becomes a string.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::policy::cel {

inline constexpr std::uint32_t kMaxCodePoint = 0x10ffff;

// No overlong forms, no surrogates, nothing above U+10FFFF, nothing cut off.
bool is_utf8(std::string_view bytes);

// Of text that is UTF-8.
std::size_t count_code_points(std::string_view text);

constexpr bool is_scalar_value(std::uint32_t code_point) {
  return code_point <= kMaxCodePoint && !(code_point >= 0xd800 && code_point <= 0xdfff);
}

// `code_point` is a scalar value.
void append_utf8(std::string& out, std::uint32_t code_point);

}  // namespace holdfast::policy::cel
