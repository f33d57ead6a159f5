// An EVM address as text, with the checksum of EIP-55 in the case of its letters.
#pragma once

#include "base/bytes.h"

#include <string>

namespace holdfast {

// "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
std::string to_eip55(const FixedBytes<20>& address);

}  // namespace holdfast
