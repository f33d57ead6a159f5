// One KEY of a descriptor: parsed, and derived as far as its index, so that each output costs one step of BIP 32 a key.
//
//   KEY  := [ '[' fingerprint ( '/' NUM [h] )* ']' ] ( hex | xpub ( '/' NUM | '/' tuple )* [ '/*' ] )
//   tuple := '<' NUM ( ';' NUM )+ '>'      one at most, no NUM in it twice
#pragma once

#include "base/result.h"
#include "chain/utxo/wallet/bip32.h"
#include "chain/utxo/wallet/descriptor.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::chain::utxo {

// Bounds what a hostile text can make us derive.
inline constexpr std::size_t kMaxStepsOfKey = 16;
inline constexpr std::size_t kMaxBranches = 8;

struct DescriptorKey {
  std::string text;  // Canonical.
  Fingerprint master;
  bool extended = false;
  bool ranged = false;
  bool unspendable = false;  // BIP 341's point, or an xpub of it: nobody has the private key of what comes of it.
  // One for each branch; one only when there is no tuple. A hex key is its own.
  std::vector<ExtendedPublicKey> parents;
  std::vector<KeyPath> paths;  // From the master to these.

  std::size_t branches() const { return parents.size(); }
  // Without a tuple the key is the same on each branch. Precondition: branch < branches() or branches() == 1.
  Result<KeyOrigin> derive(std::uint32_t branch, std::uint32_t index) const;
};

// Where a key stands decides how it may be written: x-only in Taproot alone.
enum class KeyPlace : std::uint8_t { ecdsa, taproot };

// Refusals: `descriptor_malformed`, `descriptor_unsupported` (hardened steps, uncompressed keys, musig), `descriptor_private`,
// `extended_key_malformed`, `extended_key_of_another_network`, `key_invalid`.
Result<DescriptorKey> parse_key(std::string_view text, KeyPlace place, const Network& network);

}  // namespace holdfast::chain::utxo
