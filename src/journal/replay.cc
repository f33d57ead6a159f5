#include "journal/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <utility>

namespace holdfast::journal {
namespace {

Failure damaged(const BlockView& block, std::string_view what) {
  return corruption("journal_damaged", fmt::format("the journal is damaged in the block at index {} ({} records): {}. "
                                                   "Nothing was written; restore this journal from a copy",
                                                   block.first_index, block.count, what));
}

// Records of consecutive checked blocks on their way to the visitor.
struct Chunk {
  std::uint64_t first_index = 0;
  Bytes records;
};

Result<void> show_records(std::uint64_t first_index, ByteView records, const RecordVisitor& visit) {
  std::uint64_t index = first_index;
  RecordReader reader(records);
  while (const auto record = reader.next()) {
    if (auto seen = visit(index++, *record); !seen) return seen;
  }
  return {};
}

// A short queue of chunks from one thread to another. The chunks keep their memory as they go round.
class ChunkQueue {
 public:
  // For the producer: a chunk to fill, then to commit. None once the consumer has closed the queue.
  Chunk* reserve() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || filled_ < chunks_.size(); });
    return closed_ ? nullptr : &chunks_[next_filled_];
  }
  void commit() {
    const std::lock_guard lock(mutex_);
    next_filled_ = (next_filled_ + 1) % chunks_.size();
    ++filled_;
    changed_.notify_all();
  }
  void finish() {
    const std::lock_guard lock(mutex_);
    finished_ = true;
    changed_.notify_all();
  }

  // For the consumer: the oldest chunk, to be released after use. None after the producer has finished.
  const Chunk* front() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return finished_ || filled_ > 0; });
    return filled_ > 0 ? &chunks_[(next_filled_ + chunks_.size() - filled_) % chunks_.size()] : nullptr;
  }
  void release() {
    const std::lock_guard lock(mutex_);
    --filled_;
    changed_.notify_all();
  }
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::array<Chunk, 4> chunks_;
  std::size_t next_filled_ = 0;
  std::size_t filled_ = 0;
  bool finished_ = false;
  bool closed_ = false;
};

// One replay: what it must arrive at, and how far it has come.
class Replayer {
 public:
  Replayer(Storage& storage, std::span<const VerifierKey> trusted, const ReplayOptions& options)
      : storage_(storage), trusted_(trusted), options_(options) {
    if (options.from) replayed_.tree = *options.from;
  }

  Result<Replayed> run(const RecordVisitor& visit) {
    if (auto read = read_head(); !read) return Failure(read.error());
    if (auto known = compare_with_known_head(); !known) return Failure(known.error());
    auto shown = options_.second_thread ? run_on_two_threads(visit) : run_on_one_thread(visit);
    if (!shown) return Failure(shown.error());
    if (auto arrived = check_arrival(); !arrived) return Failure(arrived.error());
    return std::move(replayed_);
  }

 private:
  // The last checkpoint says what the whole journal must hash to; it is judged before anything else.
  Result<void> read_head() {
    auto checkpoint = storage_.last_checkpoint();
    if (!checkpoint) return Failure(checkpoint.error());
    replayed_.checkpoint = *std::move(checkpoint);
    if (!replayed_.checkpoint.empty()) {
      auto head = open_checkpoint(replayed_.checkpoint, trusted_);
      if (!head) return not_vouched_for(head.error());
      head_ = *std::move(head);
    }
    const std::uint64_t expected_at_least =
        std::max(replayed_.tree.size(), options_.known_head ? options_.known_head->size : 0);
    if (head_.size < expected_at_least) {
      return corruption("journal_behind", fmt::format("the journal ends at {} records, but it is known to have had {}: "
                                                      "its newest blocks are missing", head_.size, expected_at_least));
    }
    return {};
  }

  static Failure not_vouched_for(const Error& error) {
    const bool malformed = error.code == "checkpoint_malformed";
    return corruption(malformed ? "journal_damaged" : "journal_signed_by_another",
                      "the last checkpoint of the journal does not stand: " + error.text);
  }

  Result<void> run_on_one_thread(const RecordVisitor& visit) {
    return storage_.read(replayed_.tree.size(), [&](const StoredBlock& stored) -> Result<void> {
      if (auto checked = check(stored); !checked || stored.torn) return checked;
      return show_records(stored.block.first_index, stored.block.records, visit);
    });
  }

  // The other thread reads and checks; this one shows what was checked.
  Result<void> run_on_two_threads(const RecordVisitor& visit) {
    ChunkQueue queue;
    Result<void> read;
    std::thread reader([&] {
      read = read_into(queue);
      queue.finish();
    });
    Result<void> shown;
    while (const Chunk* chunk = queue.front()) {
      shown = show_records(chunk->first_index, chunk->records, visit);
      if (!shown) break;
      queue.release();
    }
    queue.close();
    reader.join();
    return shown ? read : shown;
  }

