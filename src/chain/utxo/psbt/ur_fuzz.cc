// Texts, one a line, go into one decoder: it never falls over, and what it completes has the parts that it was told of.
#include "base/check.h"
#include "chain/utxo/psbt/ur.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

using namespace holdfast;
using namespace holdfast::chain::utxo;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest = as_text(ByteView(data, size));
  UrDecoder decoder;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const auto received = decoder.receive(line);
    HF_CHECK(received || received.error().kind == ErrorKind::refusal);
  }
  if (decoder.complete()) {
    const Bytes cbor = decoder.cbor();
    UrDecoder again;
    for (const std::string& text : encode_ur(decoder.type(), cbor, 50, 0)) HF_CHECK(again.receive(text));
    HF_CHECK(again.complete() && again.cbor() == cbor);
  }
  const auto psbt = psbt_of_cbor(ByteView(data, size));
  if (psbt) HF_CHECK(std::ranges::equal(cbor_of_psbt(*psbt), ByteView(data, size)));
  return 0;
}
