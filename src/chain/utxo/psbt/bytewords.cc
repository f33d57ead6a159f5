#include "chain/utxo/psbt/bytewords.h"

#include <array>
#include <optional>

namespace holdfast::chain::utxo {

namespace {

constexpr std::size_t kChecksumBytes = 4;
constexpr std::size_t kLetters = 26;

// The first and the last letter of each of the 256 words, in their order.
constexpr std::string_view kPairs =
    "aeadaoaxaaahamatayasbkbdbnbtbabsbebybgbwbbbzcmchcscfcycwcecackctcxclcpcndkdadsdidedtdrdndwdpdmdldyeheyeo"
    "eeecenemetesftfrfnfsfmfhfzfpfwfxfyfefgflfdgagegrgsgtglgwgdgygmgughgohfhghdhkhthphhhlhyhehnhsidiaieihiyio"
    "isinimjejzjnjtjljojsjpjkjykpkoktkskkknkgkekikblblalylflslrlplnltloldlelulklgmnmymhmemomumwmdmtmsmknlnynd"
    "nsntnnnenboyoeotoxonolospdptpkpypspmplpepfpaprqdqzrerprlrorhrdrkrfryrnrsrtsesasrssskswstspsosgsbsfsntotk"
    "titttdtetytltbtstptatnuyuoutueurvtvyvovlvevwvavdvswlwdwmwpwewywswtwnwzwfwkykynylyaytzszoztzczezm";
static_assert(kPairs.size() == 512);

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value & 1U) != 0 ? 0xedb88320U ^ (value >> 1U) : value >> 1U;
    table[byte] = value;
  }
  return table;
}

// From two letters to a byte; -1 where there is no such word.
constexpr std::array<std::int16_t, kLetters * kLetters> make_bytes() {
  std::array<std::int16_t, kLetters * kLetters> bytes{};
  bytes.fill(-1);
  for (std::size_t i = 0; i < 256; ++i) {
    const auto first = static_cast<std::size_t>(kPairs[2 * i] - 'a');
    const auto last = static_cast<std::size_t>(kPairs[2 * i + 1] - 'a');
    bytes[first * kLetters + last] = static_cast<std::int16_t>(i);
  }
  return bytes;
}

std::optional<std::uint8_t> byte_of(char first, char last) {
  static constexpr auto kBytes = make_bytes();
  if (first < 'a' || first > 'z' || last < 'a' || last > 'z') return std::nullopt;
  const std::int16_t byte = kBytes[static_cast<std::size_t>(first - 'a') * kLetters + static_cast<std::size_t>(last - 'a')];
  return byte < 0 ? std::nullopt : std::optional(static_cast<std::uint8_t>(byte));
}

void append_checksum(Bytes& bytes) {
  const std::uint32_t checksum = crc32(bytes);
  for (unsigned shift = 32; shift > 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(checksum >> (shift - 8)));
}

}  // namespace

std::uint32_t crc32(ByteView bytes) {
  static constexpr auto kTable = make_crc_table();
  std::uint32_t value = 0xffffffff;
  for (const std::uint8_t byte : bytes) value = kTable[(value ^ byte) & 0xffU] ^ (value >> 8U);
  return value ^ 0xffffffffU;
}

std::string to_bytewords(ByteView bytes) {
  Bytes checked = to_bytes(bytes);
  append_checksum(checked);
  std::string text;
  text.reserve(2 * checked.size());
  for (const std::uint8_t byte : checked) text += kPairs.substr(2 * std::size_t{byte}, 2);
  return text;
}

Result<Bytes> from_bytewords(std::string_view text) {
  if (text.size() % 2 != 0 || text.size() <= 2 * kChecksumBytes) return refuse("ur_malformed", "not Bytewords");
  Bytes checked;
  checked.reserve(text.size() / 2);
  for (std::size_t at = 0; at < text.size(); at += 2) {
    const auto byte = byte_of(text[at], text[at + 1]);
    if (!byte) return refuse("ur_malformed", "no Byteword at letter " + std::to_string(at));
    checked.push_back(*byte);
  }
  Bytes bytes(checked.begin(), checked.end() - kChecksumBytes);
  Bytes again = bytes;
  append_checksum(again);
  if (!std::ranges::equal(again, checked)) return refuse("ur_checksum", "of these Bytewords");
  return bytes;
}

}  // namespace holdfast::chain::utxo
