// Walks up the best chain block by block, and back over blocks that were replaced. Pure: the caller asks the node.
#pragma once

#include "signer/eyes/eyes.h"

#include <cstdint>
#include <deque>
#include <optional>

namespace holdfast::signer {

class BlockCursor {
 public:
  static constexpr std::size_t kRemembered = 512;
  // A mark whose block is gone has nothing before it to compare: so many blocks before it are looked at once more.
  static constexpr std::uint64_t kRewind = 128;

  explicit BlockCursor(std::optional<BlockMark> from) {
    if (from) seen_.push_back(*from);
  }

  bool is_empty() const { return seen_.empty(); }
  const BlockMark& newest() const { return seen_.back(); }  // Precondition: !is_empty().
  // Precondition: the next height, or the first at all.
  void advance(const BlockMark& mark);
  // The newest block is not on the best chain any more. False when nothing before it is remembered: then the next block to
  // look at is kRewind below it, and the cursor stands before that, with a hash that is not known.
  bool step_back();

  // What is on the best chain below a rewound cursor is taken as it is.
  void settle(const Hash32& hash) { seen_.back().hash = hash, unsure_ = false; }
  bool is_unsure() const { return unsure_; }

 private:
  std::deque<BlockMark> seen_;
  bool unsure_ = false;
};

}  // namespace holdfast::signer
