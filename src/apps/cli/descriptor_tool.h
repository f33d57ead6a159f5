// Looks at output descriptors, without holdfastd and without a node: what one means, and which addresses come of it.
#pragma once

#include "apps/cli/session.h"
#include "chain/utxo/wallet/descriptor.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::cli {

struct DescriptorPlace {
  std::string text;   // The descriptor, or the name of a file that holds it.
  std::string chain;  // CAIP-2 ("bip122:000000000019d6689c085ae165831e93"), or "bitcoin-main", "litecoin-regtest", ...
  std::uint32_t branch = 0;
  std::string range = "0-9";  // Indices: "7", or "0-19".
};

struct IndexRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};
inline constexpr std::uint32_t kMaxRange = 10'000;

// Refuses `chain_unknown`: the text names those there are.
Result<const chain::utxo::Network*> find_network(const std::string& chain);
// Refuses `range_malformed`: also one of more than kMaxRange indices.
Result<IndexRange> parse_range(std::string_view text);
// The first of the text's lines that is not empty, of a file when there is one of that name.
// Errors: those of Descriptor::parse and find_network.
Result<chain::utxo::Descriptor> read_descriptor(const DescriptorPlace& place);

// "wsh(sortedmulti) 2 of 3", "wpkh"
std::string kind_of(const chain::utxo::Descriptor& descriptor);

// Prints what the descriptor is, with its checksum.
Result<void> check_descriptor(const Settings& settings, const DescriptorPlace& place);
// Prints addresses. Errors as above.
Result<void> derive_addresses(const Settings& settings, const DescriptorPlace& place);

}  // namespace holdfast::cli
