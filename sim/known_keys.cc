#include "sim/known_keys.h"

#include "chain/utxo/psbt/sign_input.h"

namespace holdfast::sim {

using namespace chain::utxo;

const Secret& KnownKeys::key_at(const KeyPath& path) const {
  const auto found = derived_.find(path);
  if (found != derived_.end()) return found->second.key;
  return derived_.emplace(path, *derive(master_, path)).first->second.key;
}

Result<std::vector<Bytes>> KnownKeys::sign_inputs(const Psbt& psbt) const {
  const auto digests = digests_for(psbt, Fingerprint::from(seed_id()->view().first(Fingerprint::kSize)));
  if (!digests) return Failure(digests.error());
  std::vector<Bytes> out(psbt.inputs.size());
  for (const InputDigest& digest : *digests) {
    auto signature = sign_ecdsa(key_at(digest.derivation.path), digest.digest);
    if (!signature) return Failure(signature.error());
    signature->push_back(digest.sighash_type);
    out[digest.input] = std::move(*signature);
  }
  for (const Bytes& signature : out) {
    if (signature.empty()) return refuse("key_missing");
  }
  return out;
}

}  // namespace holdfast::sim
