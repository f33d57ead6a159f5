// Output descriptors (BIP 380 to 387, multipath by BIP 389): the one text from which a wallet can be restored anywhere.
//
//   descriptor := body '#' checksum
//   body       := wpkh(KEY) | wsh(multi(m,KEY,...)) | wsh(sortedmulti(m,KEY,...))
//              |  tr(KEY) | tr(KEY,multi_a(m,KEY,...)) | tr(KEY,sortedmulti_a(m,KEY,...))
//              |  pkh(KEY) | sh(wpkh(KEY)) | sh(wsh(...)) | addr(ADDRESS) | raw(HEX)
//   KEY        := [ '[' fingerprint path ']' ] ( hex key | xpub path )       path may hold one <0;1> and may end in /*
//
// Public keys only: a descriptor with a private key in it is refused, because descriptors are shown and stored.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "chain/utxo/codec/script.h"
#include "chain/utxo/wallet/bip32.h"
#include "chain/utxo/wallet/network.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::chain::utxo {

// One key's part in an output: which key of which derivation. What a PSBT tells a hardware wallet.
struct KeyOrigin {
  Fingerprint master;
  KeyPath path;     // From the master, branch and index included.
  PublicKey33 key;  // Derived.
};

// All that is needed to pay to, to spend from and to explain one derived output.
struct DerivedOutput {
  Bytes script_pubkey;
  Bytes witness_script;                // wsh, sh(wsh)
  Bytes redeem_script;                 // sh
  std::optional<XOnlyKey> internal_key;  // tr
  Bytes leaf_script;                   // tr with a script: its only leaf
  Bytes control_block;                 // of that leaf
  unsigned threshold = 0;              // Signatures that satisfy the script; 0 when there are no keys (addr, raw).
  std::vector<KeyOrigin> keys;         // In the order in which they stand in the script.
  // The most that satisfying it adds to an input of 41 bytes (164 weight units, empty scriptSig), in weight units: the
  // witness with its count byte, and what stands in the scriptSig (pkh, sh) four times. To estimate fees before signing.
  // 0 for addr() and raw(), of which nobody knows.
  std::size_t satisfaction_weight = 0;
};

class Descriptor {
 public:
  // With or without a checksum; a wrong one is refused. Refusals: `descriptor_malformed` (text and place),
  // `descriptor_checksum`, `descriptor_unsupported` (a function we do not know; what needs private keys to derive),
  // `descriptor_private`, and those of keys and addresses. `key_invalid` too for the same key twice in a quorum.
  // A descriptor that was parsed has been derived once on each branch.
  static Result<Descriptor> parse(std::string_view text, const Network& network);

  Descriptor(Descriptor&&) noexcept;
  Descriptor& operator=(Descriptor&&) noexcept;
  Descriptor(const Descriptor&);
  Descriptor& operator=(const Descriptor&);
  ~Descriptor();

  std::string to_text() const;  // Canonical ("h" for hardened), with its checksum.
  bool is_ranged() const;       // Ends in /*.
  unsigned branches() const;    // 2 for <0;1>: receiving and change; 1 otherwise. Tuples of up to 8.
  unsigned threshold() const;   // Signatures that the script needs. 0 for addr() and raw().
  unsigned key_count() const;   // Of these keys; the internal key of tr(KEY,multi_a(...)) is not one.
  // Taproot whose internal key somebody may have: who has it spends alone, past any quorum in the leaf.
  // False for BIP 341's unspendable point and for keys derived from it.
  bool has_key_path() const;
  ScriptKind kind() const;
  // Pure, and the same on every machine. Refuses `derivation_out_of_range` (branch, or an index of 2^31 on, or not ranged
  // and index over 0) and `key_invalid`. Costs one derivation step a key. Safe to call from many threads.
  Result<DerivedOutput> derive(std::uint32_t branch, std::uint32_t index) const;

 private:
  struct Parsed;
  explicit Descriptor(std::unique_ptr<Parsed> parsed);
  std::unique_ptr<Parsed> parsed_;
};

// The 8 characters behind '#'. None when the text has a character that no descriptor has.
std::optional<std::string> descriptor_checksum(std::string_view body);

}  // namespace holdfast::chain::utxo
