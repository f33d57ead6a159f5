// Reads a raw block for what concerns own wallets: coins that it brings, coins that it takes, and by which transactions.
#pragma once

#include "base/result.h"
#include "chain/utxo/own_scripts.h"
#include "custody/facts.h"

#include <unordered_map>

namespace holdfast::chain::utxo {

// Coins of blocks that were read and are not in the state yet: a later block of the same round may spend them.
struct PendingCoins {
  struct Coin {
    custody::WalletId wallet;
    Amount amount;
  };
  std::unordered_map<custody::OutPoint, Coin, custody::OutPointHash> by_outpoint;
};

// Everything but `facts.block`, which is the caller's. Adds to `pending` what the block brings. No claim of the node is
// taken for an amount: all comes from the block's own bytes, whose merkle root is checked.
// Refusals: those of visit_block and decode_transaction.
Result<custody::BlockFacts> read_block(ByteView raw, const Network& network, custody::ChainId chain,
                                       const OwnScripts& own, const StateView& view, PendingCoins& pending);

}  // namespace holdfast::chain::utxo
