// Hierarchical keys (BIP 32). Private derivation stays in Secrets; public derivation is what everybody else uses.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "chain/utxo/codec/signature.h"
#include "chain/utxo/wallet/network.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::chain::utxo {

inline constexpr std::uint32_t kHardened = 0x80000000;
using Fingerprint = FixedBytes<4>;
using KeyPath = std::vector<std::uint32_t>;

// "48'/1h/0" (with or without "m/"). Refuses `path_malformed`.
Result<KeyPath> parse_path(std::string_view text);
std::string to_text(const KeyPath& path);  // "48h/1h/0", no "m/"

struct ExtendedPublicKey {
  std::uint8_t depth = 0;
  Fingerprint parent;
  std::uint32_t child = 0;
  FixedBytes<32> chain_code;
  PublicKey33 key;
  friend bool operator==(const ExtendedPublicKey&, const ExtendedPublicKey&) = default;
};
Fingerprint fingerprint_of(const PublicKey33& key);
// Not hardened. Refuses `key_invalid` (one in 2^127: take the next index).
Result<ExtendedPublicKey> derive(const ExtendedPublicKey& parent, std::uint32_t index);
Result<ExtendedPublicKey> derive(const ExtendedPublicKey& parent, const KeyPath& path);
std::string to_text(const ExtendedPublicKey& key, const Network& network);  // xpub...
// Refuses `extended_key_malformed`, `extended_key_of_another_network`.
Result<ExtendedPublicKey> parse_xpub(std::string_view text, const Network& network);

struct ExtendedSecretKey {
  std::uint8_t depth = 0;
  Fingerprint parent;
  std::uint32_t child = 0;
  Secret chain_code;  // 32 bytes
  Secret key;         // 32 bytes
};
// From 16 to 64 bytes of seed. Refuses `seed_invalid`.
Result<ExtendedSecretKey> master_of_seed(const Secret& seed);
Result<ExtendedSecretKey> derive(const ExtendedSecretKey& parent, std::uint32_t index);
Result<ExtendedSecretKey> derive(const ExtendedSecretKey& parent, const KeyPath& path);
Result<ExtendedPublicKey> neuter(const ExtendedSecretKey& key);

}  // namespace holdfast::chain::utxo
