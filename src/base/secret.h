// Bytes that must not leak: keys, passphrases, seeds.
//
// A Secret cannot be printed, copied or compared with ==. Its memory is locked against swapping, kept out of core dumps where
// the kernel allows it, and wiped when it dies. It ends in a canary: whoever has written past a secret's end ends the program.
//
// Small ones (a key, a chain code, what is made on the way to them) lie together in locked memory that this process keeps,
// between pages that nobody may touch: mapping, locking and protecting pages for each of them costs a hundred times
// what is then computed with it. Large ones have such pages of their own.
#pragma once

#include "base/bytes.h"

#include <cstddef>

namespace holdfast {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::size_t size);          // zeroes
  static Secret copy_of(ByteView bytes);      // the caller still has to wipe the original
  ~Secret();
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  bool operator==(const Secret&) const = delete;

  // Handing these to anything that logs, stores or sends leaks the secret.
  ByteView reveal() const { return {data_, size_}; }
  std::uint8_t* mutable_data() { return data_; }
  std::size_t size() const { return size_; }
  bool equals_in_constant_time(const Secret& other) const;

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

// Overwrites memory in a way the compiler does not take out.
void wipe(void* memory, std::size_t size);

}  // namespace holdfast
