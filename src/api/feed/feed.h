// The event feed: every record of the journal, in order, without gaps, by cursor. What webhooks and event streams hint
// at.
//
// An event's index is its place in the journal. The newest events are kept in memory; older ones are read from the
// journal through a connection of its own, so that a follower who is far behind never delays the engine.
//
// publish() is called by the engine's committing thread; everything else from any thread.
#pragma once

#include "base/result.h"
#include "custody/events.h"
#include "engine/engine.h"
#include "journal/storage.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

namespace holdfast::api {

struct FeedEntry {
  std::uint64_t index = 0;
  custody::Event event;
};

class EventFeed {
 public:
  static constexpr std::size_t kDefaultRing = 8192;
  static constexpr std::size_t kMaxPage = 1000;

  // `storage` is for reading, this feed's own, and must outlive it. `size` is the journal's size when the engine was
  // opened: publish() goes on from there.
  EventFeed(journal::Storage& storage, std::uint64_t size, std::size_t ring = kDefaultRing);

  // For Engine::listen().
  void publish(const engine::Commit& commit);

  std::uint64_t size() const { return size_.load(); }  // The index of the event that comes next.
  // Grows when a chain, an asset, a signer or a wallet was registered.
  std::uint64_t registrations() const { return registrations_.load(); }

  // The events from index `from` on, at most `limit` and at most kMaxPage. Empty when there are none yet.
  //   the errors of Storage::read; corruption record_unreadable
  Result<std::vector<FeedEntry>> read(std::uint64_t from, std::size_t limit);

  // Waits until size() > from. False after the time is up, or once the feed is closed.
  bool wait(std::uint64_t from, std::int64_t timeout_ms);
  void close();  // Wakes all who wait, for ever.
  bool closed() const { return closed_.load(); }

 private:
  bool read_ring(std::uint64_t from, std::size_t limit, std::vector<FeedEntry>& out);
  Result<std::uint64_t> block_start(std::uint64_t index);
  Result<std::vector<FeedEntry>> read_journal(std::uint64_t from, std::size_t limit);

  journal::Storage& storage_;
  std::mutex storage_mutex_;

  const std::size_t ring_size_;
  std::mutex mutex_;
  std::condition_variable grown_;
  std::deque<custody::Event> ring_;  // The last of them has index size_ - 1.
  std::atomic<std::uint64_t> size_;
  std::atomic<std::uint64_t> registrations_{0};
  std::atomic<bool> closed_{false};
};

}  // namespace holdfast::api
