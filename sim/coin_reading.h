// What a transaction of coins would do, read by the auditor on its own: no code is shared with the codecs that build it or
// with the signer that judges it.
#pragma once

#include "base/amount.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::sim {

struct ReadCoins {
  std::vector<std::string> inputs;                          // 36 bytes each: txid, number
  std::vector<std::pair<std::string, Int128>> outputs;      // script, satoshi
};

// As on the wire, with or without witnesses.
std::optional<ReadCoins> read_coins(const std::string& raw);
// A PSBT of version 2.
std::optional<ReadCoins> read_coin_psbt(const std::string& psbt);

}  // namespace holdfast::sim
