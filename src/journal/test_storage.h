// For tests: a journal in memory, whose blocks a test may damage, and that fails when told to.
#pragma once

#include "journal/journal.h"
#include "journal/storage.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::journal {

class MemoryStorage final : public Storage {
 public:
  struct Block {
    std::uint64_t first_index = 0;
    std::uint64_t count = 0;
    Bytes records;
    Hash32 root;
    std::string checkpoint;
    bool torn = false;
  };

  std::vector<Block> blocks;
  std::optional<Error> fail_next_append;

  Result<void> append(const BlockView& block) override {
    if (fail_next_append) return Failure(*std::exchange(fail_next_append, std::nullopt));
    if (!blocks.empty() && blocks.back().torn) blocks.pop_back();
    blocks.push_back({block.first_index, block.count, to_bytes(block.records), block.root,
                      std::string(block.checkpoint), false});
    return {};
  }

  Result<void> read(std::uint64_t from_index, const BlockVisitor& visit) override {
    for (const Block& b : blocks) {
      if (b.first_index < from_index) continue;
      const StoredBlock stored{{b.first_index, b.count, b.records, b.root, b.checkpoint}, b.torn};
      if (auto seen = visit(stored); !seen) return seen;
    }
    return {};
  }

  Result<std::string> last_checkpoint() override {
    for (auto b = blocks.rbegin(); b != blocks.rend(); ++b) {
      if (!b->torn) return b->checkpoint;
    }
    return std::string();
  }
};

inline constexpr std::string_view kTestLog = "holdfast.example/log";

inline LogKey test_key(std::uint8_t seed_byte = 1, std::string_view name = kTestLog) {
  return LogKey::from_seed(Secret::copy_of(Bytes(32, seed_byte)), name);
}

// The record that all tests expect at an index: "record 17", and every tenth one longer.
inline std::string test_record(std::uint64_t index) {
  return "record " + std::to_string(index) + std::string(index % 10 == 0 ? 300 : 0, '.');
}

inline void fill(Batch& batch, std::uint64_t first, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) batch.add(as_bytes(test_record(first + i)));
}

inline RecordVisitor ignore_records() {
  return [](std::uint64_t, ByteView) -> Result<void> { return {}; };
}

// Collects what a replay shows, and fails the replay when it is not what was written.
struct Expecting {
  std::uint64_t next = 0;
  Result<void> operator()(std::uint64_t index, ByteView record) {
    if (index != next || as_text(record) != test_record(index)) return refuse("unexpected_record");
    ++next;
    return {};
  }
};

}  // namespace holdfast::journal
