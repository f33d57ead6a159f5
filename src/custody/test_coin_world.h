// For tests: an exchange of coins that lives. From one seed come customers, operators, a conductor, strangers and thieves,
// and a chain that reorganises; what they do goes through decide and apply. An auditor compares the state with the chain.
#pragma once

#include "custody/custody.h"
#include "custody/test_coin_chain.h"

#include <set>
#include <vector>

namespace holdfast::custody {

class CoinWorld {
 public:
  struct Options {
    bool thieves = true;
    bool deep_reorgs = true;
  };

  CoinWorld(std::uint64_t seed, Options options);

  void step();
  // Everything that is on its way comes to its end, if it can.
  void settle_down();
  // Ends the process where the state does not agree with the chain or breaks a law.
  void audit() const;

  const State& state() const { return state_; }
  const std::vector<Event>& log() const { return log_; }
  const std::set<Refusal>& refusals() const { return refusals_; }

 private:
  Refusal submit(const Command& command);
  void found();
  WalletId add_wallet(WalletKind kind);
  WalletId some_wallet();
  Address assign(CustomerId customer, WalletId wallet);
  void pay_in(const Address& script);

  void customer_acts();
  void operator_acts();
  void conductor_acts(const Spend& spend);
  void plan();
  void plan_payment(WalletId wallet);
  void plan_child();
  void plan_saving(const Wallet& wallet);
  void plan_change(PlanCoins& command);
  std::vector<CoinId> some_coins(WalletId wallet, bool careful);
  void thief_acts();
  void send_reserves();
  void mine();
  void reorganise();
  void finalize();
  void nonsense();
  bool settled() const;

  void audit_coins() const;
  void audit_spends() const;
  void audit_withdrawals() const;
  void audit_credits() const;

  Options options_;
  Dice dice_;
  Instant now_{1'700'000'000'000};
  State state_;
  std::vector<Event> log_;
  std::set<Refusal> refusals_;
  ChainId chain_id_{1};
  AssetId coin_{1};
  CoinChain chain_;
  std::vector<std::pair<WalletId, CoinTransaction>> reserves_;  // Signed, and broadcast by nobody yet.
  std::uint64_t rivals_ = 0;
  bool was_deep_ = false;  // A final block has gone away: then money may be lost, and is accounted for as such.
};

}  // namespace holdfast::custody
