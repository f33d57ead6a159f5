#include "risk/rhythm.h"

#include "base/check.h"

#include <algorithm>
#include <array>

namespace holdfast::risk {
namespace {

std::int64_t hour_of(Instant at) {
  const std::int64_t hour = at.unix_ms / kMsPerHour;
  return at.unix_ms % kMsPerHour < 0 ? hour - 1 : hour;
}

// The lower one of the two in the middle of the first `size`.
template <class Number>
Number median(std::array<Number, kRhythmWeeks>& numbers, std::size_t size) {
  const auto end = numbers.begin() + static_cast<std::ptrdiff_t>(size);
  const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>((size - 1) / 2);
  std::nth_element(numbers.begin(), middle, end);
  return *middle;
}

}  // namespace

std::size_t Rhythm::place(std::int64_t hour) {
  const std::int64_t rest = hour % kHours;
  return static_cast<std::size_t>(rest < 0 ? rest + kHours : rest);
}

void Rhythm::add(Instant at, std::int64_t value) {
  const std::int64_t hour = hour_of(at);
  if (counts_.empty()) {
    counts_.resize(kHours);
    sums_.resize(kHours);
    first_ = newest_ = hour;
  }
  HF_CHECK(hour >= newest_);
  const std::size_t last = place(newest_);
  const std::int64_t steps = std::min(hour - newest_, kHours);
  for (std::int64_t step = 0; step < steps; ++step) {
    const std::size_t next = place(hour - step);
    counts_[next] = counts_[last];
    sums_[next] = sums_[last];
  }
  newest_ = hour;
  ++counts_[place(hour)];
  sums_[place(hour)] += static_cast<Uint128>(value);
}

Rhythm::Total Rhythm::up_to_end_of(std::int64_t hour) const {
  if (hour < first_) return {};
  const std::size_t at = place(std::min(hour, newest_));
  return {counts_[at], sums_[at]};
}

Rhythm::Total Rhythm::before(Instant at) const {
  const std::int64_t hour = hour_of(at);
  const auto inside = static_cast<std::uint64_t>(at.unix_ms - hour * kMsPerHour);
  const Total before = up_to_end_of(hour - 1);
  const Total with = up_to_end_of(hour);
  return {before.count * kMsPerHour + (with.count - before.count) * inside, before.sum * kMsPerHour + (with.sum - before.sum) * inside};
}

Usual Rhythm::usual(Instant now, std::int64_t length_ms) const {
  HF_CHECK(0 < length_ms && length_ms <= kMaxRhythmMs);
  Usual out;
  if (counts_.empty()) return out;
  std::array<std::uint64_t, kRhythmWeeks> counts{};
  std::array<Uint128, kRhythmWeeks> sums{};
  for (std::int64_t week = 1; week <= kRhythmWeeks; ++week) {
    const Instant end = now + (1 - week * kMsPerWeek);  // A window holds what is of its last millisecond.
    const Instant begin = end + -length_ms;
    if (hour_of(begin) <= first_) break;
    const Total until = before(end);
    const Total from = before(begin);
    counts[out.weeks] = (until.count - from.count) / kMsPerHour;
    sums[out.weeks++] = (until.sum - from.sum) / kMsPerHour;
  }
  if (out.weeks == 0) return out;
  out.count = median(counts, out.weeks);
  out.sum = static_cast<Int128>(median(sums, out.weeks));
  return out;
}

}  // namespace holdfast::risk
