// Fuzzes the records of a block: whatever is read must be written again as the very same bytes.
#include "base/check.h"
#include "journal/block.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  using namespace holdfast::journal;
  if (size > kMaxBlockBytes / 2) return 0;

  Batch batch;
  RecordReader reader({data, size});
  while (const auto record = reader.next()) batch.add(*record);
  const ByteView written = batch.records();
  HF_CHECK(written.size() <= size && std::equal(written.begin(), written.end(), data));
  HF_CHECK(reader.malformed() == (written.size() < size));
  return 0;
}