  Result<void> read_into(ChunkQueue& queue) {
    // Small blocks travel together: waking the other thread for each would cost more than checking it.
    constexpr std::size_t kChunkBytes = 256 << 10;
    Chunk* chunk = nullptr;
    auto read = storage_.read(replayed_.tree.size(), [&](const StoredBlock& stored) -> Result<void> {
      if (auto checked = check(stored); !checked || stored.torn) return checked;
      if (chunk == nullptr) {
        chunk = queue.reserve();
        if (chunk == nullptr) return fault("replay_ended");  // The visitor's own error is what the caller gets.
        chunk->first_index = stored.block.first_index;
        chunk->records.clear();
      }
      chunk->records.insert(chunk->records.end(), stored.block.records.begin(), stored.block.records.end());
      if (chunk->records.size() >= kChunkBytes) {
        queue.commit();
        chunk = nullptr;
      }
      return {};
    });
    if (chunk != nullptr) queue.commit();
    return read;
  }

  Result<void> check(const StoredBlock& stored) {
    const BlockView& block = stored.block;
    if (replayed_.torn_tail) return damaged(block, "it stands behind a block that was not written to its end");
    if (stored.torn) {
      replayed_.torn_tail = true;
      return {};
    }
    Frontier& tree = replayed_.tree;
    if (block.first_index != tree.size()) {
      return damaged(block, fmt::format("a block at index {} should stand here", tree.size()));
    }
    std::uint64_t count = 0;
    RecordReader reader(block.records);
    for (auto record = reader.next(); record; record = reader.next(), ++count) tree.append(leaf_hash(*record));
    if (reader.malformed()) return damaged(block, fmt::format("record {} is malformed", block.first_index + count));
    if (count != block.count || count == 0) return damaged(block, fmt::format("it holds {} records", count));
    if (tree.root() != block.root) return damaged(block, "its records do not match its hash");
    if (auto vouched = check_checkpoint(block); !vouched) return vouched;
    return compare_with_known_head();
  }

  // The signature of the last checkpoint covers all before it; checking each is for audits.
  Result<void> check_checkpoint(const BlockView& block) {
    const Checkpoint expected{head_.origin, replayed_.tree.size(), block.root};
    if (!block.checkpoint.starts_with(expected.text() + "\n")) {
      return damaged(block, "its checkpoint is for something else");
    }
    last_checkpoint_holds_ = block.checkpoint == replayed_.checkpoint;
    if (options_.every_signature && !last_checkpoint_holds_) {
      if (auto opened = open_checkpoint(block.checkpoint, trusted_); !opened) return damaged(block, opened.error().text);
    }
    return {};
  }

  Result<void> compare_with_known_head() {
    if (!options_.known_head || options_.known_head->size != replayed_.tree.size()) return {};
    known_head_passed_ = true;
    if (options_.known_head->root == replayed_.tree.root()) return {};
    return corruption("journal_forked", fmt::format("at {} records the journal is not the one that was known: somebody "
                                                    "has rewritten it", options_.known_head->size));
  }

  Result<void> check_arrival() const {
    const Frontier& tree = replayed_.tree;
    if (tree.size() != head_.size || tree.root() != (head_.size == 0 ? empty_root() : head_.root)) {
      return corruption("journal_damaged", fmt::format("the journal is damaged at its end: the last checkpoint is for {} "
                                                       "records, but {} were found", head_.size, tree.size()));
    }
    const std::uint64_t start = options_.from ? options_.from->size() : 0;
    if (tree.size() > start && !last_checkpoint_holds_) {
      return corruption("journal_damaged", "the journal is damaged at its end: the last checkpoint reads differently");
    }
    if (options_.known_head && options_.known_head->size > start && !known_head_passed_) {
      return corruption("journal_forked", fmt::format("the journal has no head at {} records, where it is known to have "
                                                      "had one", options_.known_head->size));
    }
    return {};
  }

  Storage& storage_;
  std::span<const VerifierKey> trusted_;
  const ReplayOptions& options_;
  Checkpoint head_;  // What the last checkpoint says; size 0 for an empty journal.
  Replayed replayed_;
  bool last_checkpoint_holds_ = false;
  bool known_head_passed_ = false;
};

}  // namespace

Result<Replayed> replay(Storage& storage, std::span<const VerifierKey> trusted, const RecordVisitor& visit,
                        const ReplayOptions& options) {
  return Replayer(storage, trusted, options).run(visit);
}

}  // namespace holdfast::journal
