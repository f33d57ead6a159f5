// For tests: a small exchange on a real anvil. Contracts as tools/deploy.mjs deploys them, keys in memory, the books kept
// by custody itself, and the conductor's steps one by one.
#pragma once

#include "base/secret.h"
#include "chain/evm/testing/anvil.h"
#include "chain/evm/builder.h"
#include "chain/evm/codec/transaction.h"
#include "chain/evm/follower.h"
#include "chain/evm/json_rpc_node.h"
#include "chain/evm/pool_watch.h"
#include "chain/port.h"
#include "custody/custody.h"

#include <string>
#include <vector>

namespace holdfast::chain::evm {

// Custody without a journal.
class Bookkeeper final : public StateView {
 public:
  void read(const std::function<void(const custody::State&)>& look) const override { look(state); }
  // Ends the process when custody refuses.
  void submit(const custody::Command& command);
  void submit(const std::vector<custody::Command>& commands);

  custody::State state;
  Instant now{1'700'000'000'000};
};

class ExchangeWorld {
 public:
  struct Options {
    std::uint32_t finality_depth = 1;  // 0: the node's finalized tag.
    unsigned slots_in_an_epoch = 32;
    bool trace = true;
  };
  ExchangeWorld() : ExchangeWorld(Options{}) {}
  explicit ExchangeWorld(Options options);

  // The next deposit address of the one customer.
  Address20 deposit_address(std::uint64_t number);
  // Follows to the node's head, block after block, and checks the laws of custody.
  void follow();
  // Mines one block and follows.
  void mine();

  Amount available(custody::AssetId asset) const { return books.state.available(customer, asset); }
  Amount balance(custody::WalletId wallet, custody::AssetId asset) const { return books.state.wallet_balance(wallet, asset); }
  // Every own wallet holds on chain what the books say, and nobody raised an alarm.
  bool at_peace() const { return books.state.incidents.size() == 0; }

  // Fifty of each asset for the customer, swept to the hot Safe. Uses deposit address 1.
  void fund_hot();

  // The conductor's steps. Each ends with bytes given to the node.
  custody::SpendId withdraw(custody::AssetId asset, Amount amount, custody::WalletId wallet, const Address20& destination);
  custody::SpendId sweep(const std::vector<std::uint64_t>& numbers);
  void authorise(custody::SpendId spend);
  void sign_and_broadcast(custody::SpendId spend);
  // The transaction of a spend under new fees, signed with the key that pays, not remembered anywhere.
  custody::Attempt attempt(custody::SpendId spend, const FeeQuote& fees) const;
  const custody::Spend& spend(custody::SpendId id) const { return books.state.spends.at(id); }
  // What owner `index` signs, whoever asks.
  Signature owner_signature(std::size_t index, const Hash32& hash) const;

  Anvil anvil;
  JsonRpcNode node;
  Bookkeeper books;
  EvmBuilder builder;

  std::vector<Secret> owners;
  Secret gas_key;
  Secret single_key;
  custody::ChainId chain;
  custody::AssetId eth, token;
  custody::WalletId cold, hot, gas, single, forwarders;
  custody::CustomerId customer;
  Address20 token_contract, hot_address, cold_address, module, factory, implementation, single_address, gas_address;
  EvmFollower follower;
  EvmPoolWatch pool;

 private:
  void deploy();
  void register_all(std::uint32_t finality_depth);
  const Secret& payer_key(const custody::Spend& spend) const;
};

inline constexpr Address20 kStranger{{0x77, 0x77}};

// mint(address,uint256) of the test tokens: open to anybody.
Bytes mint_call(const Address20& to, Amount amount);

inline Amount milliether(std::int64_t thousandths) { return Amount::of(static_cast<Int128>(thousandths) * 1'000'000'000'000'000); }

}  // namespace holdfast::chain::evm
