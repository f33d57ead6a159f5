#include "api/feed/feed.h"

#include "base/check.h"
#include "engine/record.h"

#include <algorithm>
#include <chrono>

namespace holdfast::api {
namespace {

constexpr std::string_view kEnough = "enough";  // Ends a reading early; never seen outside.

bool is_registration(const custody::EventBody& body) {
  return std::holds_alternative<custody::ChainRegistered>(body) ||
         std::holds_alternative<custody::AssetRegistered>(body) ||
         std::holds_alternative<custody::SignerRegistered>(body) ||
         std::holds_alternative<custody::WalletRegistered>(body);
}

}  // namespace

EventFeed::EventFeed(journal::Storage& storage, std::uint64_t size, std::size_t ring)
    : storage_(storage), ring_size_(ring), size_(size) {}

void EventFeed::publish(const engine::Commit& commit) {
  {
    const std::lock_guard lock(mutex_);
    HF_CHECK(commit.first_index == size_);
    std::uint64_t registered = 0;
    for (const custody::Event& event : commit.events) {
      ring_.push_back(event);
      if (is_registration(event.body)) ++registered;
    }
    while (ring_.size() > ring_size_) ring_.pop_front();
    registrations_ += registered;
    size_ += commit.events.size();
  }
  grown_.notify_all();
}

Result<std::vector<FeedEntry>> EventFeed::read(std::uint64_t from, std::size_t limit) {
  limit = std::min(limit, kMaxPage);
  std::vector<FeedEntry> out;
  if (read_ring(from, limit, out)) return out;
  return read_journal(from, limit);
}

bool EventFeed::read_ring(std::uint64_t from, std::size_t limit, std::vector<FeedEntry>& out) {
  const std::lock_guard lock(mutex_);
  if (from >= size_) return true;
  const std::uint64_t oldest = size_ - ring_.size();
  if (from < oldest) return false;
  const auto last = std::min<std::uint64_t>(size_, from + limit);
  for (std::uint64_t index = from; index < last; ++index) out.push_back({index, ring_[index - oldest]});
  return true;
}

// A storage reads from the first block that begins at or behind an index. Which block holds `index` is found by looking
// ever further back.
Result<std::uint64_t> EventFeed::block_start(std::uint64_t index) {
  for (std::uint64_t back = 0;; back = back == 0 ? 1 : back * 2) {
    const std::uint64_t from = back > index ? 0 : index - back;
    std::uint64_t begin = UINT64_MAX;
    const auto visited = storage_.read(from, [&](const journal::StoredBlock& stored) -> Result<void> {
      begin = stored.block.first_index;
      return fault(kEnough);
    });
    if (!visited && visited.error().code != kEnough) return std::unexpected(visited.error());
    if (begin <= index) return from;
    if (from == 0) return corruption("journal_damaged", "the journal's first block is missing");
  }
}

Result<std::vector<FeedEntry>> EventFeed::read_journal(std::uint64_t from, std::size_t limit) {
  const std::lock_guard lock(storage_mutex_);
  const auto start = block_start(from);
  if (!start) return std::unexpected(start.error());
  const std::uint64_t size = size_;
  std::vector<FeedEntry> out;
  const auto visited = storage_.read(*start, [&](const journal::StoredBlock& stored) -> Result<void> {
    std::uint64_t index = stored.block.first_index;
    if (stored.torn || index >= size) return fault(kEnough);
    journal::RecordReader records(stored.block.records);
    for (auto record = records.next(); record; record = records.next(), ++index) {
      if (index < from) continue;
      auto event = engine::decode(*record);
      if (!event) return std::unexpected(event.error());
      out.push_back({index, std::move(*event)});
      if (out.size() == limit) return fault(kEnough);
    }
    return {};
  });
  if (!visited && visited.error().code != kEnough) return std::unexpected(visited.error());
  return out;
}

bool EventFeed::wait(std::uint64_t from, std::int64_t timeout_ms) {
  std::unique_lock lock(mutex_);
  grown_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] { return closed_ || size_ > from; });
  return !closed_ && size_ > from;
}

void EventFeed::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  grown_.notify_all();
}

}  // namespace holdfast::api
