#include "risk/profile.h"

#include "base/check.h"

#include <algorithm>
#include <bit>

namespace holdfast::risk {
namespace {

constexpr int kFineBits = 6;
constexpr std::uint64_t kExact = 1U << kFineBits;  // Below it each value has its own bucket.

std::uint16_t bucket_of(std::int64_t value) {
  const auto v = static_cast<std::uint64_t>(value);
  if (v < kExact) return static_cast<std::uint16_t>(v);
  const int shift = static_cast<int>(std::bit_width(v)) - 1 - kFineBits;
  return static_cast<std::uint16_t>(static_cast<std::uint64_t>(shift + 1) * kExact + (v >> shift) - kExact);
}

std::int64_t middle_of(std::uint16_t bucket) {
  if (bucket < kExact) return bucket;
  const int shift = static_cast<int>(bucket / kExact) - 1;
  const std::uint64_t low = (kExact + bucket % kExact) << shift;
  return static_cast<std::int64_t>(low + ((std::uint64_t{1} << shift) - 1) / 2);
}

}  // namespace

void Profile::add(std::int64_t value) {
  HF_CHECK(value >= 0);
  const std::uint16_t number = bucket_of(value);
  const auto at = std::ranges::lower_bound(buckets_, number, {}, &Bucket::number);
  if (at != buckets_.end() && at->number == number) {
    ++at->count;
  } else {
    buckets_.insert(at, {number, 1});
  }
  ++count_;
}

void Profile::remove(std::int64_t value) {
  const auto at = std::ranges::lower_bound(buckets_, bucket_of(value), {}, &Bucket::number);
  HF_CHECK(at != buckets_.end() && at->number == bucket_of(value));
  if (--at->count == 0) buckets_.erase(at);
  --count_;
}

std::int64_t Profile::median() const {
  HF_CHECK(count_ > 0);
  std::uint64_t below = 0;
  for (const Bucket& bucket : buckets_) {
    below += bucket.count;
    if (2 * below >= count_) return middle_of(bucket.number);
  }
  HF_CHECK(false);
  return 0;
}

// From the median outward on both sides at once: the nearer bucket first.
std::int64_t Profile::median_distance() const {
  const std::int64_t center = median();
  auto right = std::ranges::lower_bound(buckets_, bucket_of(center), {}, &Bucket::number);
  auto left = right;  // what is left of it comes next
  std::uint64_t within = 0;
  while (true) {
    const bool has_left = left != buckets_.begin();
    const bool has_right = right != buckets_.end();
    HF_CHECK(has_left || has_right);
    const std::int64_t to_left = has_left ? center - middle_of((left - 1)->number) : INT64_MAX;
    const std::int64_t to_right = has_right ? middle_of(right->number) - center : INT64_MAX;
    within += to_right <= to_left ? (right++)->count : (--left)->count;
    if (2 * within >= count_) return std::min(to_left, to_right);
  }
}

}  // namespace holdfast::risk
