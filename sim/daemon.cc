#include "sim/daemon.h"

#include "sim/coin_installation.h"
#include "sim/installation.h"

namespace holdfast::sim {

using namespace custody;

namespace {

constexpr std::int64_t kCoinBumpMs = 60'000;  // Blocks come quickly here.

}  // namespace

Daemon::Daemon(Prng& prng, SimClock& clock, NodeView& node, CoinView* coins, Network& network, Auditor& auditor)
    : disk(prng, [&auditor](const Disk::Block& block) { auditor.durable(block); }),
      shelf(prng),
      prng_(prng),
      clock_(clock),
      node_(node),
      coins_(coins),
      network_(network),
      auditor_(auditor) {}

template <class Work>
bool Daemon::powered(Work&& work) {
  if (!up()) return false;
  try {
    work();
    return true;
  } catch (const PowerCut&) {
    lose_power();
    return false;
  }
}

void Daemon::lose_power() {
  ++crashes_;
  conductor_.reset();
  coin_watch_.reset();
  coin_follower_.reset();
  coin_builder_.reset();
  pool_watch_.reset();
  follower_.reset();
  builder_.reset();
  engine_.reset();
  disk.lose_power();
}

void Daemon::crash() {
  if (!up()) return;
  engine_->read([&](const State& state) { before_ = state; });
  lose_power();
}

void Daemon::start() {
  if (up()) return;
  auto opened = engine::Engine::open(disk, log_key(), clock_, prng_.one_in(4) ? nullptr : &shelf);
  if (!opened) throw LawBroken{"4 survival", "the engine does not start again: " + opened.error().text};
  engine_ = std::move(*opened);
  auditor_.reopened(engine_->head().size);
  compare_with_fold();
  builder_ = std::make_unique<chain::evm::EvmBuilder>(kChainNumber, node_);
  follower_ = std::make_unique<chain::evm::EvmFollower>(kChain, kChainNumber, node_, *engine_);
  pool_watch_ = std::make_unique<chain::evm::EvmPoolWatch>(kChain, kChainNumber, node_, *engine_);
  std::map<ChainId, chain::Builder*> builders{{kChain, builder_.get()}};
  if (coins_ != nullptr) {
    start_coins();
    builders[kCoinChain] = coin_builder_.get();
  }
  engine::ConductorOptions options;
  options.coin_bump_after_ms = kCoinBumpMs;
  conductor_ = std::make_unique<engine::Conductor>(*engine_, *engine_, network_, clock_, std::move(builders), options);
}

void Daemon::start_coins() {
  using namespace chain::utxo;
  coins_->restart();
  coin_builder_ = std::make_unique<UtxoBuilder>(kCoinChain, coin_network(), *coins_, BuilderOptions{});
  coin_follower_ = std::make_unique<UtxoFollower>(kCoinChain, coin_network(), *coins_, *engine_, kCoinGap);
  coin_watch_ = std::make_unique<UtxoPoolWatch>(kCoinChain, coin_network(), *coins_, *engine_);
}

// Whatever it was opened from, the state is the fold of the journal, and what it was before.
void Daemon::compare_with_fold() {
  const auto folded = engine::Engine::open(disk, log_key(), clock_);
  if (!folded) throw LawBroken{"4 survival", "the journal does not replay: " + folded.error().text};
  engine_->read([&](const State& state) {
    check(state);
    (*folded)->read([&](const State& other) {
      if (!(state == other)) throw LawBroken{"4 survival", "the state after a start is not the fold of the journal"};
    });
    if (before_ && !(state == *before_))
      throw LawBroken{"4 survival", "the state after a crash is not what it was before"};
  });
  before_.reset();
}

std::optional<std::vector<engine::Outcome>> Daemon::submit(std::span<const Command> commands) {
  std::optional<std::vector<engine::Outcome>> out;
  powered([&] { out = engine_->submit(commands); });
  return out;
}

bool Daemon::conduct() {
  bool changed = false;
  powered([&] { changed = conductor_->step(); });
  return changed;
}

void Daemon::follow(std::size_t limit) {
  powered([&] {
    if (const auto commands = follower_->follow(limit)) engine_->submit(*commands);
  });
}

void Daemon::watch() {
  powered([&] {
    if (const auto commands = pool_watch_->watch()) engine_->submit(*commands);
  });
}

void Daemon::follow_coins(std::size_t limit) {
  powered([&] {
    if (const auto commands = coin_follower_->follow(limit)) engine_->submit(*commands);
  });
}

void Daemon::watch_coins() {
  powered([&] {
    if (const auto commands = coin_watch_->watch()) engine_->submit(*commands);
  });
}

void Daemon::write_snapshot() {
  powered([&] { static_cast<void>(engine_->write_snapshot()); });
}

Bytes Daemon::snapshot() const {
  Bytes out;
  engine_->read([&](const State& state) { out = engine::encode_snapshot(state, {}); });
  return out;
}

}  // namespace holdfast::sim
