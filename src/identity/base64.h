// Base64 (RFC 4648) in canonical form only: the standard alphabet with padding, and the one for URLs without.
#pragma once

#include "base/bytes.h"

#include <optional>
#include <string>
#include <string_view>

namespace holdfast::identity {

std::string to_base64(ByteView bytes);     // Section 4, padded.
std::string to_base64url(ByteView bytes);  // Section 5, not padded: as WebAuthn writes a challenge.

// Nothing for any text that the writer of the same name does not produce.
std::optional<Bytes> from_base64(std::string_view text);
std::optional<Bytes> from_base64url(std::string_view text);

}  // namespace holdfast::identity
