// Whether witnesses satisfy our own kinds of scripts.
#include "chain/utxo/codec/hash.h"
#include "chain/utxo/codec/script.h"
#include "chain/utxo/codec/sighash.h"
#include "chain/utxo/codec/signature.h"
#include "sim/coin_chain.h"

#include <algorithm>

namespace holdfast::sim {

using namespace chain::utxo;

namespace {

// DER and the byte of SIGHASH_ALL; nothing else is ever made here.
bool signature_holds(const PublicKey33& key, const Hash32& digest, const Bytes& signature) {
  if (signature.empty() || signature.back() != 1) return false;
  return verify_ecdsa(key, digest, ByteView(signature).first(signature.size() - 1));
}

bool key_hash_holds(const std::vector<Bytes>& witness, const Bytes& script, const SighashCache& cache, std::size_t input) {
  if (witness.size() != 2 || witness[1].size() != PublicKey33::kSize) return false;
  if (!std::ranges::equal(hash160(witness[1]).view(), ByteView(script).subspan(2))) return false;
  return signature_holds(PublicKey33::from(witness[1]), cache.v0(input, p2wpkh_script_code(script)), witness[0]);
}

// As CHECKMULTISIG: the signatures in the order of the keys, an empty element in front.
bool multisig_holds(const std::vector<Bytes>& witness, const Bytes& script, const SighashCache& cache, std::size_t input) {
  if (witness.size() < 3 || !witness.front().empty()) return false;
  if (!std::ranges::equal(sha256(witness.back()).view(), ByteView(script).subspan(2))) return false;
  const auto multisig = parse_multisig(witness.back());
  if (!multisig || witness.size() != multisig->threshold + 2) return false;
  const Hash32 digest = cache.v0(input, witness.back());
  auto key = multisig->keys.begin();
  for (std::size_t i = 1; i + 1 < witness.size(); ++i) {
    key = std::find_if(key, multisig->keys.end(), [&](const PublicKey33& k) { return signature_holds(k, digest, witness[i]); });
    if (key == multisig->keys.end()) return false;
    ++key;
  }
  return true;
}

}  // namespace

bool witness_holds(const Transaction& transaction, std::size_t input, const std::vector<TxOut>& spent) {
  const SighashCache cache(transaction, spent);
  const std::vector<Bytes>& witness = transaction.inputs[input].witness;
  const Bytes& script = spent[input].script;
  switch (classify(script)) {
    case ScriptKind::p2wpkh: return key_hash_holds(witness, script, cache, input);
    case ScriptKind::p2wsh: return multisig_holds(witness, script, cache, input);
    default: return false;
  }
}

}  // namespace holdfast::sim
