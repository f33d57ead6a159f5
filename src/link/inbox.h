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
  static constexpr std::size_t kMaxKeeps = 64;
  static constexpr std::size_t kMaxNotes = 256;   // Heads and cosigned heads, of each.
  static constexpr std::size_t kMaxJournalBytes = std::size_t{32} << 20;  // Of the journal that waits: a feed keeps far below it.
  // Taken at once, beside the first: a signature of a transaction of coins takes its time for each input.
  static constexpr std::size_t kMaxBytesTaken = std::size_t{256} << 10;
  static constexpr std::size_t kMaxBytes = std::size_t{64} << 20;  // Of requests and evacuations that wait.

  struct Work {
    std::vector<proto::FreezeOrder> freezes;
    // None of these while there are freezes: those are answered first.
    std::vector<proto::JournalHead> heads;     // Of holdfastd's: in their order, but not in that of the parts beside them.
    std::vector<proto::JournalPart> journal;   // Before the requests, which rest on it.
    std::vector<proto::CosignedHead> cosigned;
    std::vector<proto::SignRequest> requests;
    std::vector<proto::KeepEvacuations> keeps;
    bool closed = false;                       // Nothing is left, and nothing more will come.
  };

  void put(proto::ToSigner message);
  // Waits until there is work, the inbox is closed, or the time is over.
  Work take(std::chrono::milliseconds patience, std::size_t max_requests);

  // Requests that still wait are dropped; freezes are not.
  void close();

 private:
  void put_journal(proto::ToSigner& message);
  bool is_empty() const;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<proto::FreezeOrder> freezes_;
  std::deque<proto::SignRequest> requests_;
  std::vector<proto::KeepEvacuations> keeps_;
  std::vector<proto::JournalPart> journal_;
  std::vector<proto::JournalHead> heads_;
  std::vector<proto::CosignedHead> cosigned_;
  std::size_t bytes_ = 0;  // Of requests_ and keeps_.
  std::size_t journal_bytes_ = 0;
  bool closed_ = false;
};

}  // namespace holdfast::link
