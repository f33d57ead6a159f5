#include "base/secret.h"

#include "base/check.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>
#include <vector>

namespace holdfast {

namespace {

// Hands out pieces of locked memory, for any thread. What is given back is wiped, and never leaves the process again.
class Arena {
 public:
  static constexpr std::size_t kCanary = 16;
  static constexpr std::size_t kSlot = 128;
  static constexpr std::size_t kLargest = kSlot - kCanary;

  // Never destroyed: secrets may be among what outlives everything else.
  static Arena& instance() {
    static Arena& arena = *new Arena;
    return arena;
  }

  std::uint8_t* take(std::size_t size) {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) grow();
    std::uint8_t* const slot = free_.back();
    free_.pop_back();
    std::copy(canary_.begin(), canary_.end(), slot + size);
    return slot;
  }

  void give_back(std::uint8_t* slot, std::size_t size) {
    HF_CHECK(sodium_memcmp(slot + size, canary_.data(), kCanary) == 0);
    sodium_memzero(slot, kSlot);
    const std::lock_guard lock(mutex_);
    free_.push_back(slot);
  }

 private:
  static constexpr std::size_t kSlots = 128;  // Four pages at a time.

  Arena() {
    HF_CHECK(sodium_init() >= 0);
    randombytes_buf(canary_.data(), canary_.size());
  }

  void grow() {
    auto* const slab = static_cast<std::uint8_t*>(sodium_malloc(kSlots * kSlot));
    HF_CHECK(slab != nullptr);
    sodium_memzero(slab, kSlots * kSlot);
    for (std::size_t i = 0; i < kSlots; ++i) free_.push_back(slab + i * kSlot);
  }

  std::array<std::uint8_t, kCanary> canary_{};
  std::mutex mutex_;
  std::vector<std::uint8_t*> free_;
};

}  // namespace

Secret::Secret(std::size_t size) : size_(size) {
  HF_CHECK(sodium_init() >= 0);
  if (size == 0) return;
  if (size <= Arena::kLargest) {
    data_ = Arena::instance().take(size);
    return;
  }
  data_ = static_cast<std::uint8_t*>(sodium_malloc(size));
  HF_CHECK(data_ != nullptr);
  sodium_memzero(data_, size);
}

Secret Secret::copy_of(ByteView bytes) {
  Secret out(bytes.size());
  std::copy(bytes.begin(), bytes.end(), out.data_);
  return out;
}

Secret::~Secret() {
  if (data_ != nullptr && size_ <= Arena::kLargest) {
    Arena::instance().give_back(data_, size_);
  } else {
    sodium_free(data_);  // It wipes.
  }
}

Secret::Secret(Secret&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

bool Secret::equals_in_constant_time(const Secret& other) const {
  return size_ == other.size_ && (size_ == 0 || sodium_memcmp(data_, other.data_, size_) == 0);
}

void wipe(void* memory, std::size_t size) { sodium_memzero(memory, size); }

}  // namespace holdfast
