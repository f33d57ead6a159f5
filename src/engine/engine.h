// The engine: command -> decide -> journal -> apply -> answer. It owns the state; nothing else changes it.
//
// submit() decides its commands one after the other, each on what the one before it left, makes all their events durable
// in one commit, and only then answers. While that goes on nobody can look: whoever reads the state reads what is durable,
// so every effect follows its cause.
//
// A journal that cannot be written ends the process. What was decided in memory but is not durable dies with it.
#pragma once

#include "base/instant.h"
#include "base/result.h"
#include "chain/port.h"
#include "custody/custody.h"
#include "engine/desk.h"
#include "engine/snapshot.h"
#include "journal/journal.h"

#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <vector>

namespace holdfast::engine {

struct Outcome {
  custody::Refusal refusal = custody::Refusal::none;
  std::uint64_t first_index = 0;  // In the journal, of the command's first event.
  std::uint32_t events = 0;       // How many it led to; 0 when it was done before.
};

// Whoever submits commands needs no more than this. Bodies: Engine itself, and Writer, which gathers commands of many threads.
class Submitter {
 public:
  virtual ~Submitter() = default;
  virtual std::vector<Outcome> submit(std::span<const custody::Command> commands) = 0;
};

// Told of every commit after it is durable, on the committing thread, in order. Must be quick.
struct Commit {
  std::uint64_t first_index = 0;
  std::span<const custody::Event> events;
};
using CommitListener = std::function<void(const Commit&)>;

class Engine final : public Submitter, public chain::StateView {
 public:
  // Replays the journal (from the newest snapshot, if a store is given and has one that fits). Everything given must outlive
  // the engine. Errors: those of Journal::open, and corruption record_unreadable.
  static Result<std::unique_ptr<Engine>> open(journal::Storage& storage, const journal::LogKey& key, Clock& clock,
                                              SnapshotStore* snapshots = nullptr, DeskOptions desk = {});

  std::vector<Outcome> submit(std::span<const custody::Command> commands) override;
  void read(const std::function<void(const custody::State&)>& look) const override;

  journal::Head head() const;
  std::uint64_t replayed() const { return replayed_; }  // Records read by open(), behind the snapshot.

  // Before the first submit only.
  void listen(CommitListener listener) { listeners_.push_back(std::move(listener)); }

  // Writes a snapshot of the present state. A refusal snapshot_store_missing when opened without a store.
  Result<void> write_snapshot();

 private:
  Engine(Clock& clock, SnapshotStore* snapshots, DeskOptions desk) : clock_(clock), snapshots_(snapshots), desk_(std::move(desk)) {}
  void commit();

  Clock& clock_;
  SnapshotStore* snapshots_;
  std::shared_lock<std::shared_mutex> lock_for_reading() const;
  std::unique_lock<std::shared_mutex> lock_for_writing() const;

  mutable std::shared_mutex mutex_;  // Held alone from the first decision of a batch until it is durable.
  mutable std::mutex turnstile_;     // A writer that waits keeps new readers out: many readers cannot starve it.
  custody::State state_;
  Desk desk_;
  std::unique_ptr<journal::Journal> journal_;
  std::vector<CommitListener> listeners_;
  std::uint64_t replayed_ = 0;

  // Of the batch being built; kept to reuse their memory.
  journal::Batch batch_;
  custody::Events events_;        // Of the command being decided.
  custody::Events batch_events_;  // Of the batch, for the listeners.
};

}  // namespace holdfast::engine
