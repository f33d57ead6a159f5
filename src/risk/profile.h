// What is usual for a key: the median of its values and the median distance from it (MAD), out of counts in buckets.
//
// A bucket's width is a 64th of the power of two below it, and stands for its middle: a value and what stands for it differ
// by less than one part in 128. So the median is that of the exact values, each moved by less than 1/128 of itself; the
// MAD likewise of distances that are off by less than (value + median) / 128. Values up to 64 are exact.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace holdfast::risk {

class Profile {
 public:
  // Precondition: value >= 0; what is taken out was put in.
  void add(std::int64_t value);
  void remove(std::int64_t value);

  std::uint64_t count() const { return count_; }
  // Precondition: count() > 0. Of an even count the lower one of the two in the middle.
  std::int64_t median() const;
  std::int64_t median_distance() const;  // MAD.

  std::size_t bytes() const { return buckets_.capacity() * sizeof(buckets_[0]); }

 private:
  struct Bucket {
    std::uint16_t number;
    std::uint32_t count;
  };
  std::vector<Bucket> buckets_;  // By number, none empty.
  std::uint64_t count_ = 0;
};

}  // namespace holdfast::risk
