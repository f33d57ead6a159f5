// The one context of libsecp256k1 that this library's signatures and keys share.
#pragma once

#include <secp256k1.h>

namespace holdfast::chain::utxo {

// Made on first use and blinded against side channels; only read afterwards, by any thread.
const secp256k1_context* curve();

}  // namespace holdfast::chain::utxo
