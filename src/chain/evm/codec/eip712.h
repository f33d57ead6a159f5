// EIP-712: what a person or a key signs when it signs structured data for a contract.
#pragma once

#include "base/bytes.h"
#include "chain/evm/codec/address.h"

#include <cstdint>
#include <string_view>

namespace holdfast::chain::evm {

// EIP712Domain(string name,string version,uint256 chainId,address verifyingContract), version "1".
Hash32 domain_separator(std::string_view name, std::uint64_t chain_id, const Address20& contract);

// EIP712Domain(uint256 chainId,address verifyingContract): the domain of a Safe since 1.3.0.
Hash32 safe_domain_separator(std::uint64_t chain_id, const Address20& safe);

// keccak256(0x1901 || domain || struct).
Hash32 typed_data_hash(const Hash32& domain, const Hash32& struct_hash);

}  // namespace holdfast::chain::evm
