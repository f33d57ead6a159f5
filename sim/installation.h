// The installation that every life begins with: three signers, a Safe, gas wallets, one wallet of a single key, a cold
// wallet and deposit forwarders, on one chain with three assets. Keys are known numbers: nothing here is secret.
#pragma once

#include "custody/commands.h"
#include "journal/log_key.h"
#include "signer/keys/keys.h"
#include "signer/policy.h"
#include "signer/replica/follower.h"
#include "sim/evm.h"

#include <string>
#include <vector>

namespace holdfast::sim {

inline constexpr std::uint64_t kChainNumber = 31337;
inline constexpr std::size_t kSigners = 3;
inline constexpr custody::ChainId kChain{1};
inline constexpr custody::AssetId kEther{1};
inline constexpr custody::AssetId kDollar{2};
inline constexpr custody::AssetId kCoin{3};
inline constexpr custody::WalletId kColdWallet{1};
inline constexpr custody::WalletId kSafeWallet{2};
inline constexpr custody::WalletId kFirstGas{3};
inline constexpr custody::WalletId kSecondGas{4};
inline constexpr custody::WalletId kHotWallet{5};

const std::string& signer_name(std::size_t signer);
const Secret& owner_key(std::size_t signer);
const Secret& gas_key(std::size_t signer);  // Of the first two signers.
const Secret& hot_key();                    // Held by the third.
Address20 address_of(const Secret& key);
const signer::Keys& key_ring(std::size_t signer);
const journal::LogKey& log_key();
const journal::LogKey& witness_key(std::size_t signer);
signer::FollowRules follow_rules(std::size_t signer);
signer::AuthorityLimits unbounded();  // No rule about who may have money sent.

Address20 token_contract(custody::AssetId asset);  // Not of the native coin.
Address20 thief();

// The policy in force, in numbers that the auditor knows too: over this much of a customer within a day somebody of risk looks;
// over so many of all within an hour each waits.
inline constexpr std::uint64_t kCustomerDayUsd = 15'000;
inline constexpr std::uint64_t kPlatformHourCount = 12;
inline constexpr std::int64_t kPaceDelayMs = 10 * 60'000;
const std::string& policy_text();

Contracts contracts();
EvmState genesis();
// `finality_depth` 0: by the node's tag.
std::vector<custody::Command> registration(std::uint32_t finality_depth);
// `tight`: most withdrawals over the engine's auto-approval are more than this signer allows.
signer::Policy policy(std::size_t signer, bool tight, bool coins);
custody::DepositAddress deposit_address(std::uint64_t customer, std::uint64_t number);

Amount milli_ether(std::int64_t count);
Amount gwei(std::int64_t count);
Amount units(custody::AssetId asset, std::int64_t thousandths);  // Of one whole coin.

}  // namespace holdfast::sim
