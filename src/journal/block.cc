#include "journal/block.h"

#include "base/check.h"

#include <algorithm>
#include <array>

namespace holdfast::journal {
namespace {

// 3 varint bytes carry 21 bits: enough for kMaxRecordBytes, and a bound for whoever reads.
constexpr std::size_t kMaxLengthBytes = 3;

}  // namespace

bool Batch::fits(std::size_t record_bytes) const {
  return record_bytes <= kMaxRecordBytes && records_.size() + kMaxLengthBytes + record_bytes <= kMaxBlockBytes;
}

std::uint8_t* Batch::add(std::size_t record_bytes) {
  HF_CHECK(fits(record_bytes));
  std::array<std::uint8_t, kMaxLengthBytes> length;
  std::size_t length_bytes = 0;
  std::size_t rest = record_bytes;
  for (; rest >= 0x80; rest >>= 7) length[length_bytes++] = static_cast<std::uint8_t>(rest | 0x80);
  length[length_bytes++] = static_cast<std::uint8_t>(rest);

  const std::size_t begin = records_.size();
  records_.resize(begin + length_bytes + record_bytes);
  std::copy_n(length.begin(), length_bytes, records_.begin() + static_cast<std::ptrdiff_t>(begin));
  ++count_;
  return records_.data() + begin + length_bytes;
}

void Batch::add(ByteView record) { std::copy(record.begin(), record.end(), add(record.size())); }

void Batch::clear() {
  records_.clear();
  count_ = 0;
}

std::optional<ByteView> RecordReader::next() {
  if (rest_.empty() || malformed_) return std::nullopt;
  malformed_ = true;  // Until the whole record is seen to be there.
  std::size_t length = 0;
  std::size_t at = 0;
  std::uint8_t byte = 0;
  do {
    if (at == kMaxLengthBytes || at == rest_.size()) return std::nullopt;
    byte = rest_[at];
    length |= static_cast<std::size_t>(byte & 0x7f) << (7 * at);
    ++at;
  } while ((byte & 0x80) != 0);
  const bool shortest = at == 1 || byte != 0;
  if (!shortest || length > kMaxRecordBytes || length > rest_.size() - at) return std::nullopt;

  malformed_ = false;
  const ByteView record = rest_.subspan(at, length);
  rest_ = rest_.subspan(at + length);
  return record;
}

}  // namespace holdfast::journal
