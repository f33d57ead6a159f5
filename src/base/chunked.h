// A vector that grows by whole chunks and moves none that is full, so the millionth thing is added as quickly as the first, and no
// commit waits while a table of all withdrawals is copied to a larger place.
#pragma once

#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

namespace holdfast {

template <class T>
class Chunked {
 public:
  using value_type = T;

  class Iterator {
   public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::forward_iterator_tag;
    using pointer = const T*;
    using reference = const T&;

    Iterator() = default;
    Iterator(const Chunked& of, std::size_t place) : of_(&of), place_(place) {}
    reference operator*() const { return (*of_)[place_]; }
    pointer operator->() const { return &(*of_)[place_]; }
    Iterator& operator++() { return ++place_, *this; }
    Iterator operator++(int) { return {*of_, place_++}; }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const Chunked* of_ = nullptr;
    std::size_t place_ = 0;
  };

  const T& operator[](std::size_t place) const { return chunks_[place / kChunk][place % kChunk]; }
  T& operator[](std::size_t place) { return chunks_[place / kChunk][place % kChunk]; }
  std::size_t size() const { return size_; }

  void push_back(T thing) {
    if (size_ % kChunk == 0) begin_chunk();
    chunks_.back().push_back(std::move(thing));
    ++size_;
  }

  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size_}; }
  friend bool operator==(const Chunked&, const Chunked&) = default;

 private:
  static constexpr std::size_t kChunk = 8192;

  // The first one grows as it needs to: most tables are small.
  void begin_chunk() {
    chunks_.emplace_back();
    if (size_ > 0) chunks_.back().reserve(kChunk);
  }

  std::vector<std::vector<T>> chunks_;  // All but the last are full.
  std::size_t size_ = 0;
};

}  // namespace holdfast
