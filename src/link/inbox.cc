#include "link/inbox.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace holdfast::link {

void Inbox::put(proto::ToSigner message) {
  {
    const std::lock_guard lock(mutex_);
    put_journal(message);
    if (message.has_freeze() && freezes_.size() < kMaxFreezes) freezes_.push_back(std::move(*message.mutable_freeze()));
    const std::size_t bytes = message.ByteSizeLong();
    const bool fits = bytes <= kMaxBytes - bytes_;
    if (message.has_sign() && fits && requests_.size() < kMaxRequests) {
      requests_.push_back(std::move(*message.mutable_sign()));
      bytes_ += requests_.back().ByteSizeLong();
    }
    if (message.has_keep_evacuations() && fits && keeps_.size() < kMaxKeeps) {
      keeps_.push_back(std::move(*message.mutable_keep_evacuations()));
      bytes_ += keeps_.back().ByteSizeLong();
    }
  }
  changed_.notify_one();
}

void Inbox::put_journal(proto::ToSigner& message) {
  if (message.has_head() && heads_.size() < kMaxNotes) heads_.push_back(std::move(*message.mutable_head()));
  if (message.has_cosigned() && cosigned_.size() < kMaxNotes) cosigned_.push_back(std::move(*message.mutable_cosigned()));
  if (!message.has_journal()) return;
  const std::size_t bytes = message.journal().ByteSizeLong();
  if (bytes > kMaxJournalBytes - journal_bytes_) return;  // What comes behind it shows as a gap.
  journal_bytes_ += bytes;
  journal_.push_back(std::move(*message.mutable_journal()));
}

bool Inbox::is_empty() const {
  return freezes_.empty() && requests_.empty() && keeps_.empty() && journal_.empty() && heads_.empty() && cosigned_.empty();
}

Inbox::Work Inbox::take(std::chrono::milliseconds patience, std::size_t max_requests) {
  Work out;
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, patience, [&] { return !is_empty() || closed_; });
  if (!freezes_.empty()) {
    out.freezes.assign(std::make_move_iterator(freezes_.begin()), std::make_move_iterator(freezes_.end()));
    freezes_.clear();
    return out;
  }
  out.journal.swap(journal_);
  journal_bytes_ = 0;
  out.heads.swap(heads_);
  out.cosigned.swap(cosigned_);
  for (std::size_t taken = 0; !requests_.empty() && out.requests.size() < max_requests;) {
    const std::size_t bytes = requests_.front().ByteSizeLong();
    if (!out.requests.empty() && taken + bytes > kMaxBytesTaken) break;
    taken += bytes;
    bytes_ -= bytes;
    out.requests.push_back(std::move(requests_.front()));
    requests_.pop_front();
  }
  out.keeps.swap(keeps_);
  for (const auto& keep : out.keeps) bytes_ -= keep.ByteSizeLong();
  out.closed = closed_ && out.requests.empty() && out.keeps.empty() && out.journal.empty();
  return out;
}

void Inbox::close() {
  {
    const std::lock_guard lock(mutex_);
    requests_.clear();
    keeps_.clear();
    bytes_ = 0;
    closed_ = true;
  }
  changed_.notify_one();
}

}  // namespace holdfast::link
