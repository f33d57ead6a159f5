// The networks of the family, as data: one code for all of them.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace holdfast::chain::utxo {

struct Network {
  std::string_view name;     // "bitcoin-main"
  std::string_view caip2;    // CAIP-2, namespace bip122: the first 32 hex digits of the genesis block's id.
  std::string_view genesis;  // As displayed, 64 hex digits: how a node on another network is told.
  std::string_view coin;     // "BTC"
  std::string_view hrp;      // bech32
  std::uint8_t p2pkh = 0;    // base58check version bytes
  std::uint8_t p2sh = 0;
  std::uint8_t p2sh_legacy = 0;     // Litecoin's older one, read but never written; equal to p2sh elsewhere.
  std::uint32_t xpub = 0x0488b21e;  // BIP 32; Litecoin main uses Bitcoin's, as descriptors in Litecoin Core do.
  std::uint32_t xprv = 0x0488ade4;
  std::uint32_t coin_type = 0;      // SLIP 44
  std::uint8_t wif = 0x80;
  std::int64_t max_money = 0;
  std::uint32_t coinbase_maturity = 100;
  std::int64_t block_seconds = 600;
  std::int64_t dust_feerate = 3'000;  // sat/kvB: an output that costs more than a third to spend at this rate is dust to nodes.
};

// bitcoin main, test (testnet3), test4, signet, regtest; litecoin main, test, regtest: "bitcoin-test4". They live as long
// as the process. The regtest networks of the two have CAIP-2 names of their own, from their own genesis blocks.
std::span<const Network> networks();
// Refuse `network_unknown`.
Result<const Network*> network_by_caip2(std::string_view caip2);
Result<const Network*> network_by_name(std::string_view name);

}  // namespace holdfast::chain::utxo
