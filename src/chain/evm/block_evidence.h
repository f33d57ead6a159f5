// Everything of one block that bears on our money, asked of the node at that very block.
#pragma once

#include "chain/evm/node.h"
#include "chain/evm/own.h"

#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

namespace holdfast::chain::evm {

using TxHash = FixedBytesHash<32>;

struct BlockEvidence {
  Block block;
  std::unordered_map<Hash32, std::size_t, TxHash> places;  // Of a transaction in the block.
  std::vector<Log> token_transfers;   // Transfer, of listed tokens.
  std::vector<Log> executed;          // ExecutionSuccess and ExecutionFailure, of own Safes.
  std::vector<Log> module_executed;   // ExecutionFromModuleSuccess, of own Safes.
  std::vector<Log> evacuated;         // Evacuated, of own modules.
  std::vector<Log> flushed;           // Flushed, of the own factory.
  bool traced = false;                // `internal` is complete.
  std::vector<InternalTransfer> internal;
  AddressSet deposit_addresses;       // Those that are touched in this block.
  std::unordered_map<Hash32, Receipt, TxHash> receipts;  // Of own senders' transactions and of payments to deposit addresses.
};

// Those of the candidates that are deposit addresses. Asked at most once for a block.
using ChooseDeposits = std::function<AddressSet(const AddressSet& candidates)>;

// Logs stand in the order of the block. `trace` false: as if the node could not. Faults: `chain_moved` when the block is no
// longer on the node's best chain, and those of the node.
Result<BlockEvidence> gather(Node& node, const Own& own, const ChooseDeposits& choose, const Hash32& hash, bool trace = true);

// What a log carries, or nothing when it is not of this shape.
struct TransferLog {
  Address20 from;
  Address20 to;
  Amount amount;
};
std::optional<TransferLog> read_transfer_log(const Log& log);

// Flushed(forwarder, asset, amount) and Evacuated(asset, to, amount): two addresses and a number.
struct AddressPairLog {
  Address20 first;
  Address20 second;
  Amount amount;
};
std::optional<AddressPairLog> read_address_pair_log(const Log& log);

}  // namespace holdfast::chain::evm
