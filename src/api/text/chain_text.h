// How a family of chains writes addresses, assets and transaction ids. A new family is one more body in chain_text.cc.
#pragma once

#include "api/message/problem.h"
#include "custody/types.h"

#include <string>
#include <string_view>

namespace holdfast::api {

class ChainText {
 public:
  virtual ~ChainText() = default;
  virtual std::string address(const custody::Address& address) const = 0;
  // address_malformed (also what nobody can spend from by rules known today); address_checksum_wrong;
  // address_of_other_chain (it is another network's, or has the form of another family's address)
  virtual Answer<custody::Address> parse_address(std::string_view text) const = 0;
  // The part of a CAIP-19 id behind the chain: "slip44:60" for the native coin (no contract), "erc20:0x...".
  virtual std::string asset(const custody::Address& contract) const = 0;
  virtual std::string txid(const custody::TxId& txid) const = 0;
};

// By the CAIP-2 id: "eip155:1" -> the EVM's, "bip122:0000...93" -> Bitcoin's. Of what is not known: plain hexadecimal, and
// no address is read.
const ChainText& chain_text(std::string_view caip2);

}  // namespace holdfast::api
