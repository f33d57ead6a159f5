// A line of hex is a script, the next a message, the rest a signature: judging it never falls over.
#include "base/check.h"
#include "base/hex.h"
#include "chain/utxo/psbt/bip322.h"

#include <cstddef>
#include <cstdint>

using namespace holdfast;
using namespace holdfast::chain::utxo;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(ByteView(data, size));
  const std::size_t first = text.find('\n');
  if (first == std::string_view::npos) return 0;
  const std::size_t second = text.find('\n', first + 1);
  if (second == std::string_view::npos) return 0;
  const auto script = from_hex(text.substr(0, first));
  if (!script) return 0;
  const std::string_view message = text.substr(first + 1, second - first - 1);
  const auto judged = bip322_verify(message, *script, text.substr(second + 1));
  HF_CHECK(judged || judged.error().kind == ErrorKind::refusal);
  return 0;
}
