// Base64 as signed notes use it: the standard alphabet of RFC 4648 section 4, with padding, in canonical form only.
#pragma once

#include "base/bytes.h"

#include <optional>
#include <string>
#include <string_view>

namespace holdfast::journal {

std::string to_base64(ByteView bytes);

// Nothing for any text that to_base64 does not produce.
std::optional<Bytes> from_base64(std::string_view text);

}  // namespace holdfast::journal
