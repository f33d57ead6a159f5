// A signer's own rules: what it may sign, whoever asks. Plain values; config.h reads them from a file.
#pragma once

#include "base/amount.h"
#include "base/instant.h"
#include "chain/evm/codec/address.h"
#include "chain/evm/codec/contracts.h"
#include "signer/authority_rules.h"
#include "signer/coin_policy.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::signer {

using chain::evm::Address20;

struct SafeRule {
  Address20 address;
  Address20 module;               // Its evacuation module.
  Address20 guard;                // Its limit guard.
  std::vector<Address20> owners;  // Distinct.
  std::size_t threshold = 2;      // At least 2: a quorum of one is a single key.
};

enum class AccountKind : std::uint8_t {
  gas = 1,     // Pays the network for what others have authorised; holds no customer money.
  single_key,  // Holds customer money under this one key: what an exchange migrates from.
};

struct AccountRule {
  Address20 address;
  AccountKind kind = AccountKind::gas;
  Amount fees_per_day;  // Wei that the network may take for what is signed within any 24 hours; twice that for rescues.
};

struct AssetRule {
  Address20 contract;  // chain::evm::kNativeAsset for the native coin.
  std::string symbol;
  unsigned decimals = 0;
  Amount per_withdrawal;  // Base units; a withdrawal of exactly this much passes.
  Amount per_day;         // Of all withdrawals first signed within any 24 hours.
  AuthorityLimits authority{};
};

struct ChainRule {
  std::string caip2;           // "eip155:1"
  std::uint64_t chain_id = 0;  // The number in it.
  Address20 cold;              // The only place where evacuations may go.
  Address20 factory;           // Of the deposit forwarders; zero when there is none.
  Amount max_fee;              // Wei per gas.
  Amount max_priority_fee;     // Wei per gas.
  std::uint64_t max_gas = 0;
  std::vector<SafeRule> safes;
  std::vector<AssetRule> assets;
  std::vector<AccountRule> accounts;

  const AccountRule* account(const Address20& address) const;
  const AssetRule* asset(const Address20& contract) const;
  const SafeRule* safe_at(const Address20& address) const;
  const SafeRule* safe_of_module(const Address20& module) const;
  const SafeRule* safe_of_guard(const Address20& guard) const;
  // Whether the address is a Safe, a module, a guard, the factory or an own account of this chain.
  bool is_own(const Address20& address) const;
};

struct Policy {
  std::string name;                                            // The signer's.
  std::int64_t max_approval_ms = 72 * 60 * 60 * kMsPerSecond;  // No approval may reach further into the future.
  AuthorityRules authority{};
  std::vector<ChainRule> chains;
  std::vector<CoinChainRule> coin_chains;

  const ChainRule* chain(std::string_view caip2) const;
  const CoinChainRule* coin_chain(std::string_view caip2) const;
};

// Lower case letters, digits and '-', 1 to 32 of them: it becomes part of a SPIFFE id and of file names.
bool is_signer_name(std::string_view name);

}  // namespace holdfast::signer
