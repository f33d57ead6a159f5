// Decodes anything: what it takes, it writes again in the same bytes.
#include "base/check.h"
#include "signer/backup.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const holdfast::ByteView bytes(data, size);
  const auto decoded = holdfast::signer::decode_backup(bytes);
  if (decoded) HF_CHECK(std::ranges::equal(encode(*decoded), bytes));
  return 0;
}
