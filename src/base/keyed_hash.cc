#include "base/keyed_hash.h"

#include <sodium.h>

#include <array>
#include <cstring>

namespace holdfast {

std::uint64_t keyed_hash(ByteView bytes) {
  static const auto key = [] {
    std::array<unsigned char, crypto_shorthash_KEYBYTES> drawn;
    randombytes_buf(drawn.data(), drawn.size());
    return drawn;
  }();
  std::array<unsigned char, crypto_shorthash_BYTES> out;
  crypto_shorthash(out.data(), bytes.data(), bytes.size(), key.data());
  std::uint64_t hash = 0;
  std::memcpy(&hash, out.data(), sizeof hash);
  return hash;
}

}  // namespace holdfast
