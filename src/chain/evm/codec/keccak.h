// Keccak-256 as Ethereum uses it (the original padding, not SHA3-256).
#pragma once

#include "base/bytes.h"

#include <initializer_list>

namespace holdfast::chain::evm {

Hash32 keccak256(ByteView data);

// Of the parts one behind the other.
Hash32 keccak256(std::initializer_list<ByteView> parts);

}  // namespace holdfast::chain::evm
