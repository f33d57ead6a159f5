#include "signer/eyes/eyes_thread.h"

#include <algorithm>
#include <chrono>
#include <iterator>

namespace holdfast::signer {
namespace {

constexpr std::size_t kProvedBetweenLooks = 1'000;

}  // namespace

EyesThread::EyesThread(std::string chain, std::unique_ptr<Eyes> eyes, std::int64_t pause_ms, Clock& clock, EyesListener& listener)
    : chain_(std::move(chain)), eyes_(std::move(eyes)), pause_ms_(pause_ms), clock_(clock), listener_(listener),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

EyesThread::~EyesThread() = default;  // The jthread asks to stop, and joins.

bool EyesThread::ask(std::vector<DepositClaim> claims) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() + claims.size() > kMaxWaiting) return false;
    std::ranges::move(claims, std::back_inserter(waiting_));
  }
  wake_.notify_all();
  return true;
}

void EyesThread::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const bool at_once = look();
    prove_some();
    if (at_once) continue;
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, std::chrono::milliseconds(pause_ms_), [&] { return !waiting_.empty(); });
  }
}

bool EyesThread::look() {
  const auto round = eyes_->watcher().look(clock_.now());
  if (!round) {
    listener_.on_fault(chain_, round.error());
    return false;
  }
  listener_.on_round(chain_, *round);
  return !round->caught_up;
}

void EyesThread::prove_some() {
  std::vector<DepositClaim> claims;
  {
    const std::lock_guard lock(mutex_);
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), kProvedBetweenLooks));
    claims.assign(std::move_iterator(waiting_.begin()), std::move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
  }
  if (claims.empty()) return;
  const auto verdicts = eyes_->prover().prove(claims, clock_.now());
  if (verdicts)
    listener_.on_verdicts(chain_, claims, *verdicts);
  else
    listener_.on_fault(chain_, verdicts.error());
}

}  // namespace holdfast::signer
