// For tests: a chain of coins beside the accounts of a test exchange, and short ways to bring its spends somewhere.
#pragma once

#include "custody/test_exchange.h"

#include <string>
#include <vector>

namespace holdfast::custody {

inline CoinId operator""_coin(unsigned long long n) { return {n}; }

// Wallets: cold, a quorum's (multisig) with coins 1 to 10 of 1,000 each, a single key's with coin 11 of 1,000.
// Ann has 2,000, credited, at her address of the quorum's wallet (coin 12). Fees and limits as the exchange's; none under 10.
class CoinSide {
 public:
  explicit CoinSide(Exchange& exchange);

  WithdrawalId approved(std::int64_t amount = 100);
  PlanCoins payment(std::vector<CoinId> inputs, std::vector<WithdrawalId> batch, WalletId from = {});
  PlanCoins plan(Purpose purpose, std::vector<CoinId> inputs, WalletId from = {});  // change where it needs some
  PlanCoins burn(SpendId burnt);
  // Of the change that with() gives the attempt.
  PlanChild child(SpendId parent, std::size_t attempt = 0);
  PlanCoins evacuation(std::vector<CoinId> inputs);  // the quorum's wallet, compromised first where it is not
  SpendId planned(std::vector<CoinId> inputs = {{1}}, std::int64_t amount = 100);
  SpendId signed_by(std::vector<CoinId> inputs = {{1}}, std::int64_t amount = 100);
  SpendId must(const PlanCoins& command);
  SpendId sign(SpendId id, std::int64_t fee = 100);
  SpendId reserve(CoinId coin);  // signed

  // A block with this attempt of a spend in it, as a follower tells it: every coin spent, a network fee of 7, change.
  ConnectBlock with(SpendId id, std::size_t attempt, std::vector<CoinId> spends = {});
  ConnectBlock with(SpendId id) { return with(id, x.spend(id).attempts.size() - 1); }
  ConnectBlock with_theft(std::vector<CoinId> coins);
  ConnectBlock with_coins(std::vector<CoinFact> coins);
  ConnectBlock empty() { return block({}, {}); }
  ConnectBlock block(std::vector<MinedFact> mined, std::vector<CoinFact> coins);
  CoinFact at(const Address& script, Origin origin, std::int64_t amount);
  CoinFact at_ann(std::int64_t amount) { return at(ann, {quorum, 0, 1}, amount); }

  std::string mine(SpendId id) { return x.run(with(id)); }
  std::string finalize() { return x.run(FinalizeBlocks{chain, head().height}); }
  std::string disconnect() { return x.run(DisconnectBlock{chain, head().hash}); }
  BlockRef head() const { return x.state.head(chain).value(); }
  const Coin& coin(CoinId id) const { return x.state.coins.at(id); }
  Amount balance(WalletId wallet) const { return x.balance(wallet, asset); }
  Amount available() const { return x.available(kAnn, asset); }
  const Withdrawal& withdrawal(SpendId id, std::size_t place = 0) const {
    return x.state.withdrawals.at(x.spend(id).batch.at(place));
  }

  Exchange& x;
  ChainId chain;
  AssetId asset;
  WalletId cold;
  WalletId quorum;
  WalletId key;
  Address ann = address(721);

 private:
  std::uint64_t fresh() { return ++used_; }
  std::uint64_t used_ = 500'000;
};

}  // namespace holdfast::custody
