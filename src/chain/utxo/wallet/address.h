// Addresses as text: base58check, bech32 (BIP 173) and bech32m (BIP 350), to and from scriptPubKeys.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "chain/utxo/wallet/network.h"

#include <optional>
#include <string>
#include <string_view>

namespace holdfast::chain::utxo {

// Refusals: `address_malformed` (no address of any kind), `address_checksum`, `address_of_another_network` (well formed,
// of a network or a coin that this is not: the text says which, if it is known), `address_witness_unknown` (a witness
// version that nobody can spend from by rules known today).
Result<Bytes> script_of_address(const Network& network, std::string_view text);
// None for a script that has no address.
std::optional<std::string> address_of_script(const Network& network, ByteView script_pubkey);

}  // namespace holdfast::chain::utxo
