// Whatever a record decodes from is what it encodes to: there is one form only.
#include "base/check.h"
#include "engine/record.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const ByteView input(data, size);
  if (const auto event = engine::decode(input)) HF_CHECK(std::ranges::equal(engine::encode(*event), input));
  return 0;
}
