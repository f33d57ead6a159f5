#include "chain/evm/codec/keccak.h"

#include <botan/keccak.h>

namespace holdfast::chain::evm {

Hash32 keccak256(ByteView data) { return keccak256({data}); }

Hash32 keccak256(std::initializer_list<ByteView> parts) {
  Botan::Keccak_1600 hash(256);
  for (const ByteView part : parts) hash.update(part.data(), part.size());
  Hash32 out;
  hash.final(out.bytes.data());
  return out;
}

}  // namespace holdfast::chain::evm
