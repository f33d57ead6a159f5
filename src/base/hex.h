// Hexadecimal text, lower case.
#pragma once

#include "base/bytes.h"

#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

std::string to_hex(ByteView bytes);     // "00ff", no prefix
std::string to_0x_hex(ByteView bytes);  // "0x00ff"

// Takes an even number of digits of either case, with or without 0x. Anything else gives nothing.
std::optional<Bytes> from_hex(std::string_view text);

template <std::size_t N>
std::optional<FixedBytes<N>> fixed_from_hex(std::string_view text) {
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != N) return std::nullopt;
  return FixedBytes<N>::from(*bytes);
}

}  // namespace holdfast
