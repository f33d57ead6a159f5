// Whatever RLP accepts, it would write the same.
#include "base/check.h"
#include "chain/evm/codec/rlp.h"

#include <cstddef>
#include <cstdint>

namespace {

using namespace holdfast;
using namespace holdfast::chain::evm;

void encode(Bytes& out, const RlpItem& item) {
  if (!item.is_list) return append_rlp_string(out, item.string);
  Bytes items;
  for (const RlpItem& child : item.items) encode(items, child);
  append_rlp_list(out, items);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  const auto item = decode_rlp(input);
  if (!item) return 0;
  Bytes again;
  encode(again, *item);
  HF_CHECK(std::ranges::equal(again, input));
  return 0;
}
