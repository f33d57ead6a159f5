// The part of ERC-20 that Holdfast speaks.
#pragma once

#include "base/amount.h"
#include "base/bytes.h"
#include "base/result.h"
#include "chain/evm/codec/address.h"

namespace holdfast::chain::evm {

struct TokenTransfer {
  Address20 to;
  Amount amount;
  friend bool operator==(const TokenTransfer&, const TokenTransfer&) = default;
};

Bytes encode_transfer(const TokenTransfer& transfer);          // transfer(address,uint256)
// Only the canonical 68 bytes. Refusals: `not_transfer`, `abi_dirty_address`, `abi_number_too_large`, `abi_not_canonical`.
Result<TokenTransfer> decode_transfer(ByteView calldata);

Bytes encode_balance_of(const Address20& holder);              // balanceOf(address)

const Hash32& transfer_topic();  // Transfer(address indexed from,address indexed to,uint256)

}  // namespace holdfast::chain::evm
