// A transaction that decodes encodes to the same bytes, so an id has one meaning.
#include "base/check.h"
#include "chain/utxo/codec/sighash.h"
#include "chain/utxo/codec/transaction.h"

#include <cstddef>
#include <cstdint>

using namespace holdfast;
using namespace holdfast::chain::utxo;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  const auto in_block = decode_transaction(input, {kMaxMoneyLitecoin, true});
  const auto alone = decode_transaction(input);
  HF_CHECK(in_block || !alone);  // A block holds whatever may come alone.
  if (!in_block) {
    HF_CHECK(in_block.error().kind == ErrorKind::refusal && !in_block.error().code.empty());
    return 0;
  }
  HF_CHECK(std::ranges::equal(encode(*in_block), input));
  const Bytes stripped = encode_without_witness(*in_block);
  HF_CHECK(weight_of(*in_block) == 3 * stripped.size() + size);
  HF_CHECK((txid_of(*in_block) == wtxid_of(*in_block)) == !in_block->has_witness());
  const std::vector<TxOut> spent(in_block->inputs.size(), TxOut{1, {0x51}});
  const SighashCache cache(*in_block, spent);
  HF_CHECK(cache.v0(0, {}) != *cache.taproot(0, 0x00, std::nullopt));
  return 0;
}
