#include "signer/eyes/block_cursor.h"

#include "base/check.h"

#include <algorithm>

namespace holdfast::signer {

void BlockCursor::advance(const BlockMark& mark) {
  HF_CHECK(seen_.empty() || mark.height == seen_.back().height + 1);
  seen_.push_back(mark);
  if (seen_.size() > kRemembered) seen_.pop_front();
}

Result<std::uint32_t> BlockCursor::rejoin(const BlockMark& head, const MarkAt& mark_at) {
  for (const BlockMark& mark : seen_) {
    if (mark == head && mark != seen_.back()) return fault("node_behind", "it has lost blocks that it had");
  }
  std::uint32_t undone = 0;
  for (auto mark = seen_.rbegin(); mark != seen_.rend(); ++mark, ++undone) {
    if (mark->height > head.height) continue;
    const auto there = mark_at(mark->height);
    if (!there) return Failure(there.error());
    if (*there && **there == *mark) {
      seen_.resize(seen_.size() - undone);
      return undone;
    }
  }
  const std::uint64_t lowest = std::min(seen_.front().height, head.height);
  const auto base = mark_at(lowest - std::min(lowest, kRewind));
  if (!base) return Failure(base.error());
  if (!*base) return fault("chain_moved", "the best chain changed meanwhile");
  seen_.assign(1, **base);
  return undone;
}

}  // namespace holdfast::signer
