#include "api/rest/gate.h"

#include "base/check.h"

#include <algorithm>

namespace holdfast::api {

using E = EdgeProblem;

NonceMemory::Verdict NonceMemory::admit(std::int64_t created_s, std::string_view nonce) {
  HF_CHECK(created_s >= floor_);
  const auto place = static_cast<std::size_t>(created_s - floor_);
  if (place >= seconds_.size()) seconds_.resize(place + 1);
  if (seconds_[place].contains(std::string(nonce))) return Verdict::replayed;
  if (count_ >= bound_) return Verdict::full;
  seconds_[place].emplace(nonce);
  ++count_;
  return Verdict::fresh;
}

void NonceMemory::forget_before(std::int64_t second) {
  while (floor_ < second && !seconds_.empty()) {
    count_ -= seconds_.front().size();
    seconds_.pop_front();
    ++floor_;
  }
  floor_ = std::max(floor_, second);
}

Gate::Gate(const std::vector<ApiKey>& keys, Instant start, std::size_t nonces_per_key) {
  for (const ApiKey& key : keys) {
    const auto [_, added] =
        keys_.emplace(key.id, std::make_unique<Known>(key, start.unix_ms / kMsPerSecond, nonces_per_key));
    HF_CHECK(added);
  }
}

Answer<const ApiKey*> Gate::admit(const RequestHead& head, Instant now) {
  const auto claim = read_signature(head);
  if (!claim) return std::unexpected(claim.error());
  const auto found = keys_.find(claim->key_id);
  if (found == keys_.end()) return refused(E::signature_key_unknown);
  Known& known = *found->second;

  const std::int64_t now_s = now.unix_ms / kMsPerSecond;
  const bool near = claim->created_s >= now_s - kSignatureWindowS && claim->created_s <= now_s + kSignatureWindowS;
  if (!near) return refused(E::signature_expired);
  if (!verify(*claim, known.key.key)) return refused(E::signature_wrong);

  const std::lock_guard lock(known.mutex);
  known.nonces.forget_before(now_s - kSignatureWindowS);
  // Older than the start, or the clock was set back: whether it was seen before is no longer known.
  if (claim->created_s < known.nonces.floor()) return refused(E::signature_expired);
  switch (known.nonces.admit(claim->created_s, claim->nonce)) {
    case NonceMemory::Verdict::fresh:
      return &known.key;
    case NonceMemory::Verdict::replayed:
      return refused(E::request_replayed);
    case NonceMemory::Verdict::full:
      return refused(E::too_many_requests);
  }
  return refused(E::internal);
}

}  // namespace holdfast::api
