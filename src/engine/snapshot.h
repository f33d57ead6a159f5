// The whole state in one file, so that a start need not replay from the first record. A snapshot is only a shortcut: it
// can be deleted at any time, and a snapshot that is damaged or does not fit the journal is passed over.
//
// File: "HFSNAP2\n", protobuf holdfast.record.Snapshot, SHA-256 of all before it. Equal states give equal bytes.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "custody/state.h"
#include "journal/merkle.h"

#include <optional>
#include <string>

namespace holdfast::engine {

struct Snapshot {
  custody::State state;
  journal::Frontier tree;  // Of the journal whose fold the state is.
};

Bytes encode_snapshot(const custody::State& state, const journal::Frontier& tree);
//   corruption snapshot_damaged
Result<Snapshot> decode_snapshot(ByteView bytes);

// Where snapshots are kept. Bodies: a folder (SnapshotFolder), the simulator's disk.
class SnapshotStore {
 public:
  virtual ~SnapshotStore() = default;
  // Durable when it returns; a crash on the way leaves the earlier one.
  virtual Result<void> put(std::uint64_t size, ByteView bytes) = 0;
  // The newest that is whole; nothing when there is none.
  virtual std::optional<Snapshot> newest() = 0;
};

// Files snapshot-<size>.hfsnap in a folder; the newest two are kept.
class SnapshotFolder final : public SnapshotStore {
 public:
  explicit SnapshotFolder(std::string folder) : folder_(std::move(folder)) {}
  Result<void> put(std::uint64_t size, ByteView bytes) override;
  std::optional<Snapshot> newest() override;

 private:
  std::string folder_;
};

}  // namespace holdfast::engine
