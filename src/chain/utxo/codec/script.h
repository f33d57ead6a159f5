// The few scripts Holdfast makes or looks into. Anything else is just bytes.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "chain/utxo/codec/hash.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace holdfast::chain::utxo {

using PublicKey33 = FixedBytes<33>;  // Compressed: 02 or 03, then x.
using XOnlyKey = FixedBytes<32>;     // BIP 340.

enum class ScriptKind : std::uint8_t { unknown, p2pkh, p2sh, p2wpkh, p2wsh, p2tr, witness_unknown, null_data };
ScriptKind classify(ByteView script_pubkey);

Bytes p2pkh_script(const Hash20& key_hash);
Bytes p2sh_script(const Hash20& script_hash);
Bytes p2wpkh_script(const Hash20& key_hash);
Bytes p2wsh_script(ByteView witness_script);  // Hashes it.
Bytes p2tr_script(const XOnlyKey& output_key);

// m OP_n keys... : CHECKMULTISIG with the keys in the order given (BIP 67 sorts before). Precondition: 1 <= m <= n <= 16.
Bytes multisig_script(unsigned threshold, const std::vector<PublicKey33>& keys);
// <k1> CHECKSIG <k2> CHECKSIGADD ... <m> NUMEQUAL (BIP 342, BIP 387). Precondition: 1 <= m <= n <= 999.
Bytes multi_a_script(unsigned threshold, const std::vector<XOnlyKey>& keys);

struct Multisig {
  unsigned threshold = 0;
  std::vector<PublicKey33> keys;
};
std::optional<Multisig> parse_multisig(ByteView script);
struct MultisigA {
  unsigned threshold = 0;
  std::vector<XOnlyKey> keys;
};
std::optional<MultisigA> parse_multi_a(ByteView script);

// BIP 341's point nobody knows the key of: the internal key of script-path-only outputs.
XOnlyKey unspendable_internal_key();
inline constexpr std::uint8_t kTapscriptLeaf = 0xc0;
Hash32 tapleaf_hash(ByteView script, std::uint8_t leaf_version = kTapscriptLeaf);
Hash32 tapbranch_hash(const Hash32& a, const Hash32& b);  // Sorted.

// H_TapTweak(P || root); root absent: key path only.
Hash32 taproot_tweak(const XOnlyKey& internal, const std::optional<Hash32>& merkle_root);

struct TaprootOutput {
  XOnlyKey key;
  bool odd = false;  // Parity of the output key: bit 0 of a control block.
};
// The output key Q = P + taproot_tweak(P, root) G. Refuses `key_invalid`.
Result<TaprootOutput> taproot_output(const XOnlyKey& internal, const std::optional<Hash32>& merkle_root);
// Leaf version and parity, internal key, path.
Bytes control_block(const XOnlyKey& internal, bool odd, const std::vector<Hash32>& path = {},
                    std::uint8_t leaf_version = kTapscriptLeaf);

// What an output of this script costs, and the least value that is not dust at 3 sat/vB (Core's GetDustThreshold).
std::size_t output_vsize(ByteView script_pubkey);
std::int64_t dust_limit(ByteView script_pubkey, std::int64_t dust_feerate_sat_per_kvb = 3000);

}  // namespace holdfast::chain::utxo
