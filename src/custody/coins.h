// What a block does to the coins of own wallets: which it brings, which it takes, and what each wallet then holds.
#pragma once

#include "custody/commands.h"
#include "custody/events.h"
#include "custody/state.h"

#include <vector>

namespace holdfast::custody {

struct BlockCoins {
  std::vector<Coin> seen;               // With their ids: new ones, or those they had before their block went away.
  std::vector<CoinSpent> spent;         // In the block's order.
  std::vector<DepositFact> deposits;    // Coins at customers' addresses.
  std::vector<BalanceFact> balances;    // Of every wallet of coins of the chain, after the block: all its coins together.

  WalletId wallet_of(const State& state, CoinId coin) const;
};

// Nothing on a chain of accounts. What pays a script that no own wallet has is left out, whoever says that it is ours.
BlockCoins judge_coins(const State& state, const ConnectBlock& block);

}  // namespace holdfast::custody
