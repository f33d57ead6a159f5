#include "chain/utxo/node/json_numbers.h"

#include <charconv>

namespace holdfast::chain::utxo {

namespace {

constexpr char kMark = '#';
constexpr std::size_t kMaxNumberLength = 40;  // Longer than any amount; bounds the arithmetic below.
constexpr int kDecimals = 8;
constexpr int kMaxExponent = 40;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool begins_number(char c) { return is_digit(c) || c == '-'; }
bool continues_number(char c) { return is_digit(c) || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-'; }

// Where the text that begins at `at` (a quotation mark) ends: behind its closing mark.
std::size_t end_of_text(std::string_view json, std::size_t at) {
  for (++at; at < json.size(); ++at) {
    if (json[at] == '\\') {
      ++at;
    } else if (json[at] == '"') {
      return at + 1;
    }
  }
  return json.size();
}

std::string_view without_mark(std::string_view marked) {
  if (marked.size() < 2 || marked.size() > kMaxNumberLength || marked[0] != kMark) return {};
  return marked.substr(1);
}

template <class Number>
std::optional<Number> whole(std::string_view digits) {
  Number out = 0;
  const char* const last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), last, out);
  if (digits.empty() || error != std::errc{} || end != last) return std::nullopt;
  return out;
}

// A number's parts by the grammar of JSON.
struct Decimal {
  bool negative = false;
  std::string digits;  // Of whole part and fraction together.
  int exponent = 0;    // The number is digits * 10^exponent.
};

std::size_t digits_at(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  return count;
}

std::optional<int> exponent_of(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  const auto out = whole<int>(text);
  if (!out || *out > kMaxExponent || *out < -kMaxExponent) return std::nullopt;
  return out;
}

std::optional<Decimal> decimal_of(std::string_view text) {
  Decimal out;
  if (text.starts_with('-')) {
    out.negative = true;
    text.remove_prefix(1);
  }
  std::size_t count = digits_at(text);
  if (count == 0 || (count > 1 && text[0] == '0')) return std::nullopt;
  out.digits = text.substr(0, count);
  text.remove_prefix(count);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    count = digits_at(text);
    if (count == 0) return std::nullopt;
    out.digits += text.substr(0, count);
    out.exponent = -static_cast<int>(count);
    text.remove_prefix(count);
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    const auto exponent = exponent_of(text.substr(1));
    if (!exponent) return std::nullopt;
    out.exponent += *exponent;
    text = {};
  }
  return text.empty() ? std::optional(out) : std::nullopt;
}

// digits * 10^power as a whole number of at most `max`. None when it is none.
std::optional<std::int64_t> scaled(std::string digits, int power, std::int64_t max) {
  for (; power < 0; ++power) {
    if (digits.empty()) return 0;
    if (digits.back() != '0') return std::nullopt;
    digits.pop_back();
  }
  std::int64_t out = 0;
  const auto push = [&](int digit) {
    if (out > (max - digit) / 10) return false;
    out = out * 10 + digit;
    return true;
  };
  for (const char digit : digits) {
    if (!push(digit - '0')) return std::nullopt;
  }
  for (; power > 0 && out != 0; --power) {
    if (!push(0)) return std::nullopt;
  }
  return out;
}

}  // namespace

std::string with_numbers_as_text(std::string_view json) {
  std::string out;
  out.reserve(json.size() + json.size() / 16);
  std::size_t at = 0;
  while (at < json.size()) {
    std::size_t end = at + 1;
    if (json[at] == '"') {
      end = end_of_text(json, at);
      out += json.substr(at, end - at);
    } else if (begins_number(json[at])) {
      while (end < json.size() && continues_number(json[end])) ++end;
      out += '"';
      out += kMark;
      out += json.substr(at, end - at);
      out += '"';
    } else {
      out += json[at];
    }
    at = end;
  }
  return out;
}

std::optional<std::uint64_t> unsigned_of(std::string_view marked) {
  const std::string_view text = without_mark(marked);
  if (text.size() > 1 && text[0] == '0') return std::nullopt;
  return whole<std::uint64_t>(text);
}

std::optional<std::int64_t> signed_of(std::string_view marked) { return whole<std::int64_t>(without_mark(marked)); }

std::optional<std::int64_t> coins_of(std::string_view marked, std::int64_t max) {
  const auto decimal = decimal_of(without_mark(marked));
  if (!decimal) return std::nullopt;
  const auto out = scaled(decimal->digits, decimal->exponent + kDecimals, max);
  if (!out) return std::nullopt;
  return decimal->negative ? -*out : *out;
}

}  // namespace holdfast::chain::utxo
