// Says what a PSBT's transaction does, from its bytes and the wallet's own descriptor alone. Pure.
//
// Every input is an output of the wallet, at the branch and index that the PSBT states for the signer's own key: its scripts
// are derived anew and compared. Every output is either cold, change of the wallet (derived anew, too) or a payment. What
// is signed in the end is a PSBT built here from what was derived: nothing that was only stated goes into a signature.
#pragma once

#include "chain/utxo/psbt/psbt.h"
#include "signer/coin_policy.h"
#include "signer/effect.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace holdfast::signer {

struct CoinOutput {
  Bytes script;
  Amount amount;
  bool cold = false;
  std::optional<std::uint32_t> change_index;  // On the wallet's change branch.
};

struct CoinEffect {
  Hash32 txid;
  std::vector<chain::utxo::OutPoint> coins;  // Sorted.
  std::vector<CoinOutput> outputs;           // In the transaction's order.
  Amount spent;
  Amount fee;
  std::size_t vsize = 0;     // Once signed, at most.
  chain::utxo::Psbt to_sign;
};

// Precondition: wallet.own.
Checked<CoinEffect> explain_coins(const CoinChainRule& chain, const CoinWalletRule& wallet, ByteView psbt);

}  // namespace holdfast::signer
