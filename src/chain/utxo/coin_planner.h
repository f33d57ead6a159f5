// Which coins pay for what, on a chain of coins. Pure: a reading of the state, the same after a crash as before it.
//
//   withdrawals      those that wait are paid together, from coins chosen by chain/utxo/select
//   consolidation    when fees are low, many small coins become one
//   burns            of withdrawals' spends that are given up: their coins go back to their own wallet
//   reserves         for each coin of a quorum's wallet an evacuation, signed before anybody needs it
//   evacuations      of compromised wallets' coins that have no reserve, whatever else counts on them
//   extensions       a payment that has to be replaced and whose change is used up gets another coin
//   children         a payment that the node lets nothing replace is paid for by what spends its change
//
// Only coins in blocks pay: never unconfirmed change, so that no payment hangs on another one that may still be
// replaced. What others paid has to be final besides. A child alone spends unconfirmed change, and pays nobody.
#pragma once

#include "chain/port.h"
#include "chain/utxo/codec/transaction.h"
#include "chain/utxo/wallets.h"

#include <map>

namespace holdfast::chain::utxo {

struct CoinPlanOptions {
  std::int64_t max_feerate = 500'000;       // sat/kvB
  std::int64_t long_term_feerate = 10'000;  // sat/kvB
  std::int64_t batch_wait_ms = 2'000;       // A withdrawal waits so long for others to share its fee with,
  std::size_t batch_target = 50;            // or until there are so many.
  std::size_t spends_per_wallet = 16;       // Payments on their way at once.
  std::size_t consolidate_over = 200;       // Coins in a wallet before they are put together,
  std::size_t consolidate_inputs = 30;      // so many at once.
  std::size_t reserves_per_round = 16;
  // Coins in one transaction. Signers of segwit v0 want to see whole what each comes from, and whoever pays to us decides how
  // large that is: 100 kB, or the coin is heavy and goes alone. All together have to fit into one PSBT.
  std::size_t max_inputs = 35;
  std::int64_t extend_after_ms = 20'000;    // Age of the newest attempt of a payment whose change is used up.
  std::int64_t child_after_ms = 30'000;     // The same of one that does not get into the pool: by then it was sent often.
};

// Spends of which the node's pool holds an older attempt and not the newest: which one.
using OlderInPool = std::map<custody::SpendId, Txid>;

std::vector<custody::Command> plan_coins(const custody::State& state, custody::ChainId chain, const PlanInput& input,
                                         const CoinPlanOptions& options, const Wallets& wallets, const OlderInPool& older);

}  // namespace holdfast::chain::utxo
