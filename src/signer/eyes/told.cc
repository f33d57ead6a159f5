#include "signer/eyes/told.h"

#include "chain/utxo/codec/hash.h"

#include <fmt/format.h>

namespace holdfast::signer {
namespace {

// Sightings without a transaction are of a state, which is another one when it reads otherwise.
Hash32 key_of(const Sighting& sighting) {
  const std::string words = fmt::format("{} {} {} {} {}", name(sighting.kind), sighting.what, sighting.wallet,
                                        sighting.height.has_value(), sighting.text);
  Bytes all(words.begin(), words.end());
  const auto append = [&](ByteView bytes) { all.insert(all.end(), bytes.begin(), bytes.end()); };
  append(sighting.digest.view());
  append(sighting.txid.view());
  append(sighting.subject);
  return chain::utxo::sha256(all);
}

}  // namespace

bool Told::is_new(const Sighting& sighting) {
  const Hash32 key = key_of(sighting);
  if (!known_.insert(key).second) return false;
  order_.push_back(key);
  if (order_.size() > kMost) {
    known_.erase(order_.front());
    order_.pop_front();
  }
  return true;
}

}  // namespace holdfast::signer
