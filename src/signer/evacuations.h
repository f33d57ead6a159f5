// Complete evacuations that a signer keeps by itself, so that any one of them can save a wallet's coins alone, without
// holdfastd and without another signer.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "chain/utxo/codec/transaction.h"
#include "signer/coin_memory.h"
#include "signer/coin_policy.h"

#include <span>
#include <string_view>
#include <vector>

namespace holdfast::signer {

inline constexpr std::size_t kMaxKeptEvacuations = 8'000;  // Four fees for each of 2,000 coins.
inline constexpr std::size_t kMaxKeptBytes = std::size_t{6} << 20;  // Of one wallet's.

// Where they are kept: a port.
class EvacuationStore {
 public:
  virtual ~EvacuationStore() = default;
  // All or nothing, and durable. Faults are the body's.
  virtual Result<void> replace(std::string_view chain, std::string_view wallet, std::span<const Bytes> transactions) = 0;
  // None kept: empty.
  virtual Result<std::vector<Bytes>> kept(std::string_view chain, std::string_view wallet) = 0;
};

// One that this signer has signed as an evacuation of this wallet, that pays the cold script only, and whose inputs all
// have witnesses. (Whether these are good only the network can tell: the signer keeps no outputs.) Refusals:
//   evacuation_malformed  no transaction of the network's form
//   evacuation_foreign    not signed by this signer as an evacuation of this wallet
//   evacuation_elsewhere  pays something else than the cold script of today's policy
//   evacuation_unsigned   an input has no witness
Result<chain::utxo::Transaction> check_evacuation(const CoinChainRule& chain, std::string_view wallet,
                                                  const CoinMemory& memory, ByteView raw);
// Those among them that this signer knows: one that the others have signed while it was away (`evacuation_foreign`) is left
// out, any other refusal refuses all. Refuses besides `evacuations_none` (nothing is left: that replaces nothing),
// `evacuations_too_many` and `evacuation_twice`.
Result<std::vector<Bytes>> known_evacuations(const CoinChainRule& chain, std::string_view wallet, const CoinMemory& memory,
                               std::span<const Bytes> transactions);

}  // namespace holdfast::signer
