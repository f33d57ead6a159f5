// From the word that a list uses for a currency to one of our chains, and its addresses to canonical bytes.
#pragma once

#include "base/result.h"
#include "custody/address.h"

#include <string_view>

namespace holdfast::labels {

enum class Form : unsigned char { evm, utxo };

struct Currency {
  std::string_view word;  // "XBT"
  Form form = Form::evm;
  std::string_view chain;      // CAIP-2 of an EVM chain, the network's name of a UTXO chain ("bitcoin-main")
  bool on_many_chains = false;  // A token that other families carry, too: text without 0x is not ours.
};

// Nothing: no chain of ours serves it.
const Currency* currency_of(std::string_view word);

// Whether the CAIP-2 id is of one EVM chain: "eip155:" and a number.
bool is_evm_chain(std::string_view caip2);

// CAIP-2
std::string_view chain_of(const Currency& currency);

// Refusals: those of the chain's own reader (`address_malformed`, `address_checksum`, `address_of_another_network`,
// `address_witness_unknown`); `address_zero`; `address_precompile` (up to 0xffff); `address_invented` (24 equal digits at one
// end, which no key gives); `address_not_ours` (a token's address on a chain of another family: count it, it is no error).
Result<custody::Address> read_address(const Currency& currency, std::string_view text);

}  // namespace holdfast::labels
