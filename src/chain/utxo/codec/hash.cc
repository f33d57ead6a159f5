#include "chain/utxo/codec/hash.h"

#include <botan/rmd160.h>
#include <botan/sha2_32.h>

namespace holdfast::chain::utxo {

namespace {

// One per thread: making one allocates, and a block asks for thousands of hashes. final() leaves it fresh.
Botan::SHA_256& hasher() {
  static thread_local Botan::SHA_256 hash;
  return hash;
}

Hash32 final_of(Botan::SHA_256& hash) {
  Hash32 out;
  hash.final(out.bytes.data());
  return out;
}

}  // namespace

Hash32 sha256(ByteView data) { return sha256({data}); }

Hash32 sha256(std::initializer_list<ByteView> parts) {
  Botan::SHA_256& hash = hasher();
  for (const ByteView part : parts) hash.update(part.data(), part.size());
  return final_of(hash);
}

Hash32 sha256d(ByteView data) { return sha256d({data}); }

Hash32 sha256d(std::initializer_list<ByteView> parts) { return sha256(sha256(parts).view()); }

Hash20 hash160(ByteView data) {
  const Hash32 inner = sha256(data);
  Botan::RIPEMD_160 hash;
  hash.update(inner.bytes.data(), inner.bytes.size());
  Hash20 out;
  hash.final(out.bytes.data());
  return out;
}

Hash32 tagged_hash(std::string_view tag, std::initializer_list<ByteView> parts) {
  const Hash32 prefix = sha256(as_bytes(tag));
  Botan::SHA_256& hash = hasher();
  hash.update(prefix.bytes.data(), prefix.bytes.size());
  hash.update(prefix.bytes.data(), prefix.bytes.size());
  for (const ByteView part : parts) hash.update(part.data(), part.size());
  return final_of(hash);
}

}  // namespace holdfast::chain::utxo
