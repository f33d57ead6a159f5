// A small EVM-like machine: accounts, tokens, one Safe with its evacuation module, and the forwarder factory. It runs raw
// transactions by what their bytes say and leaves the logs that the real contracts leave (contracts/README.md).
//
// It reads calldata with the production codecs: it stands for the chain. What judges Holdfast (auditor.h) does not.
#pragma once

#include "chain/evm/codec/safe.h"
#include "chain/evm/node.h"

#include <map>
#include <optional>
#include <set>
#include <vector>

namespace holdfast::sim {

using chain::evm::Address20;

struct Account {
  std::uint64_t nonce = 0;
  Amount balance;
};

// Everything that a block changes. Copied per block: that is what makes reorganisations simple.
struct EvmState {
  std::map<Address20, Account> accounts;
  std::map<std::pair<Address20, Address20>, Amount> tokens;  // by token and holder
  std::uint64_t safe_nonce = 0;
  std::set<std::pair<Address20, Hash32>> used_module_nonces;  // by owner

  Amount balance(const Address20& holder, const std::optional<Address20>& token) const;
};

// What stands on the chain and never changes.
struct Contracts {
  std::uint64_t chain_id = 0;
  Address20 safe;
  Address20 module;
  Address20 factory;
  Address20 implementation;  // of the forwarders
  Address20 cold;
  std::vector<Address20> owners;
  std::size_t threshold = 2;
  std::set<Address20> tokens;    // Honest ERC-20s.
  Address20 fake_token;          // Logs transfers and moves nothing.
  Address20 splitter;            // Pays coins on to a list of addresses: internal transfers.
  std::set<Address20> refusing;  // Recipients whose payment fails.
};

// A transaction as the pool holds it. Outsiders' have no raw bytes: nobody checks their signatures. Each comes from an account
// of its own, which has just what it takes.
struct PooledTransaction {
  chain::evm::Transaction body;
  Bytes raw;
  bool reverts = false;  // An outsider's that fails on purpose: a deposit that never was.
};

// Money that really moved.
struct Moved {
  std::optional<Address20> token;
  Address20 from;
  Address20 to;
  Amount amount;
};

struct Executed {
  bool success = false;
  std::uint64_t gas_used = 0;
  Amount gas_price;
  std::vector<chain::evm::Log> logs;
  std::vector<chain::evm::InternalTransfer> internal;
  std::vector<Moved> moved;
};

// The raw bytes as a pool entry; nothing when no node would take them.
std::optional<PooledTransaction> read_raw(std::uint64_t chain_id, ByteView raw);

// Whether the transaction may stand in a block now: its nonce is next, it can pay, and it pays the base fee.
bool includable(const EvmState& state, const PooledTransaction& transaction, Amount base_fee);

// Precondition: includable. `out_of_gas`: it fails although its bytes are right, because gas ran out.
Executed execute(EvmState& state, const Contracts& contracts, const PooledTransaction& transaction, Amount base_fee,
                 Instant time, bool out_of_gas);

// Calldata for the splitter.
Bytes encode_split(const std::vector<std::pair<Address20, Amount>>& payments);
// Calldata for the fake token: claims that `to` was paid.
Bytes encode_fake_transfer(const Address20& to, Amount amount);

}  // namespace holdfast::sim
