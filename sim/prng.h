// The only source of chance in a simulated life: same seed, same life, on every platform.
#pragma once

#include "base/bytes.h"

#include <cstdint>
#include <random>

namespace holdfast::sim {

// The standard fixes this engine's output. Its distributions are not portable, so none is used.
class Prng {
 public:
  explicit Prng(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }  // bound > 0
  std::int64_t between(std::int64_t low, std::int64_t high) {             // both included
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  bool one_in(std::uint64_t n) { return n != 0 && below(n) == 0; }  // 0: never
  std::size_t index(std::size_t size) { return static_cast<std::size_t>(below(size)); }

  template <std::size_t N>
  FixedBytes<N> bytes() {
    FixedBytes<N> out;
    for (std::uint8_t& byte : out.bytes) byte = static_cast<std::uint8_t>(below(256));
    return out;
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace holdfast::sim
