// For tests: a small exchange on a real litecoind or bitcoind. Keys in memory, the books kept by custody itself, and the
// conductor's steps one by one.
#pragma once

#include "chain/utxo/builder.h"
#include "chain/utxo/follower.h"
#include "chain/utxo/node/testing/core_node.h"
#include "chain/utxo/pool_watch.h"
#include "chain/utxo/psbt/sign_input.h"
#include "custody/custody.h"

#include <string>
#include <vector>

namespace holdfast::chain::utxo {

enum class HotKind : std::uint8_t { p2wsh, taproot };

// Custody without a journal.
class CoinBooks final : public StateView {
 public:
  void read(const std::function<void(const custody::State&)>& look) const override { look(state); }
  // Ends the process when custody refuses; checks custody's laws after each.
  void submit(const custody::Command& command);
  custody::Refusal ask(const custody::Command& command);

  custody::State state;
  Instant now{1'700'000'000'000};
};

class CoinWorld {
 public:
  CoinWorld(Coin coin, HotKind hot, std::uint32_t finality_depth = 2, const std::vector<std::string>& node_arguments = {});

  // The customer's next address, handed out.
  std::string deposit_address();
  // Pays to it from the node's wallet.
  Txid deposit(std::string_view coins);
  void mine(unsigned blocks = 1);
  void follow();
  // A deposit of so many coins that is credited.
  void fund(std::string_view coins);

  custody::WithdrawalId request(std::int64_t satoshi, const std::string& address);
  // What the planner wants, done; prepared before and behind, as the conductor's rounds do.
  std::size_t plan(const std::set<custody::SpendId>& given_up = {});
  // Builds, signs with the owners named (or the single key), adds the attempt. Refuses as the builder does.
  Result<custody::Attempt> sign(custody::SpendId spend, const FeeQuote& fees, const std::vector<std::size_t>& owners = {0, 2});
  void sign_and_send(custody::SpendId spend, std::int64_t feerate = 2'000);
  void watch();

  const custody::Spend& newest_spend() const { return books.state.spends.at({books.state.spends.size()}); }
  Amount available() const { return books.state.available(customer, asset); }
  Amount balance(custody::WalletId wallet) const { return books.state.wallet_balance(wallet, asset); }
  // What the node's own scan of the wallet's descriptor finds.
  std::int64_t on_chain(custody::WalletId wallet);

  CoreNode core;
  const Network& network;
  RpcNode node;
  CoinBooks books;
  custody::ChainId chain;
  custody::AssetId asset;
  custody::WalletId cold, hot, single;
  custody::CustomerId customer;
  std::vector<ExtendedSecretKey> owners;
  ExtendedSecretKey single_key;
  UtxoFollower follower;
  UtxoPoolWatch pool;
  UtxoBuilder builder;

 private:
  void register_all(HotKind hot, std::uint32_t finality_depth);
  custody::WalletId add_wallet(custody::WalletKind kind, const std::string& name, const std::string& descriptor,
                               custody::WalletId cold_wallet, custody::SignerId signer);
  std::uint64_t requests_ = 0;
};

}  // namespace holdfast::chain::utxo
