// A hash for tables whose keys strangers choose: SipHash-2-4 under a key that this process drew by chance, so nobody can choose keys
// that all fall into one place. Not the same in another process: nothing that is kept may depend on it.
#pragma once

#include "base/bytes.h"

#include <cstdint>

namespace holdfast {

std::uint64_t keyed_hash(ByteView bytes);

}  // namespace holdfast
