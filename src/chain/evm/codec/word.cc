#include "chain/evm/codec/word.h"

namespace holdfast::chain::evm {

namespace {
constexpr std::size_t kPrefix = Word::kSize - sizeof(std::uint64_t);
}

Word word_of(std::uint64_t number) {
  Word out;
  for (std::size_t i = Word::kSize; i > kPrefix; --i, number >>= 8) out.bytes[i - 1] = static_cast<std::uint8_t>(number);
  return out;
}

std::optional<std::uint64_t> uint64_of(const Word& word) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < Word::kSize; ++i) {
    if (i < kPrefix && word.bytes[i] != 0) return std::nullopt;
    number = number << 8 | word.bytes[i];
  }
  return number;
}

Amount saturating_amount(const Word& word) { return Amount::from_word(word).value_or(Amount::max()); }

}  // namespace holdfast::chain::evm
