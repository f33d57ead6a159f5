#include "api/message/digest.h"

#include "api/message/structured_field.h"
#include "journal/base64.h"

#include <sodium.h>

namespace holdfast::api {

Hash32 sha256(ByteView bytes) {
  Hash32 out;
  crypto_hash_sha256(out.bytes.data(), bytes.data(), bytes.size());
  return out;
}

std::string content_digest(std::string_view body) {
  return "sha-256=:" + journal::to_base64(sha256(as_bytes(body)).view()) + ':';
}

bool digest_holds(std::string_view field, std::string_view body) {
  const auto dictionary = parse_dictionary(field);
  const DictionaryMember* member = dictionary ? find(*dictionary, "sha-256") : nullptr;
  const Item* item = member ? std::get_if<Item>(&member->value) : nullptr;
  const Bytes* digest = item ? std::get_if<Bytes>(&item->value) : nullptr;
  return digest && digest->size() == Hash32::kSize && Hash32::from(*digest) == sha256(as_bytes(body));
}

}  // namespace holdfast::api
