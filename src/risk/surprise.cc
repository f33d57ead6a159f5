#include "risk/surprise.h"

#include "base/amount.h"
#include "base/check.h"

#include <algorithm>

namespace holdfast::risk {
namespace {

constexpr std::size_t kFew = 10;
constexpr std::size_t kMany = 80;
constexpr std::int64_t kMarginPart = 100;  // of the median
constexpr std::int64_t kLeastPart = 20;    // Of the median: added to the width.
constexpr std::size_t kStorm = 120;
constexpr std::int64_t kAboveStorm = 3;

}  // namespace

void Past::add(std::int64_t value) {
  if (ring_.size() < kSurpriseMemory) {
    ring_.push_back(value);
    sorted_.insert(std::ranges::lower_bound(sorted_, value), value);
    return;
  }
  // The oldest one's place is taken: only what lies between the two moves.
  const auto from = std::ranges::lower_bound(sorted_, ring_[oldest_]);
  const auto to = std::ranges::lower_bound(sorted_, value);
  if (from < to) {
    std::move(from + 1, to, from);
    *(to - 1) = value;
  } else {
    std::move_backward(to, from, from + 1);
    *to = value;
  }
  ring_[oldest_] = value;
  oldest_ = (oldest_ + 1) % ring_.size();
}

std::int64_t RunningMean::add(std::int64_t value) {
  last_.push_back(value);
  sum_ += value;
  if (last_.size() > length_) {
    sum_ -= last_.front();
    last_.pop_front();
  }
  return sum_ / static_cast<std::int64_t>(last_.size());
}

void Surprise::View::look(std::int64_t unit) {
  const std::int64_t median = past.at(past.size() / 2);
  const std::int64_t level = median < 0 ? -median : median;
  low = past.at(0);
  high = past.at(past.size() - 1);
  margin = level / kMarginPart;
  width = high - low + level / kLeastPart + unit;
}

std::int64_t Surprise::View::surprise(std::int64_t value) const {
  const std::int64_t beyond = std::max(value - high, low - value) - margin;
  if (beyond <= 0) return 0;
  const Int128 share = Int128{beyond} * kMillion / width;
  return static_cast<std::int64_t>(std::min(share, Int128{kSurpriseValueMax}));
}

void Surprise::View::learn(std::int64_t value, bool known) {
  waiting.push_back(known ? std::clamp(value, low - width, high + width) : value);
  if (waiting.size() <= lag) return;
  past.add(waiting.front());
  waiting.pop_front();
}

Surprise::Surprise(std::int64_t unit) : unit_(unit), few_(kFew), many_(kMany) {
  HF_CHECK(unit > 0);
  views_[1].lag = kFew;
  views_[2].lag = kMany;
}

std::int64_t Surprise::add(std::int64_t given) {
  const std::int64_t value = std::clamp(given, -kSurpriseValueMax, kSurpriseValueMax);
  const std::array seen = {value, few_.add(value), many_.add(value)};
  std::int64_t surprise = 0;
  for (std::size_t i = 0; i < views_.size(); ++i) {
    View& view = views_[i];
    const bool known = view.past.size() >= kSurpriseWarmUp;
    if (known) {
      view.look(unit_);
      surprise = std::max(surprise, view.surprise(seen[i]));
    }
    view.learn(seen[i], known);
  }
  return told(surprise);
}

std::int64_t Surprise::told(std::int64_t surprise) {
  const bool in_storm = storm_ != 0 && since_told_ < kStorm;
  ++since_told_;
  if (surprise == 0 || (in_storm && surprise / kAboveStorm <= storm_)) return 0;
  storm_ = surprise;
  since_told_ = 0;
  return surprise;
}

}  // namespace holdfast::risk
