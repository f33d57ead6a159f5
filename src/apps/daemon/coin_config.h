// The part of the configuration that tells of one chain of coins: Bitcoin, Litecoin, their test networks.
#pragma once

#include "apps/daemon/config.h"
#include "config/toml_reader.h"

#include <string>

namespace holdfast::daemon {

bool is_chain_of_coins(const std::string& caip2);  // Of the namespace bip122.

// Adds the chain, its one asset and its wallets. Wallets' descriptors are parsed and derived from here: what cannot be spent
// from, or could be by fewer than `config.quorum` signers, is rejected. Precondition: the quorum was read.
void read_coin_chain(Config& config, const std::string& caip2, config::TomlReader& in);

}  // namespace holdfast::daemon
