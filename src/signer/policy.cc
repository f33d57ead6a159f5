#include "signer/policy.h"

#include <algorithm>

namespace holdfast::signer {
namespace {

template <class T, class Match>
const T* find(const std::vector<T>& items, Match match) {
  const auto found = std::find_if(items.begin(), items.end(), match);
  return found == items.end() ? nullptr : &*found;
}

}  // namespace

const AccountRule* ChainRule::account(const Address20& address) const {
  return find(accounts, [&](const AccountRule& rule) { return rule.address == address; });
}
const AssetRule* ChainRule::asset(const Address20& contract) const {
  return find(assets, [&](const AssetRule& rule) { return rule.contract == contract; });
}
const SafeRule* ChainRule::safe_at(const Address20& address) const {
  return find(safes, [&](const SafeRule& rule) { return rule.address == address; });
}
const SafeRule* ChainRule::safe_of_module(const Address20& module) const {
  return find(safes, [&](const SafeRule& rule) { return rule.module == module; });
}
const SafeRule* ChainRule::safe_of_guard(const Address20& guard) const {
  return find(safes, [&](const SafeRule& rule) { return rule.guard == guard; });
}

bool ChainRule::is_own(const Address20& address) const {
  return safe_at(address) != nullptr || safe_of_module(address) != nullptr || safe_of_guard(address) != nullptr ||
         account(address) != nullptr || (!factory.is_zero() && address == factory);
}

const ChainRule* Policy::chain(std::string_view caip2) const {
  return find(chains, [&](const ChainRule& rule) { return rule.caip2 == caip2; });
}

const CoinChainRule* Policy::coin_chain(std::string_view caip2) const {
  return find(coin_chains, [&](const CoinChainRule& rule) { return rule.caip2 == caip2; });
}

bool is_signer_name(std::string_view name) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !name.empty() && name.size() <= 32 && std::all_of(name.begin(), name.end(), allowed);
}

}  // namespace holdfast::signer
