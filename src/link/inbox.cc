#include "link/inbox.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace holdfast::link {

void Inbox::put(proto::ToSigner message) {
  {
    const std::lock_guard lock(mutex_);
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

Inbox::Work Inbox::take(std::chrono::milliseconds patience, std::size_t max_requests) {
  Work out;
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, patience, [&] { return !freezes_.empty() || !requests_.empty() || !keeps_.empty() || closed_; });
  if (!freezes_.empty()) {
    out.freezes.assign(std::make_move_iterator(freezes_.begin()), std::make_move_iterator(freezes_.end()));
    freezes_.clear();
    return out;
  }
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
  out.closed = closed_ && out.requests.empty() && out.keeps.empty();
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
