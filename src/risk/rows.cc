#include "risk/rows.h"

#include "base/check.h"

#include <algorithm>

namespace holdfast::risk {

std::uint32_t Rows::push(Instant at, std::int64_t value) {
  HF_CHECK(size_ < std::size_t{1} << 31);
  const std::uint32_t row = oldest_ + static_cast<std::uint32_t>(size_);
  make_room(row);
  ++size_;
  std::uint64_t* all = words(row);
  all[0] = static_cast<std::uint64_t>(at.unix_ms);
  all[1] = static_cast<std::uint64_t>(value);
  return row;
}

void Rows::pop() {
  HF_CHECK(size_ > 0);
  const bool last_of_chunk = (oldest_ & (kChunkRows - 1)) == kChunkRows - 1;
  if (last_of_chunk) ring_[oldest_ >> kChunkBits & (ring_.size() - 1)].reset();
  ++oldest_;
  --size_;
}

void Rows::make_room(std::uint32_t row) {
  const auto chunks = static_cast<std::uint32_t>((row >> kChunkBits) - (oldest_ >> kChunkBits)) & (UINT32_MAX >> kChunkBits);
  if (chunks >= ring_.size()) {
    std::vector<std::unique_ptr<std::uint64_t[]>> larger(ring_.size() * 2);
    for (std::uint32_t i = 0; i < ring_.size(); ++i) {
      const std::uint32_t chunk = (oldest_ >> kChunkBits) + i;
      larger[chunk & (larger.size() - 1)] = std::move(ring_[chunk & (ring_.size() - 1)]);
    }
    ring_ = std::move(larger);
  }
  auto& place = ring_[row >> kChunkBits & (ring_.size() - 1)];
  if (!place) place = std::make_unique_for_overwrite<std::uint64_t[]>(kChunkRows * words_);
}

std::size_t Rows::bytes() const {
  const auto used = static_cast<std::size_t>(std::ranges::count_if(ring_, [](const auto& chunk) { return chunk != nullptr; }));
  return ring_.size() * sizeof(ring_[0]) + used * kChunkRows * words_ * sizeof(std::uint64_t);
}

}  // namespace holdfast::risk
