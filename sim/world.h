// One life, from a seed: an exchange with its customers, operators, signers and chain, and everything that goes wrong.
//
// One thread; what happens next is always the seed's choice. After the storm comes a calm, in which nothing new goes wrong
// and everything that was accepted must come to an end.
#pragma once

#include "sim/auditor.h"
#include "sim/coin_chain.h"
#include "sim/coin_view.h"
#include "sim/daemon.h"
#include "sim/installation.h"
#include "sim/network.h"
#include "sim/node_view.h"
#include "sim/station.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::sim {

enum class Theft { none, hot_key, gas_key, owner_key };
enum class CoinTheft { none, one_of_quorum, coin_key, quorum };
enum class Lie { none, shallow, deep };

// What kind of life it is going to be.
struct Weather {
  std::uint32_t finality_depth = 3;  // 0: by the node's tag.
  bool traces = true;                // The node can tell internal transfers.
  bool storms = true;                // Crashes, lost messages, reorganisations...
  bool tight_signers = false;        // Two of three refuse large withdrawals.
  Theft theft = Theft::none;
  Lie lie = Lie::none;
  std::uint64_t steps = 0;
  bool coins = false;  // There is a chain of coins, too.
  std::uint32_t coin_finality = 3;
  CoinTheft coin_theft = CoinTheft::none;
};

// With a chain of coins beside the accounts, or without.
enum class Life { accounts, coins };

// What happened in a life, and the root of its journal: equal seeds give equal reports.
struct Report {
  Hash32 root;
  std::uint64_t events = 0;
  std::uint64_t crashes = 0;
  std::uint64_t signer_crashes = 0;
  std::uint64_t blocks = 0;
  std::uint64_t reorgs = 0;
  std::uint64_t deposits = 0;
  std::uint64_t withdrawals = 0;
  std::uint64_t paid = 0;
  std::uint64_t thefts = 0;
  std::uint64_t lies = 0;
  std::uint64_t incidents = 0;
  std::uint64_t children = 0;  // Of payments that their receivers have pinned.
  friend bool operator==(const Report&, const Report&) = default;
};

class World {
 public:
  World(std::uint64_t seed, bool trace, Life life = Life::accounts);

  // Throws LawBroken.
  Report live();

 private:
  using Deed = void (World::*)();
  struct Choice {
    std::uint64_t weight;
    Deed deed;
  };

  // world.cc
  void say(const std::string& what) const;  // With --trace.
  void tell(const record::Event& event) const;
  void choose_faults();
  void set_up();
  void step();
  void deliver();
  void calm_down();
  void settle();
  bool at_rest();
  static bool may_wait(const custody::State& state, const custody::Spend& spend);
  static void judge_unfinished(const custody::State& state, const custody::Spend& spend);
  void wake_up();
  void audit_the_end();
  Report report();

  // customers.cc
  void customer_arrives();
  void customer_pays();
  void customer_is_fooled();  // A deposit that never was.
  void customer_asks();
  void customer_repeats();
  void customer_cancels();
  void operator_judges();
  void operator_freezes();
  void operator_lifts();
  void operator_tops_up();
  void operators_thaw();
  void ask(const Asked& what);
  Amount amount_to_ask(custody::CustomerId customer, custody::AssetId asset);
  void judge_withdrawal(custody::WithdrawalId id, bool approve);
  void pay_outside(const Address20& to, Amount coins, Bytes data, bool reverts);
  void judge_all();
  void end_incidents();

  // coins.cc
  void coins_set_up();
  void coin_address_for(std::uint64_t customer);
  void coin_customer_pays();
  void coin_sender_changes_his_mind();
  void coin_customer_asks();
  void coin_stranger_gives();
  void coin_block_comes();
  void coins_followed();
  void coins_watched();
  void coins_reorganise();
  void coin_pool_forgets();
  void coin_receiver_pins();
  void coin_fees_move();
  void coin_node_falls_behind();
  void coin_node_lies();
  void coin_node_repents();
  void coin_thief_strikes();
  void pay_coins(const Bytes& script, std::int64_t amount, std::int64_t rate);
  bool coins_at_rest();

  // thief.cc
  void thief_strikes();
  void steal_from_account(const Secret& key, custody::WalletId wallet);
  void misuse_owner();
  void send_stolen(const Secret& key, chain::evm::Eip1559Transaction transaction);

  // trouble.cc
  void power_fails();
  void power_returns();
  void signer_troubles();
  void signer_returns();
  void chain_reorganises();
  void pool_forgets();
  void fees_move();
  void node_falls_behind();
  void node_lies();
  void node_repents();
  void outsider_relays();
  void outsider_scribbles();
  void outsider_flushes();
  void outsider_gives();
  void snapshot_happens();

  // Plain moves, in world.cc.
  void block_comes();
  void engine_works();
  void engine_follows();
  void engine_watches();
  void time_jumps();

  std::uint64_t seed_;
  bool trace_;
  Prng prng_;
  SimClock clock_;
  Weather weather_;
  Auditor auditor_;
  Chain chain_;
  NodeView node_;
  CoinChain coins_;
  CoinView coin_view_;
  Network network_;
  Daemon daemon_;
  std::map<std::string, proto::CosignedHead> notes_;  // Of the signers, as witnesses.
  std::vector<std::unique_ptr<Station>> stations_;

  std::uint64_t customers_ = 0;
  std::uint64_t addresses_per_customer_ = 2;
  std::vector<Asked> asked_;
  std::vector<Bytes> coin_addresses_;                       // Customers'.
  std::vector<chain::utxo::Transaction> changeable_minds_;  // Deposits that their senders may replace.
  std::uint64_t thefts_ = 0;
  std::uint64_t lies_ = 0;
};

}  // namespace holdfast::sim
