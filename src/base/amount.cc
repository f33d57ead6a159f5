#include "base/amount.h"

#include "base/check.h"

#include <algorithm>

namespace holdfast {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// value * 10 + digit, or false when it would pass the bound.
bool push_digit(Int128& value, char digit) {
  const Int128 add = digit - '0';
  if (value > (kInt128Max - add) / 10) return false;
  value = value * 10 + add;
  return true;
}

}  // namespace

Amount Amount::of(Int128 units) {
  HF_CHECK(units >= 0);
  Amount out;
  out.units_ = units;
  return out;
}

std::optional<Amount> Amount::sum(Amount a, Amount b) {
  if (a.units_ > kInt128Max - b.units_) return std::nullopt;
  return of(a.units_ + b.units_);
}

std::optional<Amount> Amount::difference(Amount a, Amount b) {
  if (a.units_ < b.units_) return std::nullopt;
  return of(a.units_ - b.units_);
}

Amount operator+(Amount a, Amount b) {
  const auto out = Amount::sum(a, b);
  HF_CHECK(out.has_value());
  return *out;
}

Amount operator-(Amount a, Amount b) {
  const auto out = Amount::difference(a, b);
  HF_CHECK(out.has_value());
  return *out;
}

std::string to_string(Int128 value) {
  if (value == 0) return "0";
  const bool negative = value < 0;
  Uint128 rest = negative ? static_cast<Uint128>(-(value + 1)) + 1 : static_cast<Uint128>(value);
  std::string out;
  for (; rest != 0; rest /= 10) out.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
  if (negative) out.push_back('-');
  std::reverse(out.begin(), out.end());
  return out;
}

std::string Amount::to_string() const { return holdfast::to_string(units_); }

std::optional<Amount> Amount::from_string(std::string_view digits) {
  const ParsedAmount parsed = parse_decimal(digits, 0);
  return parsed.amount;
}

std::string Amount::to_decimal(unsigned decimals) const {
  std::string digits = to_string();
  if (decimals == 0) return digits;
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  digits.insert(digits.size() - decimals, 1, '.');
  while (digits.back() == '0') digits.pop_back();
  if (digits.back() == '.') digits.pop_back();
  return digits;
}

FixedBytes<32> Amount::to_word() const {
  FixedBytes<32> word;
  Uint128 rest = static_cast<Uint128>(units_);
  for (std::size_t i = 32; i-- > 16; rest >>= 8) word.bytes[i] = static_cast<std::uint8_t>(rest & 0xff);
  return word;
}

std::optional<Amount> Amount::from_word(const FixedBytes<32>& word) {
  Uint128 value = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    if (i < 16 && word.bytes[i] != 0) return std::nullopt;
    if (i >= 16) value = value << 8 | word.bytes[i];
  }
  if (value > static_cast<Uint128>(kInt128Max)) return std::nullopt;
  return of(static_cast<Int128>(value));
}

ParsedAmount parse_decimal(std::string_view text, unsigned decimals) {
  constexpr std::size_t kLongestText = 256;
  if (text.empty() || text.size() > kLongestText || !is_digit(text.front()) || !is_digit(text.back())) return {};
  Int128 value = 0;
  bool overflow = false;
  bool fraction = false;
  unsigned fraction_digits = 0;
  bool too_precise = false;
  for (const char c : text) {
    if (c == '.' && !fraction && decimals > 0) {
      fraction = true;
      continue;
    }
    if (!is_digit(c)) return {};
    if (fraction && fraction_digits == decimals) {
      too_precise |= c != '0';
      continue;
    }
    fraction_digits += fraction ? 1 : 0;
    overflow = overflow || !push_digit(value, c);
  }
  if (too_precise) return {std::nullopt, AmountError::too_precise};
  for (; fraction_digits < decimals && !overflow; ++fraction_digits) overflow = !push_digit(value, '0');
  if (overflow) return {std::nullopt, AmountError::too_large};
  return {Amount::of(value), AmountError::malformed};
}

}  // namespace holdfast
