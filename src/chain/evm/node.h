// What Holdfast asks of an EVM node. Bodies: JsonRpcNode (a real node over HTTP) and the simulator's.
//
// Numbers over Amount's bound cannot stand for money that exists; a body gives them as Amount::max().
#pragma once

#include "base/amount.h"
#include "base/bytes.h"
#include "base/instant.h"
#include "base/result.h"
#include "chain/evm/codec/address.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace holdfast::chain::evm {

struct Header {
  std::uint64_t height = 0;
  Hash32 hash;
  Hash32 parent;
  Instant time;
  Amount base_fee;  // Wei per gas.
};

struct Transaction {
  Hash32 hash;
  Address20 from;
  std::optional<Address20> to;  // None creates a contract.
  std::uint64_t nonce = 0;
  std::uint64_t gas = 0;
  Amount value;
  Amount max_fee;       // Legacy transactions: their gas price, twice.
  Amount priority_fee;
  Bytes input;
};

struct Block {
  Header header;
  std::vector<Transaction> transactions;
};

struct Log {
  Address20 address;
  std::vector<Hash32> topics;
  Bytes data;
  Hash32 txid;
  std::uint32_t index = 0;  // In the block.
};

struct Receipt {
  Hash32 txid;
  bool success = false;
  std::uint64_t gas_used = 0;
  Amount effective_gas_price;
  Hash32 block_hash;
  std::uint64_t height = 0;
  std::vector<Log> logs;
  Amount extra_fee = Amount::zero();  // Beside gas_used times the price: an OP-stack chain's l1Fee.
};

// Native coin moved by a call or a self-destruct inside a transaction that was not undone.
struct InternalTransfer {
  Hash32 txid;
  Address20 from;
  Address20 to;
  Amount value;
};

struct BalanceQuery {
  Address20 holder;
  std::optional<Address20> token;  // None: the native coin.
};

class Node {
 public:
  virtual ~Node() = default;
  virtual Result<std::uint64_t> chain_id() = 0;
  virtual Result<Header> head() = 0;
  virtual Result<std::optional<Header>> finalized() = 0;  // None before the first.
  virtual Result<std::optional<Header>> header_at(std::uint64_t height) = 0;
  virtual Result<std::optional<Block>> block(const Hash32& hash) = 0;
  // Of the block, from any of `addresses`, with this first topic; empty `addresses` means any.
  virtual Result<std::vector<Log>> logs(const Hash32& block, const std::vector<Address20>& addresses, const Hash32& topic) = 0;
  virtual Result<std::optional<Receipt>> receipt(const Hash32& txid) = 0;
  // Answers stand in the order of the queries. None: the token's contract failed or answered nonsense,
  // which says nothing about the balance.
  virtual Result<std::vector<std::optional<Amount>>> balances(const Hash32& block, const std::vector<BalanceQuery>& queries) = 0;
  // None when the node cannot trace, or fails at this block again and again: internal transfers are then only found by
  // balance.
  virtual Result<std::optional<std::vector<InternalTransfer>>> internal_transfers(const Hash32& block) = 0;
  virtual Result<std::uint64_t> nonce(const Address20& account) = 0;  // Of the newest block.
  // After the block: a contract's storage slot, and how long the code at an address is. None: this body cannot tell.
  virtual Result<std::optional<Word>> storage(const Hash32& block, const Address20& contract, const Word& slot) {
    static_cast<void>(block), static_cast<void>(contract), static_cast<void>(slot);
    return std::optional<Word>();
  }
  virtual Result<std::optional<std::size_t>> code_size(const Hash32& block, const Address20& address) {
    static_cast<void>(block), static_cast<void>(address);
    return std::optional<std::size_t>();
  }
  // Pool transactions that were not returned before (a node that forgets may return one twice).
  virtual Result<std::vector<Transaction>> new_pending() = 0;
  virtual Result<Amount> priority_fee() = 0;
  // Success also when the node knows it already. `underpriced`, `nonce_used`, `refused`: codes of faults.
  virtual Result<Hash32> send(ByteView raw) = 0;
};

}  // namespace holdfast::chain::evm
