#include "chain/evm/read_own.h"

namespace holdfast::chain::evm {

using custody::WalletKind;

namespace {

void add_wallet(Own& own, const custody::Wallet& wallet, const Address20& address) {
  if (wallet.kind == WalletKind::forwarders) {
    own.forwarders = wallet.id;
    own.factory = address;
    return;
  }
  OwnWallet out{wallet.id, wallet.kind, address, {}};
  const std::size_t place = own.wallets.size();
  if (const auto module = from_custody(wallet.module); module && wallet.kind == WalletKind::safe) {
    out.module = *module;
    own.module_places[*module] = place;
  }
  own.wallet_places[address] = place;
  own.wallets.push_back(out);
}

}  // namespace

Own read_own(const custody::State& state, custody::ChainId chain) {
  Own own;
  for (const custody::Wallet& wallet : state.wallets) {
    const auto address = from_custody(wallet.address);
    if (wallet.chain == chain && address) add_wallet(own, wallet, *address);
  }
  for (const custody::Signer& signer : state.signers) {
    if (const auto owner = from_custody(signer.owner)) own.owners.insert(*owner);
  }
  for (const custody::Asset& asset : state.assets) {
    if (asset.chain != chain) continue;
    const auto contract = from_custody(asset.contract);
    if (asset.native()) own.native = asset.id;
    if (contract) own.tokens[*contract] = asset.id;
    if (asset.native() || contract) own.assets.push_back({asset.id, contract});
  }
  return own;
}

}  // namespace holdfast::chain::evm
