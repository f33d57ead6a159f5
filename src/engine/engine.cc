#include "engine/engine.h"

#include "base/check.h"
#include "base/planted.h"
#include "engine/record.h"

#include <algorithm>

namespace holdfast::engine {
namespace {

// The events of one command stand in one block of the journal: half of what a chain's block brought must never be all
// that survives. So a batch is closed while there is room for the largest command.
constexpr std::size_t kBatchBytes = journal::kMaxBlockBytes / 2;

}  // namespace

Result<std::unique_ptr<Engine>> Engine::open(journal::Storage& storage, const journal::LogKey& key, Clock& clock,
                                             SnapshotStore* snapshots, DeskOptions desk) {
  std::unique_ptr<Engine> engine(new Engine(clock, snapshots, std::move(desk)));
  journal::OpenOptions options;
  if (snapshots) {
    if (auto snapshot = snapshots->newest()) {
      engine->state_ = std::move(snapshot->state);
      options.replay.from = snapshot->tree;
    }
  }
  const auto apply_record = [&](std::uint64_t, ByteView record) -> Result<void> {
    const auto event = decode(record);
    if (!event) return std::unexpected(event.error());
    custody::apply(engine->state_, *event);
    ++engine->replayed_;
    return {};
  };
  auto journal = journal::Journal::open(storage, key, apply_record, options);
  if (!journal) return std::unexpected(journal.error());
  engine->journal_ = std::move(*journal);
  if (HF_PLANTED(request_forgotten)) engine->state_.requests.clear();
  engine->desk_.start(engine->state_);
  return engine;
}

std::shared_lock<std::shared_mutex> Engine::lock_for_reading() const {
  const std::lock_guard turn(turnstile_);
  return std::shared_lock(mutex_);
}

std::unique_lock<std::shared_mutex> Engine::lock_for_writing() const {
  const std::lock_guard turn(turnstile_);
  return std::unique_lock(mutex_);
}

std::vector<Outcome> Engine::submit(std::span<const custody::Command> commands) {
  std::vector<Outcome> outcomes(commands.size());
  const auto lock = lock_for_writing();
  const Instant now = std::max(clock_.now(), state_.newest);
  for (std::size_t i = 0; i < commands.size(); ++i) {
    events_.clear();
    outcomes[i].refusal = custody::decide(state_, commands[i], now, events_, &desk_);
    if (events_.empty()) continue;
    if (batch_.records().size() > kBatchBytes) commit();
    outcomes[i].first_index = journal_->head().size + batch_.count();
    outcomes[i].events = static_cast<std::uint32_t>(events_.size());
    for (custody::Event& event : events_) {
      HF_CHECK(encode(event, batch_));
      custody::apply(state_, event);
      desk_.follow(state_, event);
      if (!listeners_.empty()) batch_events_.push_back(std::move(event));
    }
  }
  commit();
  return outcomes;
}

void Engine::commit() {
  if (batch_.empty()) return;
  const std::uint64_t first_index = journal_->head().size;
  // The state is ahead of the journal here. If the journal does not follow, nobody may ever see that state.
  if (const auto appended = journal_->append(batch_); !appended) {
    die(("the journal cannot be written (" + appended.error().text + "); free the disk and start again").c_str());
  }
  for (const CommitListener& listener : listeners_) listener({first_index, batch_events_});
  batch_events_.clear();
}

void Engine::read(const std::function<void(const custody::State&)>& look) const {
  const auto lock = lock_for_reading();
  look(state_);
}

journal::Head Engine::head() const {
  const auto lock = lock_for_reading();
  return journal_->head();
}

Result<void> Engine::write_snapshot() {
  if (!snapshots_) return refuse("snapshot_store_missing", "this engine was opened without a place for snapshots");
  Bytes bytes;
  std::uint64_t size = 0;
  {
    const auto lock = lock_for_reading();
    size = journal_->head().size;
    bytes = encode_snapshot(state_, journal_->tree());
  }
  return snapshots_->put(size, bytes);
}

}  // namespace holdfast::engine
