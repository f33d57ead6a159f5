#include "policy/cel/syntax/utf8.h"

namespace holdfast::policy::cel {

namespace {

constexpr std::uint8_t byte_at(std::string_view text, std::size_t at) { return static_cast<std::uint8_t>(text[at]); }

constexpr bool is_continuation(std::uint8_t byte) { return (byte & 0xc0) == 0x80; }

// The length that a first byte announces; 0: it cannot be first.
constexpr std::size_t length_of(std::uint8_t first) {
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;  // A continuation, or an overlong form of ASCII.
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 3;
  return first < 0xf5 ? 4 : 0;
}

// Overlong forms and surrogates show in the second byte.
constexpr bool second_fits(std::uint8_t first, std::uint8_t second) {
  switch (first) {
    case 0xe0: return second >= 0xa0;
    case 0xed: return second < 0xa0;
    case 0xf0: return second >= 0x90;
    case 0xf4: return second < 0x90;
    default: return true;
  }
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const std::uint8_t first = byte_at(bytes, at);
    const std::size_t length = length_of(first);
    if (length == 0 || length > bytes.size() - at) return false;
    if (length > 1 && !second_fits(first, byte_at(bytes, at + 1))) return false;
    for (std::size_t i = 1; i < length; ++i) {
      if (!is_continuation(byte_at(bytes, at + i))) return false;
    }
    at += length;
  }
  return true;
}

std::size_t count_code_points(std::string_view text) {
  std::size_t count = 0;
  for (const char each : text) count += is_continuation(static_cast<std::uint8_t>(each)) ? 0U : 1U;
  return count;
}

void append_utf8(std::string& out, std::uint32_t code_point) {
  const auto append = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  const auto rest = [code_point](int shift) { return 0x80U | (code_point >> shift & 0x3fU); };
  if (code_point < 0x80) {
    append(code_point);
  } else if (code_point < 0x800) {
    append(0xc0U | code_point >> 6);
    append(rest(0));
  } else if (code_point < 0x10000) {
    append(0xe0U | code_point >> 12);
    append(rest(6));
    append(rest(0));
  } else {
    append(0xf0U | code_point >> 18);
    append(rest(12));
    append(rest(6));
    append(rest(0));
  }
}

}  // namespace holdfast::policy::cel
