// An address that is accepted stands for a script whose own address is accepted, too, and means the same.
#include "base/check.h"
#include "chain/utxo/wallet/address.h"
#include "chain/utxo/wallet/base58.h"
#include "chain/utxo/wallet/bech32.h"

#include <cstddef>
#include <cstdint>

namespace {

using namespace holdfast;
using namespace holdfast::chain::utxo;

void try_as_bech32(std::string_view text) {
  const auto parts = bech32_decode(text);
  if (!parts) return;
  const auto again = bech32_decode(bech32_encode(*parts));
  HF_CHECK(again && again->words == parts->words && again->hrp == parts->hrp && again->form == parts->form);
}

void try_as_base58(std::string_view text) {
  const auto bytes = base58_decode(text);
  if (bytes) HF_CHECK(base58_encode(*bytes) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  try_as_bech32(text);
  try_as_base58(text);
  for (const Network& network : networks()) {
    const auto script = script_of_address(network, text);
    if (!script) continue;
    const auto written = address_of_script(network, *script);
    HF_CHECK(written.has_value());
    const auto again = script_of_address(network, *written);
    HF_CHECK(again && *again == *script);
  }
  // And any bytes as a script: what has an address is what its address gives.
  const Network& bitcoin = networks()[0];
  const auto address = address_of_script(bitcoin, {data, size});
  if (address) {
    const auto script = script_of_address(bitcoin, *address);
    HF_CHECK(script && std::ranges::equal(*script, ByteView(data, size)));
  }
  return 0;
}
