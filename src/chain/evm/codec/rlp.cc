#include "chain/evm/codec/rlp.h"

namespace holdfast::chain::evm {

namespace {

constexpr std::size_t kShortMax = 55;
constexpr std::size_t kString = 0x80;
constexpr std::size_t kList = 0xc0;

struct Prefix {
  bool is_list = false;
  std::size_t header = 0;
  std::size_t payload = 0;
};

// Reads the big-endian length behind a long prefix.
Result<std::size_t> read_long_length(ByteView input, std::size_t length_size) {
  if (length_size > sizeof(std::uint32_t)) return refuse("rlp_truncated", "longer than any input");
  if (input.size() < 1 + length_size) return refuse("rlp_truncated");
  if (input[1] == 0) return refuse("rlp_not_canonical", "leading zero in a length");
  std::size_t length = 0;
  for (std::size_t i = 1; i <= length_size; ++i) length = length << 8 | input[i];
  if (length <= kShortMax) return refuse("rlp_not_canonical", "a short length in the long form");
  return length;
}

Result<Prefix> read_prefix(ByteView input) {
  if (input.empty()) return refuse("rlp_truncated");
  const std::size_t first = input[0];
  if (first < kString) return Prefix{false, 0, 1};
  Prefix prefix{first >= kList, 1, 0};
  const std::size_t length = first - (prefix.is_list ? kList : kString);
  if (length <= kShortMax) {
    prefix.payload = length;
  } else {
    const auto longer = read_long_length(input, length - kShortMax);
    if (!longer) return Failure(longer.error());
    prefix.header += length - kShortMax;
    prefix.payload = *longer;
  }
  if (prefix.payload > input.size() - prefix.header) return refuse("rlp_truncated");
  if (!prefix.is_list && prefix.payload == 1 && input[prefix.header] < kString) {
    return refuse("rlp_not_canonical", "a small byte with a prefix");
  }
  return prefix;
}

class Decoder {
 public:
  // Takes one item off the front of `input`.
  Result<RlpItem> item(ByteView& input, std::size_t depth) {
    if (depth > kRlpMaxDepth) return refuse("rlp_too_deep");
    if (++items_ > kRlpMaxItems) return refuse("rlp_too_many_items");
    const auto prefix = read_prefix(input);
    if (!prefix) return Failure(prefix.error());
    ByteView payload = input.subspan(prefix->header, prefix->payload);
    input = input.subspan(prefix->header + prefix->payload);
    RlpItem out;
    out.is_list = prefix->is_list;
    if (!out.is_list) {
      out.string = payload;
      return out;
    }
    while (!payload.empty()) {
      auto child = item(payload, depth + 1);
      if (!child) return child;
      out.items.push_back(std::move(*child));
    }
    return out;
  }

 private:
  std::size_t items_ = 0;
};

Bytes minimal_bytes(ByteView big_endian) {
  while (!big_endian.empty() && big_endian.front() == 0) big_endian = big_endian.subspan(1);
  return to_bytes(big_endian);
}

void append_header(Bytes& out, std::size_t base, std::size_t length) {
  if (length <= kShortMax) {
    out.push_back(static_cast<std::uint8_t>(base + length));
    return;
  }
  const Bytes digits = minimal_bytes(Amount::of(static_cast<Int128>(length)).to_word().view());
  out.push_back(static_cast<std::uint8_t>(base + kShortMax + digits.size()));
  out.insert(out.end(), digits.begin(), digits.end());
}

}  // namespace

Result<RlpItem> decode_rlp(ByteView input) {
  auto item = Decoder().item(input, 0);
  if (item && !input.empty()) return refuse("rlp_trailing_bytes");
  return item;
}

Result<std::uint64_t> rlp_uint64(const RlpItem& item) {
  const auto amount = rlp_amount(item);
  if (!amount) return Failure(amount.error());
  if (item.string.size() > sizeof(std::uint64_t)) return refuse("rlp_number_too_large");
  return static_cast<std::uint64_t>(amount->units());
}

Result<Amount> rlp_amount(const RlpItem& item) {
  if (item.is_list) return refuse("rlp_not_a_number", "a list");
  if (!item.string.empty() && item.string.front() == 0) return refuse("rlp_not_a_number", "a leading zero");
  if (item.string.size() > Hash32::kSize) return refuse("rlp_number_too_large");
  Hash32 word;
  std::copy(item.string.begin(), item.string.end(), word.bytes.end() - static_cast<std::ptrdiff_t>(item.string.size()));
  const auto amount = Amount::from_word(word);
  if (!amount) return refuse("rlp_number_too_large");
  return *amount;
}

void append_rlp_string(Bytes& out, ByteView string) {
  if (string.size() != 1 || string[0] >= kString) append_header(out, kString, string.size());
  out.insert(out.end(), string.begin(), string.end());
}

void append_rlp_uint64(Bytes& out, std::uint64_t number) { append_rlp_amount(out, Amount::of(number)); }

void append_rlp_amount(Bytes& out, Amount amount) { append_rlp_string(out, minimal_bytes(amount.to_word().view())); }

void append_rlp_list(Bytes& out, ByteView encoded_items) {
  append_header(out, kList, encoded_items.size());
  out.insert(out.end(), encoded_items.begin(), encoded_items.end());
}

}  // namespace holdfast::chain::evm
