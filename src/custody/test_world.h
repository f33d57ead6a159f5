// For tests: an exchange that lives. From one seed come customers, operators, a conductor, outsiders and thieves, and a chain
// that reorganises; what they do goes through decide and apply. An auditor compares the state with the chain.
#pragma once

#include "custody/custody.h"
#include "custody/test_chain.h"

#include <set>
#include <vector>

namespace holdfast::custody {

class World {
 public:
  struct Options {
    bool thieves = true;
    bool deep_reorgs = true;
  };

  World(std::uint64_t seed, Options options);

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
  TxId new_txid() { return dice_.bytes<32>(); }
  template <class Key, class Thing>
  Key any(const Table<Key, Thing>& table) {
    return {dice_.below(table.size() + 2)};  // now and then one that does not exist
  }
  WalletId some(WalletKind kind);

  void customer_acts();
  void key_acts();
  Authorisation some_authorisation(CustomerId customer);
  void operator_acts();
  void conductor_acts(const Spend& spend);
  void plan();
  void plan_evacuations();
  void plan_sweep();
  void outsider_acts();
  std::vector<Hash32> some_salts();
  void thief_acts();
  void mine();
  void reorganise();
  void finalize();
  void nonsense();
  bool settled() const;

  void audit_balances() const;
  void audit_nonces() const;
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
  AssetId token_{2};
  TestChain chain_;
  bool was_deep_ = false;  // A final block has gone away: then money may be lost, and is accounted for as such.
};

}  // namespace holdfast::custody
