// Money: a whole number of base units (wei, satoshi, the token's smallest unit), never negative.
//
// The bound is 2^127 - 1. It leaves a sign bit, so that a balance (which may be a debit or a credit)
// fits in the same 128 bits. Nothing here rounds: what cannot be written exactly is refused.
#pragma once

#include "base/bytes.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

__extension__ using Int128 = __int128;
__extension__ using Uint128 = unsigned __int128;

inline constexpr Int128 kInt128Max = static_cast<Int128>(~static_cast<Uint128>(0) >> 1);

class Amount {
 public:
  constexpr Amount() = default;
  // Precondition: units >= 0.
  static Amount of(Int128 units);
  static constexpr Amount zero() { return {}; }
  static Amount max() { return of(kInt128Max); }

  Int128 units() const { return units_; }
  bool is_zero() const { return units_ == 0; }

  // Exact, or nothing when the result is out of bounds. For deciding.
  static std::optional<Amount> sum(Amount a, Amount b);
  static std::optional<Amount> difference(Amount a, Amount b);

  // Exact; a result out of bounds is a bug and ends the process. For applying what was decided.
  friend Amount operator+(Amount a, Amount b);
  friend Amount operator-(Amount a, Amount b);
  Amount& operator+=(Amount other) { return *this = *this + other; }
  Amount& operator-=(Amount other) { return *this = *this - other; }
  friend auto operator<=>(const Amount&, const Amount&) = default;

  // Base units as decimal digits: "1000000000000000000".
  std::string to_string() const;
  static std::optional<Amount> from_string(std::string_view digits);

  // In whole coins: 1500000000000000000 with 18 decimals is "1.5". Never uses an exponent.
  std::string to_decimal(unsigned decimals) const;

  // The number as 32 big-endian bytes, as the EVM writes it; and back, or nothing when it is over the bound.
  FixedBytes<32> to_word() const;
  static std::optional<Amount> from_word(const FixedBytes<32>& word);

 private:
  Int128 units_ = 0;
};

// Why a decimal text is not an amount: each is a refusal of its own on the API.
enum class AmountError : std::uint8_t { malformed, too_precise, too_large };

struct ParsedAmount {
  std::optional<Amount> amount;
  AmountError error = AmountError::malformed;  // Meaningful only without an amount.
};

// Reads "12.34" of an asset with so many decimals. Signs, exponents, blanks and separators are malformed.
ParsedAmount parse_decimal(std::string_view text, unsigned decimals);

std::string to_string(Int128 value);

}  // namespace holdfast
