#include "signer/replica/replica.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace holdfast::signer {
namespace {

using journal::Checkpoint;

constexpr std::size_t kHeadsRemembered = 4096;

Failure forked(std::uint64_t size) {
  return corruption("journal_forked", fmt::format("at {} records holdfastd's journal is not the one that this signer knows", size));
}

}  // namespace

Result<std::unique_ptr<Replica>> Replica::open(journal::Storage& storage, journal::VerifierKey log, const TreeHead& cosigned,
                                               const journal::RecordVisitor& visit) {
  std::unique_ptr<Replica> out(new Replica(storage, std::move(log), cosigned));
  // The head that was cosigned need not end a block of this copy: it is compared where the tree passes it.
  journal::Frontier passed;
  bool differs = false;
  const auto see = [&](std::uint64_t index, ByteView record) -> Result<void> {
    if (index < cosigned.size) {
      passed.append(journal::leaf_hash(record));
      differs = passed.size() == cosigned.size && passed.root() != cosigned.root;
      if (differs) return forked(cosigned.size);
    }
    return visit(index, record);
  };
  auto replayed = journal::replay(storage, std::span(&out->log_, 1), see);
  if (!replayed) return Failure(replayed.error());
  out->tree_ = replayed->tree;
  out->checkpoint_ = std::move(replayed->checkpoint);
  out->announced_ = out->tree_.size();
  out->remember(out->head());
  out->drop_begun();
  return out;
}

Result<void> Replica::take(std::span<const JournalPart> parts, const journal::RecordVisitor& visit) {
  std::string_view last_checkpoint;
  for (const JournalPart& part : parts) {
    if (auto extended = extend(part); !extended) {
      drop_begun();
      return extended;
    }
    last_checkpoint = part.checkpoint;
  }
  if (last_checkpoint.empty()) return {};
  auto kept = keep(last_checkpoint, visit);
  drop_begun();
  return kept;
}

Result<void> Replica::extend(const JournalPart& part) {
  const std::uint64_t next = begun_tree_.size();
  if (part.first_index != next) {
    return fault("journal_gap", fmt::format("record {} came where record {} should be", part.first_index, next));
  }
  if (part.records.size() > journal::kMaxBlockBytes || begun_records_.size() > journal::kMaxBlockBytes) {
    return corruption("journal_malformed", "a block longer than any may be");
  }
  journal::RecordReader reader(part.records);
  while (const auto record = reader.next()) {
    if (auto added = add_leaf(journal::leaf_hash(*record)); !added) return added;
    ++begun_count_;
  }
  if (reader.malformed()) return corruption("journal_malformed", fmt::format("record {} is malformed", begun_tree_.size()));
  begun_records_.insert(begun_records_.end(), part.records.begin(), part.records.end());
  if (!part.checkpoint.empty()) begun_heads_.push_back({begun_tree_.size(), begun_tree_.root()});
  return {};
}

Result<void> Replica::add_leaf(const Hash32& leaf) {
  begun_tree_.append(leaf);
  if (begun_tree_.size() == cosigned_.size && begun_tree_.root() != cosigned_.root) return forked(cosigned_.size);
  return {};
}

Result<Checkpoint> Replica::open_head(std::string_view checkpoint) const {
  auto opened = journal::open_checkpoint(checkpoint, std::span(&log_, 1));
  if (opened) return opened;
  const bool malformed = opened.error().code == "checkpoint_malformed";
  return corruption(malformed ? "journal_malformed" : "journal_not_signed", opened.error().text);
}

// The signature over the last head covers all that came with it.
Result<void> Replica::keep(std::string_view checkpoint, const journal::RecordVisitor& visit) {
  const auto signed_head = open_head(checkpoint);
  if (!signed_head) return Failure(signed_head.error());
  if (signed_head->size != begun_tree_.size()) {
    return corruption("journal_malformed", fmt::format("{} records came with a head of {}", begun_tree_.size(), signed_head->size));
  }
  if (signed_head->root != begun_tree_.root()) return forked(signed_head->size);
  if (begun_count_ == 0) return hear(checkpoint);
  const std::uint64_t first = tree_.size();
  const auto stored = storage_.append({.first_index = first,
                                       .count = begun_count_,
                                       .records = begun_records_,
                                       .root = signed_head->root,
                                       .checkpoint = checkpoint});
  if (!stored) return stored;
  tree_ = begun_tree_;
  checkpoint_ = checkpoint;
  announced_ = std::max(announced_, tree_.size());
  for (const TreeHead& head : begun_heads_) remember(head);
  std::uint64_t index = first;
  journal::RecordReader reader(begun_records_);
  while (const auto record = reader.next()) {
    if (auto seen = visit(index++, *record); !seen) return seen;
  }
  return {};
}

Result<void> Replica::hear(std::string_view checkpoint) {
  const auto signed_head = open_head(checkpoint);
  if (!signed_head) return Failure(signed_head.error());
  const TreeHead head{signed_head->size, signed_head->root};
  if (head.size < std::max(tree_.size(), cosigned_.size)) {
    return corruption("journal_rolled_back", fmt::format("holdfastd's journal has {} records; this signer has seen {}", head.size,
                                                         std::max(tree_.size(), cosigned_.size)));
  }
  if (head.size == cosigned_.size && head.root != cosigned_.root) return forked(head.size);
  if (place_of(head) == Place::forked) return forked(head.size);
  announced_ = std::max(announced_, head.size);
  return {};
}

Replica::Place Replica::place_of(const TreeHead& head) const {
  if (head.size > tree_.size()) return Place::ahead;
  if (head.size == 0) return head.root == journal::empty_root() ? Place::ours : Place::forked;
  const auto known = std::ranges::lower_bound(recent_, head.size, {}, &TreeHead::size);
  if (known == recent_.end() || known->size != head.size) return Place::too_old_to_tell;
  return known->root == head.root ? Place::ours : Place::forked;
}

void Replica::remember(const TreeHead& head) {
  recent_.push_back(head);
  if (recent_.size() > kHeadsRemembered) recent_.pop_front();
}

void Replica::drop_begun() {
  begun_tree_ = tree_;
  begun_records_.clear();
  begun_count_ = 0;
  begun_heads_.clear();
}

}  // namespace holdfast::signer
