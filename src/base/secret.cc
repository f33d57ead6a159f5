#include "base/secret.h"

#include "base/check.h"

#include <sodium.h>

#include <utility>

namespace holdfast {

Secret::Secret(std::size_t size) : size_(size) {
  HF_CHECK(sodium_init() >= 0);
  if (size == 0) return;
  data_ = static_cast<std::uint8_t*>(sodium_malloc(size));
  HF_CHECK(data_ != nullptr);
  sodium_memzero(data_, size);
}

Secret Secret::copy_of(ByteView bytes) {
  Secret out(bytes.size());
  std::copy(bytes.begin(), bytes.end(), out.data_);
  return out;
}

Secret::~Secret() { sodium_free(data_); }  // sodium_free wipes

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
