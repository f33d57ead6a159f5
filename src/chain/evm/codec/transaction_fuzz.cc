// A transaction that decodes encodes to the same bytes, so a digest has one meaning.
#include "base/check.h"
#include "chain/evm/codec/transaction.h"

#include <cstddef>
#include <cstdint>

using namespace holdfast;
using namespace holdfast::chain::evm;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  const auto unsigned_one = decode_unsigned(input);
  if (unsigned_one) HF_CHECK(std::ranges::equal(encode_unsigned(*unsigned_one), input));
  const auto signed_one = decode_signed(input);
  if (!signed_one) return 0;
  HF_CHECK(!unsigned_one);
  HF_CHECK(std::ranges::equal(encode_signed(*signed_one), input));
  const auto sender = sender_of(*signed_one);
  HF_CHECK(sender || sender.error().kind == ErrorKind::refusal);
  return 0;
}
