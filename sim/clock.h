// Time as the world moves it.
#pragma once

#include "base/instant.h"

namespace holdfast::sim {

class SimClock final : public Clock {
 public:
  Instant now() override { return at_; }
  Instant at() const { return at_; }
  void advance(std::int64_t ms) { at_ = at_ + ms; }

 private:
  Instant at_{1'700'000'000'000};
};

}  // namespace holdfast::sim
