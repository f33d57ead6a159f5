// A signer's rules for a chain whose money is coins (Bitcoin, Litecoin). Plain values; coin_config.h reads them from a file.
#pragma once

#include "base/amount.h"
#include "base/result.h"
#include "chain/utxo/wallet/descriptor.h"
#include "chain/utxo/wallet/network.h"
#include "signer/authority_rules.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::signer {

inline constexpr unsigned kSatoshiDecimals = 8;
inline constexpr std::uint32_t kReceiveBranch = 0;
inline constexpr std::uint32_t kChangeBranch = 1;

enum class CoinWalletKind : std::uint8_t {
  multisig = 1,  // A quorum of more than half of at least two keys, of which the signer holds one.
  single_key,    // One key, and the signer holds it.
};

// The signer's own place in a wallet. Filled in when the signer opens, from its keys alone.
struct OwnKey {
  chain::utxo::Hash20 id;                          // hash160 of its master public key.
  std::array<chain::utxo::KeyPath, 2> parents;     // Of each branch, from the master: the index goes behind it.
};

struct CoinWalletRule {
  std::string name;
  CoinWalletKind kind = CoinWalletKind::multisig;
  chain::utxo::Descriptor descriptor;  // Ranged, two branches, segwit.
  std::optional<OwnKey> own;
};

struct CoinChainRule {
  std::string caip2;  // "bip122:000000000019d6689c085ae165831e93"
  const chain::utxo::Network* network = nullptr;
  std::string cold;                       // The descriptor, as it was written.
  Bytes cold_script;                      // Its script at branch 0, index 0: the only place where evacuations may go.
  Amount per_withdrawal;                  // Satoshi, as all that follow; exactly this much passes.
  Amount per_day;                         // Of all withdrawals first signed within any 24 hours.
  Amount max_fee;                         // Of one transaction, but for evacuations.
  Amount fees_per_day;                    // Of all transactions signed within any 24 hours, but for evacuations.
  std::uint64_t max_feerate = 0;          // Satoshi per virtual byte.
  std::uint64_t rescue_max_feerate = 0;   // The same, of evacuations.
  AuthorityLimits authority{};
  std::vector<CoinWalletRule> wallets;

  const CoinWalletRule* wallet(std::string_view name) const;
};

struct Policy;
class Keys;

// Finds the signer's own key in each wallet: the origin of one key names its master, and its public key is what the signer
// derives by itself. Refuses `wallet_without_key` (none is, or there is no seed) and `wallet_key_twice` (more than one is:
// one signer would be a quorum).
Result<void> find_own_keys(Policy& policy, const Keys& keys);

}  // namespace holdfast::signer
