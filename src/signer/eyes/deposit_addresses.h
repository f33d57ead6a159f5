// Whether a deposit address that the journal has assigned is one whose money ends in the signer's own wallets. Pure.
#pragma once

#include "chain/evm/codec/address.h"
#include "signer/coin_policy.h"

#include <cstdint>

namespace holdfast::signer {

// The address of the first contract that `factory` created: keccak256(rlp([factory, 1])) (EIP-161 counts from 1). That is what
// ForwarderFactory's constructor makes, so that it follows from the factory's address and needs no configuration.
chain::evm::Address20 implementation_of(const chain::evm::Address20& factory);

// Whether `address` (raw, any length) is the CREATE2 address of the factory's forwarder for this salt (EIP-1014, EIP-1167).
bool is_forwarder(const chain::evm::Address20& factory, const chain::evm::Address20& implementation, const Hash32& salt,
                  ByteView address);

// Whether `script` is what the wallet's descriptor derives for receiving at this index.
bool is_wallet_script(const CoinWalletRule& wallet, std::uint32_t index, ByteView script);

}  // namespace holdfast::signer
