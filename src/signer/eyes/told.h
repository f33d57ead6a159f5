// Which sightings were told already, so that one is not told at every look. Bounded: what is forgotten is told once more.
#pragma once

#include "signer/eyes/eyes.h"

#include <deque>
#include <unordered_set>

namespace holdfast::signer {

class Told {
 public:
  static constexpr std::size_t kMost = 20'000;

  // True the first time. What waited and is mined now is told again.
  bool is_new(const Sighting& sighting);

 private:
  std::unordered_set<Hash32, FixedBytesHash<32>> known_;
  std::deque<Hash32> order_;
};

}  // namespace holdfast::signer
