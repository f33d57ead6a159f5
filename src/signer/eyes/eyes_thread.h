// Keeps the eyes of one chain open on a thread of their own: looks again and again, and proves what it is asked in between.
#pragma once

#include "base/instant.h"
#include "signer/eyes/open_eyes.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace holdfast::signer {

// Called on the thread of the eyes, one call after the other. May take its time: nothing but the next look waits for it.
class EyesListener {
 public:
  virtual ~EyesListener() = default;
  virtual void on_round(const std::string& chain, const Round& round) = 0;
  // A look that failed: there is no heartbeat from here.
  virtual void on_fault(const std::string& chain, const Error& error) = 0;
  virtual void on_verdicts(const std::string& chain, const std::vector<DepositClaim>& claims, const std::vector<Verdict>& verdicts) = 0;
};

class EyesThread {
 public:
  static constexpr std::size_t kMaxWaiting = 10 * kMaxClaims;

  // Starts at once. `clock` and `listener` have to outlive it. `pause_ms`: between two looks that caught up or failed.
  EyesThread(std::string chain, std::unique_ptr<Eyes> eyes, std::int64_t pause_ms, Clock& clock, EyesListener& listener);
  ~EyesThread();  // Waits for a call of the node that is under way.
  EyesThread(const EyesThread&) = delete;
  EyesThread& operator=(const EyesThread&) = delete;

  // From any thread; never waits for the node. False, and nothing is asked, while too many wait already: ask again later.
  bool ask(std::vector<DepositClaim> claims);

 private:
  void run(const std::stop_token& stop);
  bool look();  // Whether to look again at once.
  void prove_some();

  std::string chain_;
  std::unique_ptr<Eyes> eyes_;
  std::int64_t pause_ms_;
  Clock& clock_;
  EyesListener& listener_;
  std::mutex mutex_;  // Guards waiting_.
  std::condition_variable_any wake_;
  std::deque<DepositClaim> waiting_;
  std::jthread thread_;  // The last: it uses all of the others.
};

}  // namespace holdfast::signer
