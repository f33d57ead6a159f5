#include "link/inbox.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace holdfast::link {

void Inbox::put(proto::ToSigner message) {
  {
    const std::lock_guard lock(mutex_);
    if (message.has_freeze() && freezes_.size() < kMaxFreezes) freezes_.push_back(std::move(*message.mutable_freeze()));
    if (message.has_sign() && requests_.size() < kMaxRequests) requests_.push_back(std::move(*message.mutable_sign()));
  }
  changed_.notify_one();
}

Inbox::Work Inbox::take(std::chrono::milliseconds patience, std::size_t max_requests) {
  Work out;
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, patience, [&] { return !freezes_.empty() || !requests_.empty() || closed_; });
  if (!freezes_.empty()) {
    out.freezes.assign(std::make_move_iterator(freezes_.begin()), std::make_move_iterator(freezes_.end()));
    freezes_.clear();
    return out;
  }
  const auto count = static_cast<std::ptrdiff_t>(std::min(max_requests, requests_.size()));
  out.requests.assign(std::make_move_iterator(requests_.begin()), std::make_move_iterator(requests_.begin() + count));
  requests_.erase(requests_.begin(), requests_.begin() + count);
  out.closed = closed_ && out.requests.empty();
  return out;
}

void Inbox::close() {
  {
    const std::lock_guard lock(mutex_);
    requests_.clear();
    closed_ = true;
  }
  changed_.notify_one();
}

}  // namespace holdfast::link
