// The engine's machine: its disk and snapshots, and the engine with its conductor, follower and pool watch as long as the
// power is on.
#pragma once

#include "chain/evm/builder.h"
#include "chain/evm/follower.h"
#include "chain/evm/pool_watch.h"
#include "chain/utxo/builder.h"
#include "chain/utxo/follower.h"
#include "chain/utxo/pool_watch.h"
#include "engine/conductor.h"
#include "engine/engine.h"
#include "sim/auditor.h"
#include "sim/coin_view.h"
#include "sim/disk.h"
#include "sim/network.h"
#include "sim/node_view.h"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace holdfast::sim {

class Daemon {
 public:
  // Everything given must outlive it.
  // `coins`: none where there are accounts only.
  Daemon(Prng& prng, SimClock& clock, NodeView& node, CoinView* coins, Network& network, Auditor& auditor);

  Disk disk;
  SnapshotShelf shelf;

  bool up() const { return engine_ != nullptr; }
  void start();  // Does nothing when it is up.
  void crash();  // Between two commands: the state before and after must be the same.

  // Each does nothing while the machine is down, and may take it down.
  std::optional<std::vector<engine::Outcome>> submit(
      std::span<const custody::Command> commands);  // None: nobody knows.
  bool conduct();                                   // True when something changed.
  void follow(std::size_t limit);
  void watch();
  void follow_coins(std::size_t limit);
  void watch_coins();
  void write_snapshot();

  void read(const std::function<void(const custody::State&)>& look) const { engine_->read(look); }
  journal::Head head() const { return engine_->head(); }
  Bytes snapshot() const;  // The bytes of one, of the present state.
  std::uint64_t crashes() const { return crashes_; }

 private:
  template <class Work>
  bool powered(Work&& work);
  void start_coins();
  void lose_power();
  void compare_with_fold();

  Prng& prng_;
  SimClock& clock_;
  NodeView& node_;
  CoinView* coins_;
  Network& network_;
  Auditor& auditor_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<chain::evm::EvmBuilder> builder_;
  std::unique_ptr<chain::evm::EvmFollower> follower_;
  std::unique_ptr<chain::evm::EvmPoolWatch> pool_watch_;
  std::unique_ptr<chain::utxo::UtxoBuilder> coin_builder_;
  std::unique_ptr<chain::utxo::UtxoFollower> coin_follower_;
  std::unique_ptr<chain::utxo::UtxoPoolWatch> coin_watch_;
  std::unique_ptr<engine::Conductor> conductor_;
  std::optional<custody::State> before_;  // At the last crash that came between two commands.
  std::uint64_t crashes_ = 0;
};

}  // namespace holdfast::sim
