#include "apps/daemon/loops.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>

namespace holdfast::daemon {
namespace {

constexpr std::int64_t kConductPauseMs = 20;
constexpr std::int64_t kFaultPauseMs = 500;
constexpr std::size_t kBlocksAtOnce = 32;

// Says a fault once, and once more when it is over.
class FaultLog {
 public:
  explicit FaultLog(std::string subject) : subject_(std::move(subject)) {}
  void fault(const Error& error) {
    if (error.code != last_) spdlog::warn("{}: {} ({}); trying again", subject_, error.text, error.code);
    last_ = error.code;
  }
  void fine() {
    if (!last_.empty()) spdlog::info("{}: works again", subject_);
    last_ = {};
  }

 private:
  std::string subject_;
  std::string_view last_;
};

// Submits, and when that put a freeze in force, orders the signers to freeze before anything else is done.
bool submit_and_freeze(const Loops& loops, const std::vector<custody::Command>& commands, const std::string& subject) {
  if (commands.empty()) return false;
  std::size_t freezes_before = 0;
  loops.view.read([&](const custody::State& state) { freezes_before = state.freezes.size(); });
  const auto outcomes = loops.submitter.submit(commands);
  loops.view.read([&](const custody::State& state) {
    if (state.freezes.size() > freezes_before) engine::order_freezes(state, loops.link);
  });
  for (const engine::Outcome& outcome : outcomes) {
    if (outcome.refusal == custody::Refusal::none) continue;
    spdlog::warn("{}: refused: {}", subject, custody::name(outcome.refusal));
    return false;
  }
  loops.wake.signal();
  return true;
}

}  // namespace

void pause(std::stop_token stop, std::int64_t ms) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, std::chrono::milliseconds(ms), [] { return false; });
}

void Wake::signal() {
  {
    const std::lock_guard lock(mutex_);
    signalled_ = true;
  }
  changed_.notify_one();
}

void Wake::wait(std::stop_token stop, std::int64_t timeout_ms) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, stop, std::chrono::milliseconds(timeout_ms), [&] { return signalled_; });
  signalled_ = false;
}

void follow_chain(std::stop_token stop, const Loops& loops, ChainParts& chain) {
  FaultLog log("following " + chain.caip2);
  while (!stop.stop_requested()) {
    const auto commands = chain.follower->follow(kBlocksAtOnce);
    if (!commands) {
      log.fault(commands.error());
      pause(stop, kFaultPauseMs);
      continue;
    }
    log.fine();
    if (!submit_and_freeze(loops, *commands, "following " + chain.caip2)) pause(stop, chain.follow_pause_ms);
  }
}

void watch_pool(std::stop_token stop, const Loops& loops, ChainParts& chain) {
  FaultLog log("watching the mempool of " + chain.caip2);
  while (!stop.stop_requested()) {
    const auto commands = chain.watch->watch();
    if (!commands) {
      log.fault(commands.error());
      pause(stop, kFaultPauseMs);
      continue;
    }
    log.fine();
    if (!submit_and_freeze(loops, *commands, "watching " + chain.caip2)) chain.wait_for_pool();
  }
}

void conduct(std::stop_token stop, const Loops& loops, engine::Conductor& conductor) {
  while (!stop.stop_requested()) {
    if (!conductor.step()) loops.wake.wait(stop, kConductPauseMs);
  }
}

}  // namespace holdfast::daemon
