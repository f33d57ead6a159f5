// Transactions of the Bitcoin family as on the wire (BIP 144), for Bitcoin and Litecoin alike.
//
//   legacy  = version inputs outputs locktime
//   segwit  = version 00 01 inputs outputs witnesses locktime
//
// Decoding is strict: encoding the answer again gives the input, and what consensus refuses by form alone is refused here:
// no inputs, no outputs, an input twice (CVE-2018-17144), values over `max_money` (CVE-2010-5139) one by one or together,
// a witness flag without any witness, weight over the block's. A transaction whose stripped form has 64 bytes is refused
// (CVE-2017-12842), unless it comes out of a block. Litecoin's MWEB form (flag bit 8) is refused with a code of its own.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::chain::utxo {

using Txid = Hash32;  // In the order of the bytes on the wire. display() reverses it, as explorers and RPC write it.

inline constexpr std::int64_t kMaxMoneyBitcoin = 21'000'000LL * 100'000'000LL;
inline constexpr std::int64_t kMaxMoneyLitecoin = 84'000'000LL * 100'000'000LL;
inline constexpr std::size_t kMaxTransactionWeight = 4'000'000;
inline constexpr std::uint32_t kSequenceFinal = 0xffffffff;
inline constexpr std::uint32_t kSequenceReplaceable = 0xfffffffd;  // BIP 125, and locktime in force.

struct OutPoint {
  Txid txid;
  std::uint32_t vout = 0;
  friend auto operator<=>(const OutPoint&, const OutPoint&) = default;
};

struct TxIn {
  OutPoint previous;
  Bytes script_sig;
  std::uint32_t sequence = kSequenceFinal;
  std::vector<Bytes> witness;
  friend bool operator==(const TxIn&, const TxIn&) = default;
};

struct TxOut {
  std::int64_t value = 0;  // In satoshi (litoshi). Never negative, never over max_money.
  Bytes script;            // scriptPubKey
  friend bool operator==(const TxOut&, const TxOut&) = default;
};

struct Transaction {
  std::int32_t version = 2;
  std::vector<TxIn> inputs;
  std::vector<TxOut> outputs;
  std::uint32_t locktime = 0;
  friend bool operator==(const Transaction&, const Transaction&) = default;

  bool has_witness() const;
  bool is_coinbase() const;  // One input, of the null outpoint.
};

struct DecodeRules {
  std::int64_t max_money = kMaxMoneyLitecoin;  // The larger of the two when the network is not known.
  bool from_block = false;                     // Allows what only a block may hold: coinbases, 64 bytes.
};

// Refusals: `transaction_malformed` (cut short, bytes behind it, a form that is not canonical), `transaction_too_large`,
// `transaction_empty` (no inputs or outputs), `transaction_input_twice`, `transaction_value` (out of range),
// `transaction_coinbase`, `transaction_64_bytes`, `transaction_mweb`. The text says where.
Result<Transaction> decode_transaction(ByteView raw, const DecodeRules& rules = {});
Bytes encode(const Transaction& transaction);                  // With its witnesses, if it has any.
Bytes encode_without_witness(const Transaction& transaction);  // What the txid is the hash of.
Txid txid_of(const Transaction& transaction);
Hash32 wtxid_of(const Transaction& transaction);
std::size_t weight_of(const Transaction& transaction);  // BIP 141: 3 * stripped + whole
std::size_t vsize_of(const Transaction& transaction);   // weight / 4, rounded up

std::string display(const Hash32& id);                        // Reversed hex, as RPC and explorers write it.
std::optional<Hash32> id_from_display(std::string_view text);  // 64 hex digits.

}  // namespace holdfast::chain::utxo
