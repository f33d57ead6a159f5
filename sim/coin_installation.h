// The coins of the installation: a hot wallet of a quorum (2 of 3), one of a single key (the third signer's), and a cold one
// (3 of 5). Keys are of known seeds: nothing here is secret. Scripts are made here by hand, not by descriptors.
#pragma once

#include "chain/utxo/psbt/psbt.h"
#include "chain/utxo/wallet/bip32.h"
#include "chain/utxo/wallet/network.h"
#include "custody/commands.h"
#include "signer/policy.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace holdfast::sim {

namespace utxo = chain::utxo;

inline constexpr custody::ChainId kCoinChain{2};
inline constexpr custody::AssetId kBitcoin{4};
inline constexpr custody::WalletId kColdCoins{7};
inline constexpr custody::WalletId kQuorum{8};
inline constexpr custody::WalletId kCoinKey{9};
inline constexpr std::uint32_t kCoinGap = 10;  // Scripts behind the last one handed out that the follower looks for.

const utxo::Network& coin_network();
Secret seed_entropy(std::size_t seed);  // 0 to 2: the signers'. 3 to 7: the cold wallet's.
const utxo::ExtendedSecretKey& coin_master(std::size_t seed);

// All scripts that any of the wallets may use in a life.
const std::map<Bytes, custody::Origin>& coin_scripts();
const Bytes& coin_script(custody::WalletId wallet, std::uint32_t branch, std::uint32_t index);
std::set<Bytes> own_coin_scripts();

std::vector<custody::Command> coin_registration(std::uint32_t finality_depth);
signer::CoinChainRule coin_rule(std::size_t signer, bool tight);

// A thief's: spends coins of own wallets with these seeds' keys. None when the keys do not suffice.
struct StolenCoin {
  utxo::OutPoint at;
  utxo::TxOut output;
  utxo::Transaction previous;
};
std::optional<utxo::Transaction> sign_stolen(const std::vector<StolenCoin>& coins, const std::vector<utxo::TxOut>& outputs,
                                             const std::vector<std::size_t>& seeds);

}  // namespace holdfast::sim
