#include "chain/utxo/psbt/ur.h"

#include "base/check.h"
#include "chain/utxo/psbt/bytewords.h"

#include <algorithm>
#include <charconv>

namespace holdfast::chain::utxo {

namespace {

constexpr std::string_view kScheme = "ur:";
constexpr std::size_t kMaxType = 64;
constexpr std::size_t kMaxText = 2 * kMaxUrBytes + 200;
constexpr std::size_t kLeastFragment = 10;
constexpr std::uint8_t kUnsigned = 0x00;  // CBOR's major types, in place.
constexpr std::uint8_t kByteString = 0x40;
constexpr std::uint8_t kArrayOfFive = 0x85;

Failure malformed(std::string text) { return refuse("ur_malformed", std::move(text)); }

void put_head(Bytes& out, std::uint8_t major, std::uint32_t value) {
  if (value < 24) {
    out.push_back(static_cast<std::uint8_t>(major | value));
    return;
  }
  const unsigned size = value > 0xffff ? 4 : value > 0xff ? 2 : 1;
  out.push_back(static_cast<std::uint8_t>(major | (size == 4 ? 26 : size == 2 ? 25 : 24)));
  for (unsigned i = size; i > 0; --i) out.push_back(static_cast<std::uint8_t>(value >> (8 * (i - 1))));
}

// Reads the few forms of CBOR that URs have, each in its shortest form.
class CborReader {
 public:
  explicit CborReader(ByteView in) : in_(in) {}

  bool array_of_five() { return take(1) == kArrayOfFive; }
  std::optional<std::uint32_t> head(std::uint8_t major) {
    const auto first = take(1);
    if (!first || (*first & 0xe0U) != major) return std::nullopt;
    const std::uint32_t low = *first & 0x1fU;
    if (low < 24) return low;
    if (low > 26) return std::nullopt;
    const auto value = take(std::size_t{1} << (low - 24));
    const std::uint32_t least = low == 24 ? 24 : low == 25 ? 0x100 : 0x10000;
    return value && *value >= least ? value : std::nullopt;
  }
  std::optional<Bytes> byte_string() {
    const auto size = head(kByteString);
    if (!size || *size > in_.size()) return std::nullopt;
    Bytes out = to_bytes(in_.first(*size));
    in_ = in_.subspan(*size);
    return out;
  }
  bool at_end() const { return in_.empty(); }

 private:
  std::optional<std::uint32_t> take(std::size_t size) {
    if (in_.size() < size) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8U | in_[i];
    in_ = in_.subspan(size);
    return value;
  }
  ByteView in_;
};

bool is_type(std::string_view text) {
  return !text.empty() && text.size() <= kMaxType && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::optional<std::uint32_t> number_of(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.starts_with('0')) return std::nullopt;
  return value;
}

// As the reference implementation does: as few fragments as keep below the maximum, of the same size.
std::size_t fragment_size(std::size_t message, std::size_t most) {
  const std::size_t limit = std::max({most, kLeastFragment, (message + kMaxUrFragments - 1) / kMaxUrFragments});
  const std::size_t count = (message + limit - 1) / limit;
  return (message + count - 1) / count;
}

Bytes part_cbor(std::uint32_t sequence, std::size_t fragments, std::size_t message, std::uint32_t checksum, ByteView data) {
  Bytes out{kArrayOfFive};
  put_head(out, kUnsigned, sequence);
  put_head(out, kUnsigned, static_cast<std::uint32_t>(fragments));
  put_head(out, kUnsigned, static_cast<std::uint32_t>(message));
  put_head(out, kUnsigned, checksum);
  put_head(out, kByteString, static_cast<std::uint32_t>(data.size()));
  out.insert(out.end(), data.begin(), data.end());
  return out;
}

}  // namespace

std::vector<std::string> encode_ur(std::string_view type, ByteView cbor, std::size_t max_fragment_bytes,
                                   std::size_t extra_parts) {
  HF_CHECK(is_type(type) && !cbor.empty() && cbor.size() <= kMaxUrBytes);
  const std::string prefix = std::string(kScheme) + std::string(type) + "/";
  const std::size_t size = fragment_size(cbor.size(), max_fragment_bytes);
  const std::size_t fragments = (cbor.size() + size - 1) / size;
  if (fragments == 1) return {prefix + to_bytewords(cbor)};
  const std::uint32_t checksum = crc32(cbor);
  const DegreeSampler sampler(fragments);
  std::vector<std::string> texts;
  for (std::uint32_t sequence = 1; sequence <= fragments + extra_parts; ++sequence) {
    Bytes mixture(size);
    for (const std::size_t fragment : fragments_in_part(sequence, fragments, checksum, sampler)) {
      const ByteView part = cbor.subspan(fragment * size, std::min(size, cbor.size() - fragment * size));
      for (std::size_t i = 0; i < part.size(); ++i) mixture[i] ^= part[i];
    }
    texts.push_back(prefix + std::to_string(sequence) + "-" + std::to_string(fragments) + "/" +
                    to_bytewords(part_cbor(sequence, fragments, cbor.size(), checksum, mixture)));
  }
  return texts;
}

Result<void> UrDecoder::receive(std::string_view text) {
  if (text.size() > kMaxText) return malformed("too long");
  const std::string lower = lower_case(text);
  std::string_view rest = lower;
  if (!rest.starts_with(kScheme)) return malformed("no UR");
  rest.remove_prefix(kScheme.size());
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos || !is_type(rest.substr(0, slash))) return malformed("the type");
  const std::string_view type = rest.substr(0, slash);
  const std::string_view path = rest.substr(slash + 1);
  const std::size_t second = path.find('/');
  if (second == std::string_view::npos) return receive_single(type, path);
  const auto part = read_part(path.substr(0, second), path.substr(second + 1));
  if (!part) return Failure(part.error());
  return receive_part(type, *part);
}

