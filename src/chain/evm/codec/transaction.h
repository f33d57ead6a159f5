// EIP-1559 transactions, the only kind Holdfast makes:
//
//   unsigned = 0x02 || rlp([chain_id, nonce, max_priority_fee, max_fee, gas, to, value, data, access_list])
//   signed   = 0x02 || rlp([..., y_parity, r, s])
//
// The access list is always empty. What is signed is keccak256(unsigned); the id is keccak256(signed).
#pragma once

#include "base/amount.h"
#include "base/bytes.h"
#include "base/result.h"
#include "chain/evm/codec/address.h"
#include "chain/evm/codec/secp256k1.h"

#include <cstdint>

namespace holdfast::chain::evm {

inline constexpr std::size_t kTransactionMaxBytes = 128 * 1024;  // What nodes accept into the pool.

struct Eip1559Transaction {
  std::uint64_t chain_id = 0;
  std::uint64_t nonce = 0;
  Amount max_priority_fee;  // Wei per gas.
  Amount max_fee;           // Wei per gas.
  std::uint64_t gas = 0;
  Address20 to;             // Holdfast never creates a contract: a transaction without a recipient does not decode.
  Amount value;             // Wei.
  Bytes data;
  friend bool operator==(const Eip1559Transaction&, const Eip1559Transaction&) = default;
};

struct SignedTransaction {
  Eip1559Transaction transaction;
  Signature signature;
  friend bool operator==(const SignedTransaction&, const SignedTransaction&) = default;
};

Bytes encode_unsigned(const Eip1559Transaction& transaction);
Bytes encode_signed(const SignedTransaction& transaction);

// Strict: encoding the answer again gives the input. Refusals: those of rlp.h, `transaction_type`,
// `transaction_too_large`, `transaction_fields`, `transaction_creates_contract`, `transaction_access_list`,
// `signature_malformed`.
Result<Eip1559Transaction> decode_unsigned(ByteView unsigned_transaction);
Result<SignedTransaction> decode_signed(ByteView raw);

// What the sender signs: keccak256 of the unsigned form.
Hash32 signing_hash(const Eip1559Transaction& transaction);
// Of a signed transaction's raw bytes.
Hash32 transaction_id(ByteView raw);
Result<Address20> sender_of(const SignedTransaction& transaction);

}  // namespace holdfast::chain::evm
