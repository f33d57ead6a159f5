// How large a value can be at most. From the bounds of what comes in follows, before anything runs, what an expression can cost.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace holdfast::policy::cel {

inline constexpr std::uint64_t kUnbounded = std::numeric_limits<std::uint64_t>::max();

// A text, list or map that is declared without parts and with a size of 1 or less has no bound: what was not said is unbounded.
struct Bound {
  std::uint64_t size = 1;     // Bytes of text; elements of a list, entries of a map, members of a set.
  std::vector<Bound> parts{};  // Of a list: element. Of a map: key, value.

  static Bound text(std::uint64_t bytes) { return {bytes, {}}; }
  static Bound list(std::uint64_t count) { return {count, {}}; }
  static Bound list(std::uint64_t count, Bound element) { return {count, {std::move(element)}}; }
  static Bound map(std::uint64_t count, Bound key, Bound value) { return {count, {std::move(key), std::move(value)}}; }
};

constexpr std::uint64_t bounded_sum(std::uint64_t a, std::uint64_t b) { return a > kUnbounded - b ? kUnbounded : a + b; }
constexpr std::uint64_t bounded_product(std::uint64_t a, std::uint64_t b) {
  if (a == 0 || b == 0) return 0;
  return a > kUnbounded / b ? kUnbounded : a * b;
}

}  // namespace holdfast::policy::cel
