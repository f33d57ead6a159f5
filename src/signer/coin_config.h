// Reads the rules of a chain whose money is coins from the configuration file: a table [chains."bip122:..."].
#pragma once

#include "config/toml_reader.h"
#include "signer/coin_policy.h"

#include <string>
#include <string_view>

namespace holdfast::signer {

inline constexpr std::string_view kBip122 = "bip122:";

// Problems are reported to the reader; after one of them the answer is of no use.
CoinChainRule read_coin_chain(const std::string& caip2, config::TomlReader& in);

}  // namespace holdfast::signer
