#include "signer/coin_policy.h"

#include "signer/keys/keys.h"
#include "signer/policy.h"

#include <fmt/format.h>
#include <algorithm>

namespace holdfast::signer {
namespace {

using namespace chain::utxo;

// The paths of those keys of a derived output that come from our seed.
Result<std::vector<KeyPath>> own_paths(const DerivedOutput& output, const Hash20& id, const Keys& keys) {
  std::vector<KeyPath> out;
  for (const KeyOrigin& origin : output.keys) {
    if (origin.master != Fingerprint::from(id.view().first(Fingerprint::kSize))) continue;
    const auto own = keys.public_key(origin.path);
    if (!own) return Failure(own.error());
    if (own->key == origin.key) out.push_back(origin.path);
  }
  return out;
}

Result<OwnKey> find_own_key(const CoinWalletRule& wallet, const Hash20& id, const Keys& keys) {
  OwnKey out;
  out.id = id;
  for (const std::uint32_t branch : {kReceiveBranch, kChangeBranch}) {
    const auto first = wallet.descriptor.derive(branch, 0);
    if (!first) return Failure(first.error());
    auto paths = own_paths(*first, id, keys);
    if (!paths) return Failure(paths.error());
    if (paths->empty()) {
      return refuse("wallet_without_key", fmt::format("wallet {}: none of its keys is derived from this signer's seed", wallet.name));
    }
    if (paths->size() > 1) {
      return refuse("wallet_key_twice", fmt::format("wallet {}: more than one of its keys is this signer's", wallet.name));
    }
    out.parents[branch] = std::move(paths->front());
    out.parents[branch].pop_back();
  }
  return out;
}

}  // namespace

const CoinWalletRule* CoinChainRule::wallet(std::string_view name) const {
  const auto found = std::ranges::find(wallets, name, &CoinWalletRule::name);
  return found == wallets.end() ? nullptr : &*found;
}

Result<void> find_own_keys(Policy& policy, const Keys& keys) {
  for (CoinChainRule& chain : policy.coin_chains) {
    for (CoinWalletRule& wallet : chain.wallets) {
      const auto id = keys.seed_id();
      if (!id) return refuse("wallet_without_key", fmt::format("wallet {}: the key file holds no seed", wallet.name));
      auto own = find_own_key(wallet, *id, keys);
      if (!own) return Failure(own.error());
      wallet.own = std::move(*own);
    }
  }
  return {};
}

}  // namespace holdfast::signer
