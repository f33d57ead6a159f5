// Memory of one evaluation: handed out piece by piece, never more than its limit, given back all at once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

namespace holdfast::policy::cel {

class Arena {
 public:
  explicit Arena(std::size_t limit) : limit_(limit) {}

  // Null when the limit is reached. Not initialised.
  template <class T>
  T* take(std::size_t count) {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= kAlignment);
    if (count > limit_ / sizeof(T)) return nullptr;
    return static_cast<T*>(take_bytes(count * sizeof(T)));
  }

  // All that was taken is void from now on. Keeps the last block, the largest as a rule: the next evaluation allocates little.
  void clear() {
    if (blocks_.size() > 1) blocks_.erase(blocks_.begin(), blocks_.end() - 1);
    at_ = 0;
    used_ = 0;
  }

  std::size_t used() const { return used_; }

 private:
  static constexpr std::size_t kAlignment = 16;
  static constexpr std::size_t kFirstBlock = 256;  // Each further one is twice as large: thousands of programs have one each.
  static constexpr std::size_t kLargestBlock = 64 * 1024;

  struct Block {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size = 0;
  };

  void* take_bytes(std::size_t size) {
    size = (size + kAlignment - 1) / kAlignment * kAlignment;
    if (size > limit_ - used_) return nullptr;
    if (blocks_.empty() || size > blocks_.back().size - at_) {
      const std::size_t next = blocks_.empty() ? kFirstBlock : std::min(blocks_.back().size * 2, kLargestBlock);
      const std::size_t wanted = std::max(size, next);
      blocks_.push_back({std::make_unique_for_overwrite<std::byte[]>(wanted), wanted});
      at_ = 0;
    }
    void* out = blocks_.back().bytes.get() + at_;
    at_ += size;
    used_ += size;
    return out;
  }

  std::size_t limit_;
  std::size_t used_ = 0;
  std::size_t at_ = 0;  // In the last block.
  std::vector<Block> blocks_;
};

}  // namespace holdfast::policy::cel
