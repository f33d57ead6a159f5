// Whose signatures an input of an own wallet holds.
#pragma once

#include "chain/utxo/codec/transaction.h"
#include "signer/eyes/coin_scripts.h"
#include "signer/policy.h"

#include <cstdint>
#include <optional>

namespace holdfast::signer {

enum class CoinSigner : std::uint8_t {
  own_key = 1,  // This signer's key is among them.
  others,
  untold,       // It takes the coin's amount to tell, and that is not known.
};

// Of an input that spends the wallet's script at `place`, of a transaction that a node took: there every signature holds.
//
//   single_key           the wallet's one key is the signer's own
//   tr(..., multi_a)     each key has its own place in the witness, and what is not empty holds (BIP 342)
//   wsh(multi)           signatures do not say whose they are: each is verified with the own key, which takes `amount`
CoinSigner signer_of(const CoinWalletRule& wallet, const CoinScripts::Place& place, const chain::utxo::Transaction& transaction,
                     std::size_t input, std::optional<std::int64_t> amount);

}  // namespace holdfast::signer
