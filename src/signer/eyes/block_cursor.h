// Walks up the best chain block by block, and back over blocks that were replaced.
#pragma once

#include "signer/eyes/eyes.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

namespace holdfast::signer {

class BlockCursor {
 public:
  static constexpr std::size_t kRemembered = 512;
  // Below the oldest block that is remembered nothing can be compared: when that one is replaced, so many blocks below it are
  // looked at once more.
  static constexpr std::uint64_t kRewind = 128;

  explicit BlockCursor(std::optional<BlockMark> from) {
    if (from) seen_.push_back(*from);
  }

  bool is_empty() const { return seen_.empty(); }
  const BlockMark& newest() const { return seen_.back(); }  // Precondition: !is_empty().
  // Precondition: the next height, or the first at all.
  void advance(const BlockMark& mark);

  // What the node has at a height on its best chain. None: nothing.
  using MarkAt = std::function<Result<std::optional<BlockMark>>(std::uint64_t)>;
  // Steps back over blocks that are not on the best chain any more, and says how many. Precondition: !is_empty().
  // Faults: `node_behind` (its newest block is one that was seen, below the newest seen: nothing was undone), `chain_moved`,
  // those of `mark_at`. After a fault everything is as before.
  Result<std::uint32_t> rejoin(const BlockMark& head, const MarkAt& mark_at);

 private:
  std::deque<BlockMark> seen_;  // Of consecutive heights.
};

}  // namespace holdfast::signer
