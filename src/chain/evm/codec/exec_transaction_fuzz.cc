// Strangers' Safe calls: whatever is read survives coding, and a canonical call has one form.
#include "base/check.h"
#include "chain/evm/codec/safe.h"

#include <cstddef>
#include <cstdint>

using namespace holdfast;
using namespace holdfast::chain::evm;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  const auto call = read_exec_transaction(input);
  const auto canonical = decode_exec_transaction(input);
  HF_CHECK(call || !canonical);
  if (!call) return 0;
  const Bytes encoded = encode_exec_transaction(*call);
  const auto again = decode_exec_transaction(encoded);
  HF_CHECK(again && *again == *call);
  HF_CHECK(canonical.has_value() == std::ranges::equal(encoded, input));
  const Hash32 hash = safe_transaction_hash(1, {}, call->transaction, 0);
  HF_CHECK(recover_owner_signatures(hash, call->signatures).size() * Signature::kSize <= call->signatures.size());
  return 0;
}
