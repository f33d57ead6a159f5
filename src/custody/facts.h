// What a chain's follower saw, before anybody has judged it. Custody judges (custody.h).
//
// The follower reports amounts by balance, not by claim: a DepositFact carries what really arrived.
#pragma once

#include "custody/types.h"

#include <vector>

namespace holdfast::custody {

struct DepositFact {
  Address address;
  AssetId asset;
  Amount amount;  // Never zero.
  TxId txid;
  std::uint32_t position = 0;
  Address from{};  // Who paid, where the chain says so and it is one.
};

// An output that pays an own script, on a chain of coins.
struct CoinFact {
  OutPoint outpoint;
  Address script;
  Origin origin;  // As the follower derived it: the exact script, never a guess.
  Amount amount;
  bool coinbase = false;
  bool heavy = false;        // Of a transaction over kHeavyTransaction bytes.
  std::uint64_t height = 0;  // Of its block, when that is an earlier one than this (at the first block only).
};

// A mined transaction that used an own key, or that made an own Safe execute something.
struct MinedFact {
  TxId txid;
  WalletId sender;                 // The own single_key or gas wallet that sent it; none when an outsider did.
  std::uint64_t sender_nonce = 0;
  Amount network_fee;              // What `sender` paid for it.
  WalletId safe;                   // The own Safe that executed; none otherwise.
  Hash32 intent;                   // The Safe transaction's EIP-712 hash, from the Safe's own event.
  bool executed = false;           // The Safe's nonce was used up (its call may have failed all the same).
  bool success = false;            // What it was for has happened.
  std::vector<Movement> movements;
  std::vector<OutPoint> spent{};   // Of coins: those of `sender` that it spends. One fact for each wallet.
};

struct BalanceFact {
  WalletId wallet;
  AssetId asset;
  Amount balance;
};

struct BlockFacts {
  BlockRef block;
  std::vector<DepositFact> deposits;
  std::vector<MinedFact> mined;
  std::vector<BalanceFact> balances;  // Every own wallet but the forwarders, every asset of the chain, at this block.
  std::vector<CoinFact> coins{};      // On a chain of coins, in place of balances: custody adds them up itself.
};

}  // namespace holdfast::custody
