// clientDataJSON from anywhere: read within its bounds or refused.
#include "base/check.h"
#include "identity/client_data.h"
#include "identity/proof.h"

#include <cstddef>
#include <cstdint>

using namespace holdfast;
using namespace holdfast::identity;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = read_client_data(ByteView(data, size));
  if (!read) return 0;
  HF_CHECK(size <= kMaxClientData);
  HF_CHECK(read->type.size() + read->challenge.size() + read->origin.size() <= size);
  return 0;
}
