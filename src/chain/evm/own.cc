#include "chain/evm/own.h"

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

const OwnWallet* at(const Own& own, const std::unordered_map<Address20, std::size_t, AddressHash>& places,
                    const Address20& address) {
  const auto found = places.find(address);
  return found == places.end() ? nullptr : &own.wallets[found->second];
}

}  // namespace

const OwnWallet* Own::wallet(const Address20& address) const { return at(*this, wallet_places, address); }
const OwnWallet* Own::wallet_of_module(const Address20& module) const { return at(*this, module_places, module); }

std::vector<Address20> Own::safes() const {
  std::vector<Address20> out;
  for (const OwnWallet& wallet : wallets) {
    if (wallet.kind == WalletKind::safe) out.push_back(wallet.address);
  }
  return out;
}

std::vector<Address20> Own::modules() const {
  std::vector<Address20> out;
  for (const auto& [module, place] : module_places) out.push_back(module);
  return out;
}

std::vector<Address20> Own::token_contracts() const {
  std::vector<Address20> out;
  for (const auto& [contract, asset] : tokens) out.push_back(contract);
  return out;
}

std::optional<custody::AssetId> Own::asset(const std::optional<Address20>& contract) const {
  if (!contract) return native;
  const auto found = tokens.find(*contract);
  if (found == tokens.end()) return std::nullopt;
  return found->second;
}

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
