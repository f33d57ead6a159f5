// Chance out of whole numbers alone: same seed, same draws, on every machine and with every library.
//
// Logarithms are of base 2 in 65,536ths, and straight between the powers of two: off by at most 6 % of a value, and always alike.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace holdfast::traffic {

inline constexpr std::int64_t kOne = 65'536;  // 1, in 65,536ths.

// value * 2^(log / kOne). Preconditions: 0 <= value < 2^45, log under 2 * kOne where the result has to fit; never more than 2^62.
inline std::int64_t times_two_to(std::int64_t value, std::int64_t log) {
  const std::int64_t whole = log >> 16;
  const std::int64_t part = value + (value * (log & 0xffff) >> 16);
  if (whole < 0) return part >> std::min<std::int64_t>(-whole, 62);
  const int room = std::countl_zero(static_cast<std::uint64_t>(part)) - 2;
  return part << std::min<std::int64_t>(whole, room);
}

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : state_(seed) {}

  std::uint64_t bits() {  // SplitMix64.
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }
  std::uint64_t below(std::uint64_t bound) { return (bits() >> 32) * bound >> 32; }  // 0 < bound <= 2^32
  std::int64_t between(std::int64_t low, std::int64_t high) {                        // both included
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  bool one_in(std::uint64_t n) { return below(n) == 0; }

  // Minus the logarithm of an even number out of (0, 1]: of mean 1.44, and falling by half with each whole step.
  std::int64_t waiting() {
    const std::uint64_t even = bits() | 1;
    const int zeros = std::countl_zero(even);
    return (std::int64_t{zeros + 1} << 16) - static_cast<std::int64_t>(even << zeros << 1 >> 48);
  }
  // A time until what comes at random, and every `mean` on average.
  std::int64_t gap(std::int64_t mean) { return waiting() * 45'426 / kOne * mean / kOne; }
  // Pareto: a value is passed by (least / value) to the power of tenths / 10.
  std::int64_t tailed(std::int64_t least, std::int64_t tenths, std::int64_t most) {
    return std::min(times_two_to(least, waiting() * 10 / tenths), most);
  }
  // Near to normal, of mean 0: twelve even numbers added up.
  std::int64_t spread(std::int64_t deviation) {
    std::int64_t sum = -6 * kOne;
    for (int i = 0; i < 12; ++i) sum += static_cast<std::int64_t>(below(kOne));
    return sum * deviation / kOne;
  }
  // 0 with the weight 1, 1 with 1/2, 2 with 1/3, …
  std::size_t zipf(std::size_t count) {
    std::uint64_t all = 0;
    for (std::size_t i = 1; i <= count; ++i) all += 720'720 / i;
    std::uint64_t at = below(all);
    std::size_t place = 0;
    while (place + 1 < count && at >= 720'720 / (place + 1)) at -= 720'720 / ++place;
    return place;
  }

 private:
  std::uint64_t state_;
};

}  // namespace holdfast::traffic
