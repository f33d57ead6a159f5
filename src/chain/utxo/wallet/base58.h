// Base58 and base58check: the older addresses and extended keys as text. For public data only.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace holdfast::chain::utxo {

// Decoding costs the square of the length; nothing that we read is longer than an extended key's 112.
inline constexpr std::size_t kMaxBase58Text = 512;

std::string base58_encode(ByteView bytes);
// None for a character that is not of the alphabet, and for a text over kMaxBase58Text.
std::optional<Bytes> base58_decode(std::string_view text);

// With the first 4 bytes of sha256d behind.
std::string base58check_encode(ByteView payload);
// The payload. Refusals: `base58_malformed`, `base58_checksum`.
Result<Bytes> base58check_decode(std::string_view text);

}  // namespace holdfast::chain::utxo
