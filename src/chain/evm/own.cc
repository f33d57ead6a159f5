#include "chain/evm/own.h"

namespace holdfast::chain::evm {

namespace {

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
    if (wallet.kind == custody::WalletKind::safe) out.push_back(wallet.address);
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

}  // namespace holdfast::chain::evm
