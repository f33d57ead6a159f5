// A descriptor's text as a form: which kind of output, of which keys. What descriptor.cc derives from.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "chain/utxo/wallet/descriptor_key.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::chain::utxo {

enum class OutputForm : std::uint8_t { pkh, wpkh, wsh, tr_key, tr_leaf, fixed };

struct DescriptorForm {
  OutputForm output = OutputForm::fixed;
  bool nested = false;  // In sh(...): of wpkh and wsh.
  bool sorted = false;  // sortedmulti, sortedmulti_a
  unsigned threshold = 0;
  std::optional<DescriptorKey> internal;  // tr_leaf: of the key path.
  std::vector<DescriptorKey> keys;
  Bytes script;      // fixed: addr(...) and raw(...)
  std::string text;  // Canonical, without its checksum.

  std::size_t branches() const;
  bool ranged() const;
};

inline constexpr std::size_t kMaxDescriptorText = 64 * 1024;

// `body` is what stands in front of '#'. Refusals: those of Descriptor::parse.
Result<DescriptorForm> parse_form(std::string_view body, const Network& network);

}  // namespace holdfast::chain::utxo
