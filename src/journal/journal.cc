#include "journal/journal.h"

#include "base/check.h"

#include <fmt/format.h>

#include <utility>

namespace holdfast::journal {
namespace {

// Feeds the leaves of the first size records to the builder.
Result<Proof> prove(Storage& storage, ProofBuilder builder, std::uint64_t size) {
  std::uint64_t leaves = 0;
  const auto read = storage.read(0, [&](const StoredBlock& stored) -> Result<void> {
    if (leaves >= size || stored.torn) return fault("proof_complete");  // Only ends the reading.
    RecordReader reader(stored.block.records);
    for (auto record = reader.next(); record; record = reader.next(), ++leaves) builder.add(leaf_hash(*record));
    return {};
  });
  if (leaves >= size) return builder.finish();
  if (!read && read.error().code != "proof_complete") return Failure(read.error());
  return corruption("journal_damaged", fmt::format("only {} of {} records could be read for a proof", leaves, size));
}

Failure out_of_range(std::uint64_t index, std::uint64_t size) {
  return refuse("index_out_of_range", fmt::format("{} is outside a journal of {} records", index, size));
}

}  // namespace

Result<std::unique_ptr<Journal>> Journal::open(Storage& storage, const LogKey& key, const RecordVisitor& visit,
                                               const OpenOptions& options) {
  std::vector<VerifierKey> trusted = options.earlier_keys;
  trusted.push_back(key.verifier());
  auto replayed = replay(storage, trusted, visit, options.replay);
  if (!replayed) return Failure(replayed.error());

  std::unique_ptr<Journal> journal(new Journal(storage, key));
  journal->tree_ = replayed->tree;
  journal->torn_tail_ = replayed->torn_tail;
  journal->head_ = {.size = replayed->tree.size(),
                    .root = replayed->tree.root(),
                    .checkpoint = std::move(replayed->checkpoint)};
  if (journal->head_.size == 0) {
    journal->head_.checkpoint = sign_checkpoint({key.name(), 0, empty_root()}, key);
  }
  return journal;
}

Result<Head> Journal::append(Batch& batch) {
  HF_CHECK(!batch.empty());
  if (in_doubt_) {
    return fault("journal_must_be_reopened", "the outcome of an earlier append is unknown: restart, which reads it back");
  }
  Frontier tree = tree_;
  RecordReader reader(batch.records());
  while (const auto record = reader.next()) tree.append(leaf_hash(*record));
  HF_CHECK(tree.size() == tree_.size() + batch.count());

  Head head{.size = tree.size(), .root = tree.root(), .checkpoint = {}};
  head.checkpoint = sign_checkpoint({key_.name(), head.size, head.root}, key_);
  const auto stored = storage_.append({.first_index = tree_.size(),
                                       .count = batch.count(),
                                       .records = batch.records(),
                                       .root = head.root,
                                       .checkpoint = head.checkpoint});
  if (!stored) {
    in_doubt_ = stored.error().kind != ErrorKind::fault && stored.error().kind != ErrorKind::refusal;
    return Failure(stored.error());
  }
  tree_ = tree;
  head_ = std::move(head);
  batch.clear();
  return head_;
}

Result<Proof> Journal::prove_inclusion(std::uint64_t index) const {
  return journal::prove_inclusion(storage_, index, head_.size);
}

Result<Proof> Journal::prove_consistency(std::uint64_t old_size) const {
  return journal::prove_consistency(storage_, old_size, head_.size);
}

Result<Proof> prove_inclusion(Storage& storage, std::uint64_t index, std::uint64_t size) {
  if (index >= size) return out_of_range(index, size);
  return prove(storage, ProofBuilder::inclusion(index, size), size);
}

Result<Proof> prove_consistency(Storage& storage, std::uint64_t old_size, std::uint64_t size) {
  if (old_size > size) return out_of_range(old_size, size);
  return prove(storage, ProofBuilder::consistency(old_size, size), size);
}

}  // namespace holdfast::journal
