// RLP, Ethereum's nesting of byte strings (Yellow Paper, appendix B).
//
//   item   = string | list
//   string = %x00-7f                              itself
//          / (%x80 + n) n*n OCTET                 n <= 55; one byte below 0x80 must not be written so
//          / (%xb7 + l) l*l OCTET n*n OCTET       n > 55, written big-endian without leading zeroes
//   list   = (%xc0 + n) *item / (%xf7 + l) ...    the same, n being the size of all items
//
// The decoder takes only the one canonical form of each value, so that encode(decode(x)) == x.
#pragma once

#include "base/amount.h"
#include "base/bytes.h"
#include "base/result.h"

#include <cstdint>
#include <vector>

namespace holdfast::chain::evm {

inline constexpr std::size_t kRlpMaxDepth = 16;
inline constexpr std::size_t kRlpMaxItems = 1024;

// A decoded item. Strings borrow the input, which has to live as long.
struct RlpItem {
  bool is_list = false;
  ByteView string;             // Only of a string.
  std::vector<RlpItem> items;  // Only of a list.
};

// Refusals: `rlp_truncated`, `rlp_not_canonical`, `rlp_trailing_bytes`, `rlp_too_deep`, `rlp_too_many_items`.
Result<RlpItem> decode_rlp(ByteView input);

// Numbers are strings without leading zeroes. Refusals: `rlp_not_a_number`, `rlp_number_too_large`.
Result<std::uint64_t> rlp_uint64(const RlpItem& item);
Result<Amount> rlp_amount(const RlpItem& item);

// Each appends one item to `out`.
void append_rlp_string(Bytes& out, ByteView string);
void append_rlp_uint64(Bytes& out, std::uint64_t number);
void append_rlp_amount(Bytes& out, Amount amount);
void append_rlp_list(Bytes& out, ByteView encoded_items);

}  // namespace holdfast::chain::evm
