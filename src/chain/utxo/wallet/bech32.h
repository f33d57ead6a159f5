// Bech32 (BIP 173) and bech32m (BIP 350), and the witness programs that segwit addresses write in them.
//
//   text := hrp '1' words checksum      hrp of 1 to 83 characters, words of 5 bits, 6 words of checksum, 90 in all
//   segwit := version word, then the program of 2 to 40 bytes in words; version 0 in bech32, 1 to 16 in bech32m
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::chain::utxo {

enum class Bech32Form : std::uint8_t { bech32, bech32m };
inline constexpr std::size_t kMaxBech32Text = 90;

struct Bech32 {
  std::string hrp;  // Lower case.
  Bytes words;      // Below 32 each, without the checksum.
  Bech32Form form = Bech32Form::bech32;
};
// All lower or all upper case. Refusals: `bech32_malformed`, `bech32_checksum`.
Result<Bech32> bech32_decode(std::string_view text);
// Precondition: words below 32, a lower-case hrp that with them keeps to kMaxBech32Text.
std::string bech32_encode(const Bech32& parts);

struct WitnessProgram {
  std::string hrp;
  unsigned version = 0;
  Bytes program;
};
// Refusals: those of bech32_decode; `bech32_malformed` too for padding, version or length; `bech32_checksum` too for the
// form that the version does not use.
Result<WitnessProgram> segwit_decode(std::string_view text);
// Precondition: version up to 16, a program of 2 to 40 bytes.
std::string segwit_encode(const WitnessProgram& witness);

}  // namespace holdfast::chain::utxo
