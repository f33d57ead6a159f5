// A descriptor that is accepted says the same in its canonical text, and derives on each of its branches.
#include "base/check.h"
#include "chain/utxo/wallet/descriptor.h"

#include <cstddef>
#include <cstdint>

namespace {

using namespace holdfast;
using namespace holdfast::chain::utxo;

void try_on(const Network& network, std::string_view text) {
  const auto descriptor = Descriptor::parse(text, network);
  if (!descriptor) return;
  const std::string canonical = descriptor->to_text();
  const auto again = Descriptor::parse(canonical, network);
  HF_CHECK(again && again->to_text() == canonical);
  HF_CHECK(descriptor->threshold() <= descriptor->key_count());
  for (std::uint32_t branch = 0; branch < descriptor->branches(); ++branch) {
    const auto output = descriptor->derive(branch, 0);
    HF_CHECK(output && output->script_pubkey == again->derive(branch, 0)->script_pubkey);
    HF_CHECK(output->keys.size() == descriptor->key_count());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  // What is behind the last '#' rarely is a checksum that a fuzzer finds: the body alone goes in, too.
  for (std::string_view name : {"bitcoin-main", "litecoin-regtest"}) {
    const Network& network = **network_by_name(name);
    try_on(network, text);
    try_on(network, text.substr(0, text.find('#')));
  }
  return 0;
}
