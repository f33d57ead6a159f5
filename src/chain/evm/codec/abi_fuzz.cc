// The canonical decoders take one form only; the reader never leaves its input.
#include "base/check.h"
#include "chain/evm/codec/abi.h"
#include "chain/evm/codec/contracts.h"
#include "chain/evm/codec/erc20.h"

#include <cstddef>
#include <cstdint>

using namespace holdfast;
using namespace holdfast::chain::evm;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  if (const auto call = decode_flush(input)) HF_CHECK(std::ranges::equal(encode_flush(*call), input));
  if (const auto call = decode_evacuation(input)) HF_CHECK(std::ranges::equal(encode_evacuation(*call), input));
  if (const auto call = decode_guard_freeze(input)) HF_CHECK(std::ranges::equal(encode_guard_freeze(*call), input));
  if (const auto call = decode_transfer(input)) HF_CHECK(std::ranges::equal(encode_transfer(*call), input));
  if (const auto call = read_evacuation(input)) HF_CHECK(call->signature.size() <= input.size());
  const AbiReader reader(input);
  for (std::size_t slot = 0; slot < 4; ++slot) {
    if (const auto bytes = reader.bytes(slot)) HF_CHECK(bytes->size() <= input.size());
    if (const auto words = reader.words(slot)) HF_CHECK(words->size() * Word::kSize <= input.size());
  }
  return 0;
}
