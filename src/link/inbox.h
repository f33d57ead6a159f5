// What has come from holdfastd and waits for the signer: freezes first, whatever else is queued. Two threads share it: one
// puts, one takes.
#pragma once

#include "signer.pb.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

namespace holdfast::link {

class Inbox {
 public:
  // A hostile holdfastd may send without end: what does not fit is dropped.
  static constexpr std::size_t kMaxFreezes = 256;
  static constexpr std::size_t kMaxRequests = 4096;

  struct Work {
    std::vector<proto::FreezeOrder> freezes;
    std::vector<proto::SignRequest> requests;  // None while there are freezes: those are answered first.
    bool closed = false;                       // Nothing is left, and nothing more will come.
  };

  void put(proto::ToSigner message);
  // Waits until there is work, the inbox is closed, or the time is over.
  Work take(std::chrono::milliseconds patience, std::size_t max_requests);

  // Requests that still wait are dropped; freezes are not.
  void close();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<proto::FreezeOrder> freezes_;
  std::deque<proto::SignRequest> requests_;
  bool closed_ = false;
};

}  // namespace holdfast::link
