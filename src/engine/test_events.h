// Random values for tests: a third visitor of fields.h that fills whatever it is shown with values that may be stored.
#pragma once

#include "engine/fields.h"

#include <array>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace holdfast::engine {

class RandomFields {
 public:
  explicit RandomFields(std::uint64_t seed) : random_(seed) {}

  template <class... Ts>
  void in_order(Ts&... values) {
    (fill(values), ...);
  }

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  template <std::unsigned_integral T>
  void fill(T& out) {
    out = static_cast<T>(random_() >> below(64));
  }
  void fill(bool& out) { out = below(2) == 1; }
  template <class Tag>
  void fill(Id<Tag>& out) {
    fill(out.value);
  }
  void fill(std::int64_t& out) { out = static_cast<std::int64_t>(random_() >> below(64)); }
  void fill(Instant& out) { out.unix_ms = static_cast<std::int64_t>(random_() >> below(64)); }
  template <class Enum>
    requires std::is_enum_v<Enum>
  void fill(Enum& out) {
    const std::uint64_t first = wire::to_varint(kRange<Enum>.first);
    out = static_cast<Enum>(first + below(wire::to_varint(kRange<Enum>.last) - first + 1));
  }
  void fill(Amount& out) {
    const Uint128 wide = static_cast<Uint128>(random_()) << 63 | random_() >> 1;
    out = Amount::of(static_cast<Int128>(wide >> below(128)));
  }
  template <std::size_t N>
  void fill(FixedBytes<N>& out) {
    if (below(8) == 0) return;
    for (auto& byte : out.bytes) byte = static_cast<std::uint8_t>(random_());
  }
  void fill(custody::Address& out) {
    Bytes raw(below(custody::Address::kMaxSize + 1));
    for (auto& byte : raw) byte = static_cast<std::uint8_t>(random_());
    out = custody::Address(raw);
  }
  void fill(std::string& out) {
    for (auto left = below(300); left > 0; --left) out.push_back(static_cast<char>(' ' + below(95)));
  }
  void fill(policy::Demand& out) {
    out.deny = below(4) == 0;
    if (out.deny) return;
    for (auto left = below(3); left > 0; --left) out.review[std::string(1 + below(9), 'r')] = 1 + static_cast<std::uint32_t>(below(9));
    out.step_up = below(2) == 0;
    out.delay_ms = static_cast<std::int64_t>(below(100'000));
  }
  void fill(Bytes& out) {
    for (auto left = below(300); left > 0; --left) out.push_back(static_cast<std::uint8_t>(random_()));
  }
  template <wire::List T>
  void fill(T& list) {
    for (auto left = below(4); left > 0; --left) {
      typename T::value_type thing{};
      fill(thing);
      list.push_back(std::move(thing));
    }
  }
  template <class T>
  void fill(T& message) {
    fields(*this, message);
  }

 private:
  std::mt19937_64 random_;
};

inline constexpr std::size_t kEventKinds = std::variant_size_v<custody::EventBody>;

// An event of the kind that stands at this place of the variant.
inline custody::Event random_event(std::size_t kind, std::uint64_t seed) {
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    custody::Event event;
    RandomFields random(seed);
    random.fill(event.at);
    ((I == kind ? random.fill(event.body.template emplace<I>()) : void()), ...);
    return event;
  }(std::make_index_sequence<kEventKinds>{});
}

}  // namespace holdfast::engine
