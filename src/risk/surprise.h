// How far a series of numbers goes beyond what it was: a detector for one series, number by number, without a model to train.
//
// Three things are looked at: the number, the mean of the last 10, and the mean of the last 80. Usual is what lies between the least
// and the greatest of 6,000 before. What lies outside by more than a margin (1/100 of the median) surprises, by the way from the
// usual as a share of the usual's own width (plus 1/20 of the median, plus `unit`). The greatest of the three counts.
//
//   a series that stands still    its width is 0, but the margin and `unit` are not: a little more is no news
//   the first numbers             say nothing: 60 have to be there
//   a storm is told once          for 120 numbers after one that was told, only what surprises three times as much is told
//   a second burst is news, too   what surprises is learned as no further out than one width: one burst does not widen the usual to
//                                 its own height. What lasts is learned all the same, the usual growing by its width at each number
//   what creeps is not learned    a mean is learned as many numbers later as it is of: what it is held against has no part of it
//
// Whole numbers alone, so all machines tell the same. A series takes 300 kB. It sees no hour of the day: for that is rhythm.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace holdfast::risk {

inline constexpr std::int64_t kSurpriseValueMax = std::int64_t{1} << 53;
inline constexpr std::size_t kSurpriseMemory = 6'000;  // numbers
inline constexpr std::size_t kSurpriseWarmUp = 60;
inline constexpr std::int64_t kMillion = 1'000'000;

// The last numbers by size and by age.
class Past {
 public:
  void add(std::int64_t value);
  std::size_t size() const { return sorted_.size(); }
  std::int64_t at(std::size_t place) const { return sorted_[place]; }  // by size

 private:
  std::vector<std::int64_t> sorted_;
  std::vector<std::int64_t> ring_;  // by age
  std::size_t oldest_ = 0;
};

// The mean of the last `length`, rounded toward zero.
class RunningMean {
 public:
  explicit RunningMean(std::size_t length) : length_(length) {}
  std::int64_t add(std::int64_t value);

 private:
  std::size_t length_;
  std::deque<std::int64_t> last_;
  std::int64_t sum_ = 0;
};

class Surprise {
 public:
  // unit > 0: the least difference that anybody would care for.
  explicit Surprise(std::int64_t unit = 1);
  // How much the number surprises, in millionths of the usual's width; 0: not, or it belongs to a storm that was told.
  // Values beyond kSurpriseValueMax, on either side, count as that.
  std::int64_t add(std::int64_t value);

 private:
  // One of the three, and what is usual of it.
  struct View {
    Past past;
    std::deque<std::int64_t> waiting;  // Not learned yet: the last `lag`.
    std::size_t lag = 0;
    std::int64_t low = 0, high = 0, width = 0, margin = 0;
    void look(std::int64_t unit);  // Precondition: past.size() > 0
    std::int64_t surprise(std::int64_t value) const;
    void learn(std::int64_t value, bool known);
  };
  std::int64_t told(std::int64_t surprise);

  std::int64_t unit_;
  RunningMean few_, many_;
  std::array<View, 3> views_;
  std::int64_t storm_ = 0;  // What was told last.
  std::size_t since_told_ = 0;
};

}  // namespace holdfast::risk
