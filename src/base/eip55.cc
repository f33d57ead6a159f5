#include "base/eip55.h"

#include "base/hex.h"

#include <botan/keccak.h>

namespace holdfast {

std::string to_eip55(const FixedBytes<20>& address) {
  std::string digits = to_hex(address.view());
  Botan::Keccak_1600 keccak(256);
  keccak.update(digits);
  Hash32 hash;
  keccak.final(hash.bytes.data());
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const unsigned nibble = i % 2 == 0 ? hash.bytes[i / 2] >> 4U : hash.bytes[i / 2] & 0x0fU;
    if (nibble >= 8 && digits[i] >= 'a') digits[i] = static_cast<char>(digits[i] - 'a' + 'A');
  }
  return "0x" + digits;
}

}  // namespace holdfast
