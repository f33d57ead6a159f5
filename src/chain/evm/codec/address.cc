#include "chain/evm/codec/address.h"

#include "base/eip55.h"
#include "base/hex.h"

#include <algorithm>

namespace holdfast::chain::evm {

namespace {

constexpr std::size_t kWordFront = Word::kSize - Address20::kSize;

bool is_lower(char c) { return c >= 'a' && c <= 'f'; }
bool is_upper(char c) { return c >= 'A' && c <= 'F'; }

}  // namespace

std::string to_checksum_text(const Address20& address) { return to_eip55(address); }

Result<Address20> parse_address(std::string_view text) {
  if (!text.starts_with("0x")) return refuse("address_malformed", "an address begins with 0x");
  const auto address = fixed_from_hex<Address20::kSize>(text);
  if (!address) return refuse("address_malformed", "an address is 0x and 40 hexadecimal digits");
  const std::string_view digits = text.substr(2);
  const bool mixed = std::ranges::any_of(digits, is_lower) && std::ranges::any_of(digits, is_upper);
  if (mixed && to_checksum_text(*address) != text) return refuse("address_checksum", "the address is mistyped");
  return *address;
}

Word address_word(const Address20& address) {
  Word out;
  std::copy(address.bytes.begin(), address.bytes.end(), out.bytes.begin() + kWordFront);
  return out;
}

std::optional<Address20> address_of_word(const Word& word) {
  const bool clean = std::all_of(word.bytes.begin(), word.bytes.begin() + kWordFront, [](auto b) { return b == 0; });
  if (!clean) return std::nullopt;
  return Address20::from(word.view().subspan(kWordFront));
}

custody::Address to_custody(const Address20& address) { return custody::Address(address.view()); }

std::optional<Address20> from_custody(const custody::Address& address) {
  if (address.view().size() != Address20::kSize) return std::nullopt;
  return Address20::from(address.view());
}

}  // namespace holdfast::chain::evm
