// Safe 1.5.0: the transaction its owners sign, the call that carries it, and the events it leaves.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "chain/evm/codec/abi.h"
#include "chain/evm/codec/address.h"
#include "chain/evm/codec/secp256k1.h"
#include "chain/evm/codec/word.h"

#include <cstdint>
#include <vector>

namespace holdfast::chain::evm {

inline constexpr std::uint8_t kSafeCall = 0;
inline constexpr std::uint8_t kSafeDelegateCall = 1;

// Everything an owner signs but the Safe's nonce, which the call does not carry.
// Numbers are words: a stranger's transaction may hold any.
struct SafeTransaction {
  Address20 to;
  Word value{};
  Bytes data{};
  std::uint8_t operation = kSafeCall;
  Word safe_tx_gas{};
  Word base_gas{};
  Word gas_price{};
  Address20 gas_token{};
  Address20 refund_receiver{};
  friend bool operator==(const SafeTransaction&, const SafeTransaction&) = default;
};

struct ExecTransaction {
  SafeTransaction transaction;
  Bytes signatures;
  friend bool operator==(const ExecTransaction&, const ExecTransaction&) = default;
};

// The EIP-712 hash that owners sign and that the Safe's events name: custody's "intent".
Hash32 safe_transaction_hash(std::uint64_t chain_id, const Address20& safe, const SafeTransaction& transaction,
                             std::uint64_t nonce);

Bytes encode_exec_transaction(const ExecTransaction& call);

// As the contract itself reads it: anything that it might execute. For judging what strangers send.
// Refusals: `not_exec_transaction`, `safe_operation`, and those of AbiReader.
Result<ExecTransaction> read_exec_transaction(ByteView calldata);
// Only the canonical form: encoding the answer again gives the input. For judging what is to be signed.
// Refuses `abi_not_canonical` as well.
Result<ExecTransaction> decode_exec_transaction(ByteView calldata);

struct SafeOwnerSignature {
  Address20 owner;
  Signature signature;
};

// The signatures one behind the other in the order of their owners, as the contract demands.
Bytes join_owner_signatures(std::vector<SafeOwnerSignature> signatures);

// Who signed `hash` directly or as an Ethereum message (v 31 or 32), among the 65-byte parts of what a Safe was given.
// Parts that are nobody's signature, and everything behind the first 64 parts, are left out.
std::vector<Address20> recover_owner_signatures(const Hash32& hash, ByteView signatures);

// First topics. The hash of the Safe transaction is the second topic of the first two; the module of the last two.
const Hash32& execution_success_topic();              // ExecutionSuccess(bytes32 indexed,uint256)
const Hash32& execution_failure_topic();              // ExecutionFailure(bytes32 indexed,uint256)
const Hash32& execution_from_module_success_topic();  // ExecutionFromModuleSuccess(address indexed)
const Hash32& execution_from_module_failure_topic();  // ExecutionFromModuleFailure(address indexed)

}  // namespace holdfast::chain::evm
