// What the own transactions of a block mean: which spends they did, which of our nonces they used up for nothing, and
// which keys were used for what nobody asked.
//
// What was done and who sent it are two questions. An outsider may carry out what our owners have signed, ahead of our own
// transaction, behind it, or inside of it (a destination may be a contract); a thief may do so with a key of ours. So a
// Safe's execution is known by its intent, and who paid for a transaction by its txid.
#pragma once

#include "custody/facts.h"
#include "custody/state.h"

#include <vector>

namespace holdfast::custody {

enum class Meaning : std::uint8_t {
  done = 1,  // The spend was carried out, or failed for good.
  wasted,    // The spend's own transaction is in the block, and did not carry it out: its nonce and its fee are gone.
  foreign,   // The wallet's key, or a Safe's owners, signed for what nobody asked.
  swept,     // Deposit addresses were emptied into our wallet, on nobody's order of ours.
};

struct Transaction {
  Meaning meaning = Meaning::done;
  const MinedFact* fact = nullptr;  // Where it stands. Of `wasted` and of `foreign` with a key: the sender's.
  const Spend* spend = nullptr;     // done, wasted
  WalletId wallet;                  // foreign: whose
  bool success = false;             // done
  WalletId payer;                   // done, wasted: the own wallet that paid network_fee; none when an outsider did
  Amount network_fee;
  std::vector<Movement> movements;  // done, swept
};

// In the block's order. No spend is done twice.
std::vector<Transaction> judge_transactions(const State& state, const std::vector<MinedFact>& facts);

}  // namespace holdfast::custody
