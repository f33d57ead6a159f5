// Bytewords in their minimal form (BCR-2020-012): two letters a byte, the CRC-32 of the bytes at the end.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::chain::utxo {

std::uint32_t crc32(ByteView bytes);  // ISO 3309, as in zip and PNG.

std::string to_bytewords(ByteView bytes);
// Lower case only. Refuses `ur_malformed` (no such letters), `ur_checksum`.
Result<Bytes> from_bytewords(std::string_view text);

}  // namespace holdfast::chain::utxo
