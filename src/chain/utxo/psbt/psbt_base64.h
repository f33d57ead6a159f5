// Base64 (RFC 4648 with padding), as PSBTs and signed messages travel in texts.
#pragma once

#include "base/bytes.h"

#include <optional>
#include <string>
#include <string_view>

namespace holdfast::chain::utxo {

std::string to_base64(ByteView bytes);
// Canonical only; blanks and line breaks are passed over.
std::optional<Bytes> from_base64(std::string_view text);

}  // namespace holdfast::chain::utxo
