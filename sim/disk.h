// A disk that loses power at any write: before it, in the middle of it, or just after it was safe and before anybody knew.
//
// A power cut is an exception that the world catches; it then throws away whatever ran on that disk and opens it again
// from what is here. What runs never sees the exception: it is dead.
#pragma once

#include "engine/snapshot.h"
#include "journal/storage.h"
#include "sim/prng.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::sim {

struct PowerCut {};

struct DiskFaults {
  std::uint64_t cut_one_in = 0;   // Writes; 0: never.
  std::uint64_t full_one_in = 0;  // Writes that are refused and leave no trace.
};

class Disk final : public journal::Storage {
 public:
  struct Block {
    std::uint64_t first_index = 0;
    std::uint64_t count = 0;
    Bytes records;
    Hash32 root;
    std::string checkpoint;
    bool torn = false;
  };
  using Watcher = std::function<void(const Block&)>;  // Told of each block once it is durable, before its writer is.

  Disk(Prng& prng, Watcher watcher) : prng_(prng), watcher_(std::move(watcher)) {}

  DiskFaults faults;

  Result<void> append(const journal::BlockView& block) override;
  Result<void> read(std::uint64_t from_index, const journal::BlockVisitor& visit) override;
  Result<std::string> last_checkpoint() override;

  void lose_power();              // What was not durable is gone: nothing, unless the disk lies.
  std::uint64_t records() const;  // Of the blocks that are not torn.
  const std::vector<Block>& blocks() const { return blocks_; }

 private:
  void store(const journal::BlockView& block, bool torn);

  Prng& prng_;
  Watcher watcher_;
  std::vector<Block> blocks_;
};

// Keeps the newest two snapshots. One of them may be damaged: then it must be passed over.
class SnapshotShelf final : public engine::SnapshotStore {
 public:
  explicit SnapshotShelf(Prng& prng) : prng_(prng) {}

  DiskFaults faults;

  Result<void> put(std::uint64_t size, ByteView bytes) override;
  std::optional<engine::Snapshot> newest() override;
  void damage();  // One bit of the newest.

 private:
  Prng& prng_;
  std::vector<Bytes> kept_;
};

}  // namespace holdfast::sim
