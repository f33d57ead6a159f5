// The Solidity ABI's coding of arguments: a head of 32-byte words, in which dynamic values are offsets into a tail.
//
// Only what Holdfast calls is here: words, addresses, bytes, address[] and bytes32[].
#pragma once

#include "base/amount.h"
#include "base/bytes.h"
#include "base/result.h"
#include "chain/evm/codec/address.h"
#include "chain/evm/codec/word.h"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace holdfast::chain::evm {

using Selector = FixedBytes<4>;

// The first four bytes of the hash of "transfer(address,uint256)".
Selector selector_of(std::string_view signature);

// The calldata begins with this selector.
bool has_selector(ByteView calldata, const Selector& selector);

// Writes arguments in order, canonically: tails in the order of their heads, without gaps, padding zero.
class AbiWriter {
 public:
  AbiWriter& word(const Word& value);
  AbiWriter& number(std::uint64_t value) { return word(word_of(value)); }
  AbiWriter& amount(Amount value) { return word(value.to_word()); }
  AbiWriter& address(const Address20& value) { return word(address_word(value)); }
  AbiWriter& bytes(ByteView value);
  AbiWriter& addresses(const std::vector<Address20>& values);
  AbiWriter& words(const std::vector<Word>& values);
  Bytes finish(const Selector& selector) const;
  Bytes finish() const;  // Arguments only: what abi.encode makes, and what EIP-712 hashes.

 private:
  AbiWriter& dynamic(Bytes tail);

  struct Slot {
    Word word;
    Bytes tail;
    bool is_dynamic = false;
  };
  std::vector<Slot> slots_;
};

// Reads arguments as the EVM itself would: by following offsets, within bounds. It accepts more than AbiWriter writes
// (gaps, overlaps, dirty padding); where only the canonical form will do, encode again and compare.
// Refusals: `abi_truncated`, `abi_number_too_large`, `abi_dirty_address`.
class AbiReader {
 public:
  static constexpr std::size_t kMaxElements = 4096;

  explicit AbiReader(ByteView arguments) : arguments_(arguments) {}
  Result<Word> word(std::size_t slot) const;
  Result<std::uint64_t> number(std::size_t slot) const;
  Result<Amount> amount(std::size_t slot) const;
  Result<Address20> address(std::size_t slot) const;  // Upper bytes must be zero.
  Result<ByteView> bytes(std::size_t slot) const;     // Borrows the input.
  Result<std::vector<Address20>> addresses(std::size_t slot) const;
  Result<std::vector<Word>> words(std::size_t slot) const;

 private:
  struct Span {
    std::size_t offset;  // Of the first byte behind the length.
    std::size_t length;
  };
  Result<Span> dynamic(std::size_t slot) const;
  Result<Word> word_at(std::size_t offset) const;

  ByteView arguments_;
};

}  // namespace holdfast::chain::evm
