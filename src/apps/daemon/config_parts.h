// What the configuration says of chains of either family alike.
#pragma once

#include "apps/daemon/config.h"
#include "config/toml_reader.h"

#include <string>

namespace holdfast::daemon {

// The key "node". Anything but http://HOST:PORT is rejected; of accounts the port may be left out.
std::string read_node(config::TomlReader& in, custody::ChainFamily family);

// Rejects a chain whose wallets name a cold wallet or a signer that is not there. Precondition: its wallets and all signers were read.
void check_names(const Config& config, const std::string& caip2, config::TomlReader& in);

}  // namespace holdfast::daemon
