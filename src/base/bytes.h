// Byte strings: owned (Bytes), borrowed (ByteView) and of a fixed size (FixedBytes<N>).
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes to_bytes(ByteView view) { return {view.begin(), view.end()}; }

// N bytes, compared as a big-endian number would be. Not for secrets: see secret.h.
template <std::size_t N>
struct FixedBytes {
  static constexpr std::size_t kSize = N;
  std::array<std::uint8_t, N> bytes{};

  // Precondition: view.size() == N; anything else is a bug of the caller.
  static FixedBytes from(ByteView view) {
    FixedBytes out;
    std::copy_n(view.begin(), std::min(N, view.size()), out.bytes.begin());
    return out;
  }
  ByteView view() const { return bytes; }
  bool is_zero() const {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
  }
  friend auto operator<=>(const FixedBytes&, const FixedBytes&) = default;
};

using Hash32 = FixedBytes<32>;  // A block hash, a transaction hash, a digest.

// Hash for containers of already uniformly spread keys (digests, ids made by hashing).
template <std::size_t N>
struct FixedBytesHash {
  std::size_t operator()(const FixedBytes<N>& value) const {
    static_assert(N >= sizeof(std::size_t));
    std::size_t out = 0;
    std::memcpy(&out, value.bytes.data() + (N - sizeof out), sizeof out);
    return out;
  }
};

}  // namespace holdfast
