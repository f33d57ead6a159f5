#include "signer/eyes/coin_use.h"

#include "chain/utxo/codec/script.h"
#include "chain/utxo/codec/sighash.h"
#include "chain/utxo/codec/signature.h"

#include <algorithm>

namespace holdfast::signer {
namespace {

using namespace chain::utxo;

std::optional<PublicKey33> own_key_at(const CoinWalletRule& wallet, const CoinScripts::Place& place, const DerivedOutput& output) {
  if (!wallet.own) return std::nullopt;
  const Fingerprint master = Fingerprint::from(wallet.own->id.view().first(Fingerprint::kSize));
  KeyPath path = wallet.own->parents.at(place.branch);
  path.push_back(place.index);
  const auto own = [&](const KeyOrigin& key) { return key.master == master && key.path == path; };
  const auto found = std::ranges::find_if(output.keys, own);
  return found == output.keys.end() ? std::nullopt : std::optional(found->key);
}

CoinSigner by_place(const MultisigA& keys, const PublicKey33& own, const std::vector<Bytes>& witness) {
  const auto found = std::ranges::find(keys.keys, x_only(own));
  if (found == keys.keys.end() || witness.size() != keys.keys.size() + 2) return CoinSigner::others;
  const auto place = static_cast<std::size_t>(found - keys.keys.begin());
  return witness[keys.keys.size() - 1 - place].empty() ? CoinSigner::others : CoinSigner::own_key;
}

CoinSigner by_signature(const DerivedOutput& output, const PublicKey33& own, const Transaction& transaction, std::size_t input,
                        std::optional<std::int64_t> amount) {
  if (!amount) return CoinSigner::untold;
  std::vector<TxOut> spent(transaction.inputs.size());  // BIP 143 commits to no other input's amount.
  spent[input] = {*amount, output.script_pubkey};
  const SighashCache cache(transaction, spent);
  for (const Bytes& item : transaction.inputs[input].witness) {
    if (item.size() < 2 || item == output.witness_script) continue;
    const Hash32 digest = cache.v0(input, output.witness_script, item.back());
    if (verify_ecdsa(own, digest, ByteView(item).first(item.size() - 1))) return CoinSigner::own_key;
  }
  return CoinSigner::others;
}

}  // namespace

CoinSigner signer_of(const CoinWalletRule& wallet, const CoinScripts::Place& place, const Transaction& transaction, std::size_t input,
                     std::optional<std::int64_t> amount) {
  if (wallet.kind == CoinWalletKind::single_key) return CoinSigner::own_key;
  const auto output = wallet.descriptor.derive(place.branch, place.index);
  if (!output) return CoinSigner::untold;
  const auto own = own_key_at(wallet, place, *output);
  if (!own) return CoinSigner::others;
  if (const auto keys = parse_multi_a(output->leaf_script)) return by_place(*keys, *own, transaction.inputs[input].witness);
  return by_signature(*output, *own, transaction, input, amount);
}

}  // namespace holdfast::signer
