// A point in time, in milliseconds since 1970-01-01 UTC, and the port it is read from.
#pragma once

#include <compare>
#include <cstdint>

namespace holdfast {

struct Instant {
  std::int64_t unix_ms = 0;
  friend auto operator<=>(const Instant&, const Instant&) = default;
  friend Instant operator+(Instant at, std::int64_t ms) { return {at.unix_ms + ms}; }
  friend std::int64_t operator-(Instant a, Instant b) { return a.unix_ms - b.unix_ms; }
};

inline constexpr std::int64_t kMsPerSecond = 1000;
inline constexpr std::int64_t kMsPerDay = 24 * 60 * 60 * kMsPerSecond;

// The only door to the time of day. Pure code gets an Instant as an argument instead.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() = 0;
};

}  // namespace holdfast