Result<void> UrDecoder::receive_single(std::string_view type, std::string_view body) {
  auto message = from_bytewords(body);
  if (!message) return Failure(message.error());
  if (message->size() > kMaxUrBytes) return malformed("too long");
  if (!type_.empty() && (type != type_ || shape_ || *message_ != *message)) return refuse("ur_other_message");
  type_ = type;
  message_ = std::move(*message);
  return {};
}

Result<UrDecoder::Part> UrDecoder::read_part(std::string_view place, std::string_view body) {
  const std::size_t dash = place.find('-');
  if (dash == std::string_view::npos) return malformed("the part's number");
  const auto sequence = number_of(place.substr(0, dash));
  const auto fragments = number_of(place.substr(dash + 1));
  if (!sequence || !fragments) return malformed("the part's number");
  const auto cbor = from_bytewords(body);
  if (!cbor) return Failure(cbor.error());
  CborReader in(*cbor);
  if (!in.array_of_five() || in.head(kUnsigned) != sequence || in.head(kUnsigned) != fragments) {
    return malformed("a part that says another number inside");
  }
  const auto message_bytes = in.head(kUnsigned);
  const auto checksum = in.head(kUnsigned);
  auto data = in.byte_string();
  if (!message_bytes || !checksum || !data || !in.at_end()) return malformed("a part's form");
  const std::size_t size = data->size();
  const bool fits = size > 0 && *fragments <= kMaxUrFragments && *message_bytes <= kMaxUrBytes &&
                    size <= *message_bytes && (*message_bytes + size - 1) / size == *fragments;
  if (!fits) return malformed("a part's lengths");
  return Part{*sequence, Shape{*fragments, *message_bytes, *checksum, size}, std::move(*data)};
}

Result<void> UrDecoder::receive_part(std::string_view type, const Part& part) {
  if (!type_.empty() && (type != type_ || shape_ != part.shape)) return refuse("ur_other_message");
  if (type_.empty()) {
    type_ = type;
    shape_ = part.shape;
    sampler_.emplace(part.shape.fragments);
    solver_.emplace(part.shape.fragments, part.shape.fragment_bytes);
  }
  if (message_) return {};
  solver_->add(fragments_in_part(part.sequence, part.shape.fragments, part.shape.checksum, *sampler_), part.data);
  return solver_->complete() ? finish() : Result<void>{};
}

Result<void> UrDecoder::finish() {
  Bytes message = solver_->message();
  message.resize(shape_->message_bytes);
  if (crc32(message) != shape_->checksum) {
    *this = UrDecoder{};
    return refuse("ur_checksum", "of the whole message");
  }
  message_ = std::move(message);
  return {};
}

bool UrDecoder::complete() const { return message_.has_value(); }

double UrDecoder::progress() const {
  if (message_) return 1;
  if (!shape_) return 0;
  return static_cast<double>(solver_->solved()) / static_cast<double>(shape_->fragments);
}

std::string UrDecoder::type() const { return type_; }

Bytes UrDecoder::cbor() const {
  HF_CHECK(message_);
  return *message_;
}

Bytes cbor_of_psbt(ByteView psbt) {
  HF_CHECK(psbt.size() <= kMaxUrBytes);
  Bytes out;
  put_head(out, kByteString, static_cast<std::uint32_t>(psbt.size()));
  out.insert(out.end(), psbt.begin(), psbt.end());
  return out;
}

Result<Bytes> psbt_of_cbor(ByteView cbor) {
  CborReader in(cbor);
  auto psbt = in.byte_string();
  if (!psbt || !in.at_end()) return malformed("not a CBOR byte string");
  return std::move(*psbt);
}

}  // namespace holdfast::chain::utxo
