#include "sim/disk.h"

#include "base/planted.h"

namespace holdfast::sim {

void Disk::store(const journal::BlockView& block, bool torn) {
  if (!blocks_.empty() && blocks_.back().torn) blocks_.pop_back();
  blocks_.push_back(
      {block.first_index, block.count, to_bytes(block.records), block.root, std::string(block.checkpoint), torn});
}

Result<void> Disk::append(const journal::BlockView& block) {
  if (prng_.one_in(faults.full_one_in)) return fault("disk_full", "no space left on the simulated device");
  if (!prng_.one_in(faults.cut_one_in)) {
    store(block, false);
    watcher_(blocks_.back());
    return {};
  }
  switch (prng_.below(3)) {
    case 0:
      break;
    case 1:
      store(block, true);
      break;
    default:
      store(block, false);
      watcher_(blocks_.back());
      break;
  }
  throw PowerCut{};
}

Result<void> Disk::read(std::uint64_t from_index, const journal::BlockVisitor& visit) {
  for (const Block& stored : blocks_) {
    if (stored.first_index < from_index) continue;
    const journal::BlockView view{stored.first_index, stored.count, stored.records, stored.root, stored.checkpoint};
    if (auto seen = visit({view, stored.torn}); !seen) return seen;
  }
  return {};
}

Result<std::string> Disk::last_checkpoint() {
  for (auto block = blocks_.rbegin(); block != blocks_.rend(); ++block) {
    if (!block->torn) return block->checkpoint;
  }
  return std::string();
}

void Disk::lose_power() {
  // The planted disk says "durable" while its last block is still in a cache.
  if (HF_PLANTED(sync_lies) && !blocks_.empty() && !blocks_.back().torn) blocks_.pop_back();
}

std::uint64_t Disk::records() const {
  for (auto block = blocks_.rbegin(); block != blocks_.rend(); ++block) {
    if (!block->torn) return block->first_index + block->count;
  }
  return 0;
}

Result<void> SnapshotShelf::put(std::uint64_t, ByteView bytes) {
  const bool cut = prng_.one_in(faults.cut_one_in);
  if (cut && prng_.one_in(2)) throw PowerCut{};
  if (kept_.size() == 2) kept_.erase(kept_.begin());
  kept_.push_back(to_bytes(bytes));
  if (cut) throw PowerCut{};
  return {};
}

std::optional<engine::Snapshot> SnapshotShelf::newest() {
  for (auto bytes = kept_.rbegin(); bytes != kept_.rend(); ++bytes) {
    if (auto snapshot = engine::decode_snapshot(*bytes)) return std::move(*snapshot);
  }
  return std::nullopt;
}

void SnapshotShelf::damage() {
  if (kept_.empty()) return;
  Bytes& bytes = kept_.back();
  bytes[prng_.index(bytes.size())] ^= static_cast<std::uint8_t>(1u << prng_.below(8));
}

}  // namespace holdfast::sim
