// The 2048 English words of BIP 39, sorted.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace holdfast::chain::utxo {

inline constexpr std::size_t kBip39Words = 2048;
const std::array<std::string_view, kBip39Words>& bip39_words();

}  // namespace holdfast::chain::utxo
