// Complete evacuations that a signer keeps by itself, so that any one of them can save a wallet's coins alone, without
// holdfastd and without another signer. It need not have signed them: who was away when they came about has them all the same.
//
// Nothing that it is told of them is believed. The scripts are derived from the wallet's own descriptor, the outputs pay the cold
// script only, and the signatures of the quorum have to hold over what is spent: its outpoint, script and amount. So the amount
// is the true one, or the transaction is worthless, and the fee that was judged is the fee that it pays.
#pragma once

#include "base/amount.h"
#include "base/bytes.h"
#include "base/result.h"
#include "chain/utxo/codec/transaction.h"
#include "signer/coin_policy.h"

#include <span>
#include <string_view>
#include <vector>

namespace holdfast::signer {

inline constexpr std::size_t kMaxKeptEvacuations = 8'000;  // Four fees for each of 2,000 coins.
inline constexpr std::size_t kMaxKeptBytes = std::size_t{6} << 20;  // Of one wallet's transactions.

// What an input is said to spend.
struct SpentCoin {
  Amount amount;
  std::uint32_t branch = 0;  // Where the wallet's descriptor derives its script.
  std::uint32_t index = 0;
  friend bool operator==(const SpentCoin&, const SpentCoin&) = default;
};

struct CoinEvacuation {
  Bytes raw;                     // As the network takes it.
  std::vector<SpentCoin> coins;  // Of each input, in their order.
  friend bool operator==(const CoinEvacuation&, const CoinEvacuation&) = default;
};

// Where they are kept: a port.
class EvacuationStore {
 public:
  virtual ~EvacuationStore() = default;
  // All or nothing, and durable. Faults are the body's.
  virtual Result<void> replace(std::string_view chain, std::string_view wallet, std::span<const CoinEvacuation> evacuations) = 0;
  // None kept: empty.
  virtual Result<std::vector<CoinEvacuation>> kept(std::string_view chain, std::string_view wallet) = 0;
};

struct CheckedEvacuation {
  chain::utxo::Transaction transaction;
  chain::utxo::Txid txid;
  Amount fee;
};

// Refusals:
//   evacuation_malformed  no transaction of the network's form; not one coin for each input
//   evacuation_elsewhere  it does not pay the cold script of today's policy alone, in one output
//   evacuation_foreign    the wallet has no script where a coin is said to be
//   evacuation_fee        it costs more than an evacuation may today
//   evacuation_unsigned   an input has not the signatures that its script wants
Result<CheckedEvacuation> check_evacuation(const CoinChainRule& chain, const CoinWalletRule& wallet, const CoinEvacuation& stated);

// Those among them that are good, in their order; the others are left out. Of those that were kept before, and so were good
// then, signatures and fee are not looked at again. Refuses `evacuations_too_many`, `evacuation_twice`, and `evacuations_none`
// (nothing is left: that replaces nothing; the text is the first one's refusal).
Result<std::vector<CoinEvacuation>> good_evacuations(const CoinChainRule& chain, const CoinWalletRule& wallet,
                                                 std::vector<CoinEvacuation> stated, std::vector<CoinEvacuation> kept_before);

}  // namespace holdfast::signer
