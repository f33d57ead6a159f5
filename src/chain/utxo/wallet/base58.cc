#include "chain/utxo/wallet/base58.h"

#include "chain/utxo/codec/hash.h"

#include <algorithm>
#include <array>

namespace holdfast::chain::utxo {

namespace {

constexpr std::string_view kAlphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr unsigned kBase = 58;
constexpr std::size_t kChecksumBytes = 4;

constexpr std::array<std::int8_t, 256> digit_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}
constexpr auto kDigitValues = digit_values();

// digits = digits * from + next, in base `to`, least significant digit first.
void append_digit(Bytes& digits, unsigned from, unsigned next, unsigned to) {
  unsigned carry = next;
  for (std::uint8_t& digit : digits) {
    carry += digit * from;
    digit = static_cast<std::uint8_t>(carry % to);
    carry /= to;
  }
  for (; carry != 0; carry /= to) digits.push_back(static_cast<std::uint8_t>(carry % to));
}

}  // namespace

std::string base58_encode(ByteView bytes) {
  const auto first = std::ranges::find_if(bytes, [](auto byte) { return byte != 0; });
  Bytes digits;
  digits.reserve(bytes.size() * 138 / 100 + 1);  // log(256) / log(58) = 1.366
  for (auto at = first; at != bytes.end(); ++at) append_digit(digits, 256, *at, kBase);
  std::string text(static_cast<std::size_t>(first - bytes.begin()), kAlphabet[0]);
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) text.push_back(kAlphabet[*digit]);
  return text;
}

std::optional<Bytes> base58_decode(std::string_view text) {
  if (text.size() > kMaxBase58Text) return std::nullopt;
  const std::size_t zeroes = std::min(text.find_first_not_of(kAlphabet[0]), text.size());
  Bytes digits;
  digits.reserve(text.size());
  for (const char c : text.substr(zeroes)) {
    const int value = kDigitValues[static_cast<unsigned char>(c)];
    if (value < 0) return std::nullopt;
    append_digit(digits, kBase, static_cast<unsigned>(value), 256);
  }
  Bytes out(zeroes);
  out.insert(out.end(), digits.rbegin(), digits.rend());
  return out;
}

std::string base58check_encode(ByteView payload) {
  Bytes whole = to_bytes(payload);
  const Hash32 hash = sha256d(payload);
  whole.insert(whole.end(), hash.bytes.begin(), hash.bytes.begin() + kChecksumBytes);
  return base58_encode(whole);
}

Result<Bytes> base58check_decode(std::string_view text) {
  auto whole = base58_decode(text);
  if (!whole || whole->size() < kChecksumBytes) return refuse("base58_malformed", "this is no base58check text");
  const std::size_t size = whole->size() - kChecksumBytes;
  const Hash32 hash = sha256d(ByteView(*whole).first(size));
  if (!std::equal(whole->begin() + static_cast<std::ptrdiff_t>(size), whole->end(), hash.bytes.begin())) {
    return refuse("base58_checksum", "the text is mistyped: its checksum is wrong");
  }
  whole->resize(size);
  return std::move(*whole);
}

}  // namespace holdfast::chain::utxo
