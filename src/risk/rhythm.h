// What is usual for a key at this hour of the week: what a window of the same length held a week ago, two weeks ago, … up to
// four, and of these the median (of an even number the lower one of the two in the middle).
//
// Time is cut into whole hours of UTC; what an hour held is taken as spread evenly over it, so a window of "15m" tells a
// quarter of the hour, and one that begins in an hour tells its part. All in whole numbers, rounded down once at the end.
//
// A week is known when the key's first fact is older than the first hour that the window touches in it. Of four known weeks
// three have to be raised before what is usual is: a burst in one week, or in each of two, changes nothing. So more than was
// usual is usual after three weeks, less after two, and all is forgotten after four.
//
// Memory: 20 kB for a key: so only for kinds of few keys. Adding costs a step, and one for each hour that went by; asking costs
// four times two steps, whatever the length.
#pragma once

#include "base/amount.h"
#include "base/instant.h"

#include <cstdint>
#include <vector>

namespace holdfast::risk {

inline constexpr std::int64_t kMsPerHour = 60 * 60 * kMsPerSecond;
inline constexpr std::int64_t kMsPerWeek = 7 * kMsPerDay;
inline constexpr std::int64_t kRhythmWeeks = 4;
inline constexpr std::int64_t kMaxRhythmMs = kMsPerDay;  // The longest window that has one.

struct Usual {
  std::uint64_t count = 0;
  std::uint64_t weeks = 0;  // That are known, up to kRhythmWeeks. Of none: all is 0.
  Int128 sum = 0;
  friend bool operator==(const Usual&, const Usual&) = default;
};

class Rhythm {
 public:
  // Precondition: not before the last one.
  void add(Instant at, std::int64_t value);
  // Preconditions: not before the last fact; 0 < length_ms <= kMaxRhythmMs.
  Usual usual(Instant now, std::int64_t length_ms) const;
  std::size_t bytes() const { return sums_.capacity() * sizeof(sums_[0]) + counts_.capacity() * sizeof(counts_[0]); }

 private:
  // Four weeks back from now, and the longest window before these.
  static constexpr std::int64_t kHours = (kRhythmWeeks + 1) * 7 * 24;

  static std::size_t place(std::int64_t hour);

  // What all facts before an instant came to, times the milliseconds of an hour. Differences of these are right although they wrap.
  struct Total {
    std::uint64_t count = 0;
    Uint128 sum = 0;
  };
  Total up_to_end_of(std::int64_t hour) const;
  Total before(Instant at) const;

  // Up to the end of each of the last kHours hours until newest_, by the hour's place.
  std::vector<std::uint64_t> counts_;
  std::vector<Uint128> sums_;
  std::int64_t first_ = 0;  // Hours since 1970. Of meaning when there are facts.
  std::int64_t newest_ = 0;
};

}  // namespace holdfast::risk
