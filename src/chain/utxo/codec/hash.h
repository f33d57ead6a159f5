// The hashes of the Bitcoin family.
#pragma once

#include "base/bytes.h"

#include <initializer_list>
#include <string_view>

namespace holdfast::chain::utxo {

using Hash20 = FixedBytes<20>;

Hash32 sha256(ByteView data);
Hash32 sha256(std::initializer_list<ByteView> parts);  // Of the parts, one after the other.
// SHA-256 twice: ids of transactions and blocks, in the order of their bytes on the wire (texts show them reversed).
Hash32 sha256d(ByteView data);
Hash32 sha256d(std::initializer_list<ByteView> parts);
// RIPEMD-160 of SHA-256.
Hash20 hash160(ByteView data);
// BIP 340: SHA-256(SHA-256(tag) || SHA-256(tag) || parts...).
Hash32 tagged_hash(std::string_view tag, std::initializer_list<ByteView> parts);

}  // namespace holdfast::chain::utxo
