// A place on a chain that can hold money, in the chain's own raw bytes:
// 20 bytes on an EVM chain, a scriptPubKey (up to 42 bytes) on a UTXO chain. Text forms live in chain/.
#pragma once

#include "base/bytes.h"
#include "base/check.h"

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>

namespace holdfast::custody {

class Address {
 public:
  static constexpr std::size_t kMaxSize = 42;

  Address() = default;  // "none": the contract of a native coin, for one
  explicit Address(ByteView raw) : size_(static_cast<std::uint8_t>(raw.size())) {
    HF_CHECK(raw.size() <= kMaxSize);
    std::copy(raw.begin(), raw.end(), bytes_.begin());
  }
  ByteView view() const { return {bytes_.data(), size_}; }
  bool empty() const { return size_ == 0; }
  friend auto operator<=>(const Address&, const Address&) = default;

 private:
  std::uint8_t size_ = 0;
  std::array<std::uint8_t, kMaxSize> bytes_{};  // zero behind size_
};

}  // namespace holdfast::custody

template <>
struct std::hash<holdfast::custody::Address> {
  std::size_t operator()(const holdfast::custody::Address& address) const noexcept {
    const auto view = address.view();
    return std::hash<std::string_view>{}(holdfast::as_text(view));
  }
};
