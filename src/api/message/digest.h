// SHA-256, and the Content-Digest field over a body (RFC 9530).
#pragma once

#include "base/bytes.h"

#include <string>
#include <string_view>

namespace holdfast::api {

Hash32 sha256(ByteView bytes);

// "sha-256=:base64:"
std::string content_digest(std::string_view body);

// Whether the field names the body's SHA-256. Other algorithms beside it are passed over, none is needed.
bool digest_holds(std::string_view field, std::string_view body);

}  // namespace holdfast::api
