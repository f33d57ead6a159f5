// How many bytes may be remembered: a store that empties as they are, and fills again with time. Pure.
#pragma once

#include "base/instant.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace holdfast::signer {

class ByteBudget {
 public:
  static constexpr std::int64_t kMost = std::int64_t{32} << 20;
  static constexpr std::int64_t kPerSecond = 4'096;  // Some 350 MB a day.

  // Time that steps back fills nothing.
  std::int64_t left(Instant now) const {
    const std::int64_t seconds = std::clamp<std::int64_t>((now - since_) / kMsPerSecond, 0, kMost / kPerSecond);
    return std::min(kMost, left_ + seconds * kPerSecond);
  }
  bool has(std::size_t bytes, Instant now) const { return static_cast<std::int64_t>(bytes) <= left(now); }
  // What a journal holds counts, also where it is more than there was.
  void take(std::size_t bytes, Instant at) {
    const std::int64_t before = left(at);
    // Only whole seconds have been counted: the rest of the present one is still to come.
    if (at > since_) since_ = before == kMost ? at : since_ + (at - since_) / kMsPerSecond * kMsPerSecond;
    left_ = std::max<std::int64_t>(0, before - static_cast<std::int64_t>(bytes));
  }

 private:
  std::int64_t left_ = kMost;
  Instant since_;
};

}  // namespace holdfast::signer
