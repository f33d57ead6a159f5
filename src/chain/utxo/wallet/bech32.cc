#include "chain/utxo/wallet/bech32.h"

#include "base/check.h"

#include <algorithm>
#include <array>
#include <optional>

namespace holdfast::chain::utxo {

namespace {

constexpr std::string_view kAlphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::size_t kChecksumWords = 6;
constexpr std::uint32_t kBech32Constant = 1;
constexpr std::uint32_t kBech32mConstant = 0x2bc830a3;
constexpr unsigned kMaxVersion = 16;
constexpr std::size_t kMinProgram = 2;
constexpr std::size_t kMaxProgram = 40;

std::uint32_t constant_of(Bech32Form form) { return form == Bech32Form::bech32 ? kBech32Constant : kBech32mConstant; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
char lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

// The remainder of the BCH code over GF(32), word by word.
class Remainder {
 public:
  explicit Remainder(std::string_view hrp) {
    for (const char c : hrp) add(static_cast<unsigned char>(c) >> 5U);
    add(0);
    for (const char c : hrp) add(static_cast<unsigned char>(c) & 31U);
  }
  void add(std::uint32_t word) {
    constexpr std::array<std::uint32_t, 5> kGenerator{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
    const std::uint32_t top = value_ >> 25U;
    value_ = (value_ & 0x1ffffffU) << 5U ^ word;
    for (std::size_t i = 0; i < kGenerator.size(); ++i) {
      if ((top >> i & 1U) != 0) value_ ^= kGenerator[i];
    }
  }
  std::uint32_t value() const { return value_; }

 private:
  std::uint32_t value_ = 1;
};

Bytes words_of_bytes(ByteView bytes) {
  Bytes words;
  unsigned held = 0, bits = 0;
  for (const std::uint8_t byte : bytes) {
    held = (held << 8U | byte) & 0xfffU;
    for (bits += 8; bits >= 5; bits -= 5) words.push_back(static_cast<std::uint8_t>(held >> (bits - 5) & 31U));
  }
  if (bits > 0) words.push_back(static_cast<std::uint8_t>(held << (5 - bits) & 31U));
  return words;
}

// Nothing when the padding has 5 bits or more, or is not zero.
std::optional<Bytes> bytes_of_words(ByteView words) {
  Bytes bytes;
  unsigned held = 0, bits = 0;
  for (const std::uint8_t word : words) {
    held = (held << 5U | word) & 0xfffU;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<std::uint8_t>(held >> bits & 0xffU));
    }
  }
  if (bits >= 5 || (held & ((1U << bits) - 1)) != 0) return std::nullopt;
  return bytes;
}

Failure malformed(const char* why) { return refuse("bech32_malformed", why); }

}  // namespace

Result<Bech32> bech32_decode(std::string_view text) {
  if (text.size() > kMaxBech32Text) return malformed("longer than 90 characters");
  if (std::ranges::any_of(text, is_lower) && std::ranges::any_of(text, is_upper)) return malformed("mixed case");
  const std::size_t separator = text.rfind('1');
  if (separator == std::string_view::npos || separator == 0) return malformed("nothing in front of a separator");
  if (text.size() - separator - 1 < kChecksumWords) return malformed("too short for its checksum");
  Bech32 out;
  for (const char c : text.substr(0, separator)) {
    if (c < '!' || c > '~') return malformed("a character that cannot be typed");
    out.hrp.push_back(lower(c));
  }
  Remainder remainder(out.hrp);
  for (const char c : text.substr(separator + 1)) {
    const std::size_t word = kAlphabet.find(lower(c));
    if (word == std::string_view::npos) return malformed("a character that is not of the alphabet");
    out.words.push_back(static_cast<std::uint8_t>(word));
    remainder.add(static_cast<std::uint32_t>(word));
  }
  out.words.resize(out.words.size() - kChecksumWords);
  if (remainder.value() != kBech32Constant && remainder.value() != kBech32mConstant) {
    return refuse("bech32_checksum", "the text is mistyped: its checksum is wrong");
  }
  out.form = remainder.value() == kBech32Constant ? Bech32Form::bech32 : Bech32Form::bech32m;
  return out;
}

std::string bech32_encode(const Bech32& parts) {
  HF_CHECK(!parts.hrp.empty() && parts.hrp.size() + 1 + parts.words.size() + kChecksumWords <= kMaxBech32Text);
  Remainder remainder(parts.hrp);
  std::string text = parts.hrp + '1';
  for (const std::uint8_t word : parts.words) {
    remainder.add(word);
    text.push_back(kAlphabet.at(word));
  }
  for (std::size_t i = 0; i < kChecksumWords; ++i) remainder.add(0);
  const std::uint32_t checksum = remainder.value() ^ constant_of(parts.form);
  for (std::size_t i = kChecksumWords; i > 0; --i) text.push_back(kAlphabet[checksum >> 5 * (i - 1) & 31U]);
  return text;
}

Result<WitnessProgram> segwit_decode(std::string_view text) {
  auto parts = bech32_decode(text);
  if (!parts) return Failure(parts.error());
  if (parts->words.empty() || parts->words[0] > kMaxVersion) return malformed("no witness version");
  WitnessProgram out{std::move(parts->hrp), parts->words[0], {}};
  const Bech32Form form = out.version == 0 ? Bech32Form::bech32 : Bech32Form::bech32m;
  if (parts->form != form) {
    return refuse("bech32_checksum", "bech32 is for witness version 0 and bech32m for the others");
  }
  auto program = bytes_of_words(ByteView(parts->words).subspan(1));
  if (!program) return malformed("bits that should be zero, or too many");
  if (program->size() < kMinProgram || program->size() > kMaxProgram) return malformed("a witness program of a length that none has");
  if (out.version == 0 && program->size() != 20 && program->size() != 32) {
    return malformed("a program of witness version 0 has 20 or 32 bytes");
  }
  out.program = std::move(*program);
  return out;
}

std::string segwit_encode(const WitnessProgram& witness) {
  HF_CHECK(witness.version <= kMaxVersion && witness.program.size() >= kMinProgram && witness.program.size() <= kMaxProgram);
  Bech32 parts{witness.hrp, {static_cast<std::uint8_t>(witness.version)}, Bech32Form::bech32m};
  if (witness.version == 0) parts.form = Bech32Form::bech32;
  const Bytes words = words_of_bytes(witness.program);
  parts.words.insert(parts.words.end(), words.begin(), words.end());
  return bech32_encode(parts);
}

}  // namespace holdfast::chain::utxo
