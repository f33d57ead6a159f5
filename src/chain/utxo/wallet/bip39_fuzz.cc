// Words that are accepted are the words of their entropy, but for blanks; entropy comes back from its words.
#include "base/check.h"
#include "chain/utxo/wallet/bip39.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace {

using namespace holdfast;
using namespace holdfast::chain::utxo;

bool same_but_for_blanks(ByteView a, ByteView b) {
  const auto letters = [](ByteView text) {
    Bytes out;
    std::ranges::copy_if(text, std::back_inserter(out), [](auto c) { return c != ' '; });
    return out;
  };
  return letters(a) == letters(b);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Secret input = Secret::copy_of({data, size});
  const auto entropy = entropy_of_words(input);
  if (entropy) {
    const auto words = words_of_entropy(*entropy);
    HF_CHECK(words && same_but_for_blanks(words->reveal(), input.reveal()));
  }
  const auto words = words_of_entropy(input);
  if (words) HF_CHECK(entropy_of_words(*words)->equals_in_constant_time(input));
  return 0;
}
