// Copies out of the state which addresses of a chain are ours: once per round.
#pragma once

#include "chain/evm/own.h"
#include "custody/state.h"

namespace holdfast::chain::evm {

Own read_own(const custody::State& state, custody::ChainId chain);

}  // namespace holdfast::chain::evm
