// The scripts of the policy's wallets, by which own inputs and outputs are known. Some 100 bytes of memory for each.
#pragma once

#include "chain/utxo/codec/transaction.h"
#include "signer/policy.h"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace holdfast::signer {

// How many scripts of a wallet's branch were handed out, as far as the caller knows: the journal's deposit addresses, the
// change that this signer signed. Asked at every look, on the watcher's thread.
using CoinReach = std::function<std::uint32_t(std::string_view wallet, std::uint32_t branch)>;

class CoinScripts {
 public:
  static constexpr std::uint32_t kGap = 200;
  static constexpr std::size_t kDerivedAtOnce = 5'000;   // Some two seconds.
  static constexpr std::uint32_t kMost = 4'000'000;      // Of a branch.

  struct Place {
    std::uint32_t wallet = 0;  // In the rule.
    std::uint32_t branch = 0;
    std::uint32_t index = 0;
  };

  // Both have to outlive it.
  explicit CoinScripts(const CoinChainRule& rule) : rule_(rule), branches_(rule.wallets.size()) {}

  // Derives what is missing, a gap ahead of what was handed out or found. False while there is more to derive.
  bool extend(const CoinReach& reach);
  // A coin was found there.
  void found_at(const Place& place);
  std::optional<Place> find(ByteView script_pubkey) const;

  // What the witness of an input shows to be spent: the script of a P2WPKH key, of a P2WSH script, of a Taproot leaf of multi_a
  // form. None for anything else.
  static std::optional<Bytes> script_shown_by(const std::vector<Bytes>& witness);

 private:
  struct Branch {
    std::uint32_t derived = 0;  // The first index that is not.
    std::uint32_t found = 0;    // Behind the highest that was found.
  };

  const CoinChainRule& rule_;
  std::vector<std::array<Branch, 2>> branches_;
  std::unordered_map<Hash32, Place, FixedBytesHash<32>> places_;  // By sha256 of the script.
};

}  // namespace holdfast::signer
