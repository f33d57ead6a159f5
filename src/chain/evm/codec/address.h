// EVM account addresses: 20 bytes, written as EIP-55 checksummed hexadecimal.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "custody/address.h"
#include "chain/evm/codec/word.h"

#include <optional>
#include <string>
#include <string_view>

namespace holdfast::chain::evm {

using Address20 = FixedBytes<20>;

// "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
std::string to_checksum_text(const Address20& address);

// Takes 0x and 40 digits. All lower or all upper case carries no checksum and is accepted; mixed case must match EIP-55.
// Refusals: `address_malformed`; `address_checksum`, which is nearly always a mistyped address.
Result<Address20> parse_address(std::string_view text);

// An address in an ABI word, with zeroes in front; and back, or nothing when the front is not zero.
Word address_word(const Address20& address);
std::optional<Address20> address_of_word(const Word& word);

// Between custody's address of any chain and this one's. Nothing when it is not 20 bytes long.
custody::Address to_custody(const Address20& address);
std::optional<Address20> from_custody(const custody::Address& address);

}  // namespace holdfast::chain::evm
