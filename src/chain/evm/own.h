// Which addresses of a chain are ours: plain values, so that nothing looks at a state while a node is being asked.
#pragma once

#include "chain/evm/codec/address.h"
#include "custody/types.h"

#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace holdfast::chain::evm {

using AddressHash = FixedBytesHash<20>;
using AddressSet = std::unordered_set<Address20, AddressHash>;

struct OwnWallet {
  custody::WalletId id;
  custody::WalletKind kind = custody::WalletKind::safe;
  Address20 address;
  Address20 module;  // safe only
  // Its key sends transactions from its own address.
  bool has_key() const { return kind == custody::WalletKind::single_key || kind == custody::WalletKind::gas; }
};

struct OwnAsset {
  custody::AssetId id;
  std::optional<Address20> contract;  // None: the native coin.
};

struct Own {
  std::vector<OwnWallet> wallets;  // All but the forwarders.
  std::unordered_map<Address20, std::size_t, AddressHash> wallet_places;   // By address; places in `wallets`.
  std::unordered_map<Address20, std::size_t, AddressHash> module_places;   // By the module's address.
  std::optional<custody::WalletId> forwarders;
  Address20 factory;               // Of the forwarders.
  AddressSet owners;               // The signers' owner keys. They sign; they never send.
  std::vector<OwnAsset> assets;
  std::unordered_map<Address20, custody::AssetId, AddressHash> tokens;  // Listed tokens only.
  std::optional<custody::AssetId> native;

  const OwnWallet* wallet(const Address20& address) const;
  const OwnWallet* wallet_of_module(const Address20& module) const;
  std::vector<Address20> safes() const;
  std::vector<Address20> modules() const;
  std::vector<Address20> token_contracts() const;
  std::optional<custody::AssetId> asset(const std::optional<Address20>& contract) const;  // None: the native coin.
};

}  // namespace holdfast::chain::evm
