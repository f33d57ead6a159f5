// An extended public key or a path that is accepted is written again as the same, and its children derive.
#include "base/check.h"
#include "chain/utxo/wallet/bip32.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  using namespace holdfast::chain::utxo;
  const std::string_view text = as_text({data, size});
  const auto path = parse_path(text);
  if (path) {
    const auto again = parse_path(to_text(*path));
    HF_CHECK(again && *again == *path);
  }
  for (std::string_view name : {"bitcoin-main", "litecoin-test"}) {
    const Network& network = **network_by_name(name);
    const auto key = parse_xpub(text, network);
    if (!key) continue;
    HF_CHECK(to_text(*key, network) == text);
    const auto child = derive(*key, 7U);
    HF_CHECK(child.has_value() == (key->depth < 255));
  }
  return 0;
}
