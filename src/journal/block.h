// A block: the records that become durable together. A record is opaque bytes; what it means is not known here.
//
//   records := { length record }*        length := unsigned varint of 1 to 3 bytes, shortest form
//
// This is the delimited form that protobuf libraries read and write.
#pragma once

#include "base/bytes.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast::journal {

inline constexpr std::size_t kMaxRecordBytes = 1 << 20;
inline constexpr std::size_t kMaxBlockBytes = 16 << 20;  // Of the encoded records.

// A block as it is stored. The views are owned by whoever hands it out.
struct BlockView {
  std::uint64_t first_index = 0;  // Of its first record in the journal, from 0.
  std::uint64_t count = 0;        // Of its records, at least 1.
  ByteView records;
  Hash32 root;                  // Of the whole journal up to and including this block.
  std::string_view checkpoint;  // The signed note over that root.
};

// Collects the records of one block. Reuse it: clear() keeps the memory, so a warm batch does not allocate.
class Batch {
 public:
  bool empty() const { return count_ == 0; }
  std::uint64_t count() const { return count_; }
  ByteView records() const { return records_; }

  // Whether one more record of this size may be added: it is at most kMaxRecordBytes, and the block stays
  // within kMaxBlockBytes. To an empty batch any legal record may be added.
  bool fits(std::size_t record_bytes) const;

  // Adds a record of exactly this size and returns where its bytes go; the caller writes all of them before it
  // touches the batch again. Precondition: fits(record_bytes).
  std::uint8_t* add(std::size_t record_bytes);
  void add(ByteView record);

  void clear();

 private:
  Bytes records_;
  std::uint64_t count_ = 0;
};

// Walks the records of a block without copying. Hostile bytes are safe: it stops, and malformed() says why.
class RecordReader {
 public:
  explicit RecordReader(ByteView records) : rest_(records) {}

  // The next record; nothing at the end, or where the bytes are not well formed.
  std::optional<ByteView> next();
  bool malformed() const { return malformed_; }

 private:
  ByteView rest_;
  bool malformed_ = false;
};

}  // namespace holdfast::journal
