// Holdfast's own contracts (contracts/README.md): deposit forwarders, the evacuation module and the limit guard.
#pragma once

#include "base/amount.h"
#include "base/bytes.h"
#include "base/result.h"
#include "chain/evm/codec/address.h"
#include "chain/evm/codec/secp256k1.h"
#include "chain/evm/codec/word.h"

#include <cstdint>
#include <vector>

namespace holdfast::chain::evm {

// The native coin wherever a contract names an asset.
inline constexpr Address20 kNativeAsset{};

// --- Deposit addresses --------------------------------------------------------------------------------------------

// keccak256("holdfast deposit" || customer || number), both big-endian. `number` counts a customer's addresses.
Hash32 deposit_salt(std::uint64_t customer, std::uint64_t number);

// CREATE2 address of the EIP-1167 clone of `implementation` that `factory` makes from `salt`.
Address20 forwarder_address(const Address20& factory, const Address20& implementation, const Hash32& salt);

struct Flush {
  std::vector<Hash32> salts;
  std::vector<Address20> tokens;  // The native coin goes unasked.
  friend bool operator==(const Flush&, const Flush&) = default;
};

Bytes encode_flush(const Flush& call);                 // flush(bytes32[],address[])
Result<Flush> decode_flush(ByteView calldata);         // Canonical only. `not_flush`, `abi_*`

const Hash32& flushed_topic();  // Flushed(address indexed forwarder,address indexed asset,uint256 amount)

// --- Evacuation ---------------------------------------------------------------------------------------------------

// What one owner signs so that anybody may send a Safe's assets to its cold wallet.
// Numbers are words: a stranger's call may hold any.
struct Evacuation {
  std::vector<Address20> assets;  // Most valuable first; kNativeAsset for the native coin.
  Word nonce;
  Word deadline_s;                // Unix seconds.
  friend bool operator==(const Evacuation&, const Evacuation&) = default;
};

struct EvacuationCall {
  Evacuation evacuation;
  Bytes signature;  // 65 bytes; empty in what an owner is asked to sign.
  friend bool operator==(const EvacuationCall&, const EvacuationCall&) = default;
};

Hash32 evacuation_hash(std::uint64_t chain_id, const Address20& module, const Evacuation& evacuation);
Bytes encode_evacuation(const EvacuationCall& call);            // evacuateWithSignature(address[],uint256,uint256,bytes)
Result<EvacuationCall> read_evacuation(ByteView calldata);      // As the contract reads it. `not_evacuation`, `abi_*`
Result<EvacuationCall> decode_evacuation(ByteView calldata);    // Canonical only.

const Hash32& evacuated_topic();  // Evacuated(address indexed asset,address indexed to,uint256 amount)

// --- Freeze -------------------------------------------------------------------------------------------------------

struct GuardFreeze {
  std::uint64_t nonce = 0;
  std::uint64_t deadline_s = 0;  // Unix seconds.
  friend bool operator==(const GuardFreeze&, const GuardFreeze&) = default;
};

struct GuardFreezeCall {
  GuardFreeze freeze;
  Bytes signature;  // 65 bytes.
  friend bool operator==(const GuardFreezeCall&, const GuardFreezeCall&) = default;
};

Hash32 guard_freeze_hash(std::uint64_t chain_id, const Address20& guard, const GuardFreeze& freeze);
Bytes encode_guard_freeze(const GuardFreezeCall& call);              // freezeWithSignature(uint256,uint256,bytes)
Result<GuardFreezeCall> decode_guard_freeze(ByteView calldata);      // Canonical only. `not_guard_freeze`, `abi_*`

}  // namespace holdfast::chain::evm
