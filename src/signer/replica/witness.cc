#include "signer/replica/witness.h"

#include <fmt/format.h>

#include <algorithm>

namespace holdfast::signer {
namespace {

constexpr std::int64_t kMaxAheadMs = 60 * kMsPerSecond;

}  // namespace

Result<void> Witnesses::hear(std::string_view text, const Replica& replica, Instant now) {
  const auto note = journal::Note::parse(text);
  const auto checkpoint = note ? journal::Checkpoint::from_text(note->text) : std::nullopt;
  if (!checkpoint) return corruption("journal_malformed", "a cosigned head that is none");
  if (checkpoint->origin != replica.log().name) return {};
  for (std::size_t i = 0; i < rules_.others.size(); ++i) {
    const auto seconds = journal::cosigned_at(*note, rules_.others[i]);
    if (!seconds || *seconds > static_cast<std::uint64_t>((now + kMaxAheadMs).unix_ms / kMsPerSecond)) continue;
    const Instant at{static_cast<std::int64_t>(*seconds) * kMsPerSecond};
    if (auto judged = judge(last_[i], {checkpoint->size, checkpoint->root}, at, replica); !judged) return judged;
  }
  return {};
}

Result<void> Witnesses::judge(Last& last, const TreeHead& head, Instant at, const Replica& replica) {
  switch (replica.place_of(head)) {
    case Replica::Place::ours:
      last.vouched = std::max(last.vouched, at);
      return {};
    case Replica::Place::ahead:
      if (at >= last.ahead_at) {
        last.ahead = head;
        last.ahead_at = at;
      }
      return {};
    case Replica::Place::forked:
      return corruption("journal_forked", fmt::format("a witness has cosigned another head of {} records than this signer has", head.size));
    case Replica::Place::too_old_to_tell:
      return {};
  }
  return {};
}

Result<void> Witnesses::catch_up(const Replica& replica) {
  for (Last& last : last_) {
    if (!last.ahead || last.ahead->size > replica.size()) continue;
    const TreeHead head = *last.ahead;
    last.ahead.reset();
    if (auto judged = judge(last, head, last.ahead_at, replica); !judged) return judged;
  }
  return {};
}

std::size_t Witnesses::fresh(Instant now) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(last_, [&](const Last& last) { return last.vouched.unix_ms > 0 && now - last.vouched <= rules_.max_age_ms; }));
}

std::vector<Instant> Witnesses::seen() const {
  std::vector<Instant> out;
  for (const Last& last : last_) out.push_back(last.vouched);
  return out;
}

}  // namespace holdfast::signer
