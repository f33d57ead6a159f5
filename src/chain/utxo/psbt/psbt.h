// Partially signed transactions, version 0 (BIP 174) and 2 (BIP 370), with Taproot's fields (BIP 371): how a transaction
// travels between those who must sign it. In memory there is one form; the version is chosen when it is written.
//
// Reading is bounded and strict: keys twice, lengths that do not fit, a version that lacks what it needs are refused. What
// is not understood is kept and written back.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "chain/utxo/codec/script.h"
#include "chain/utxo/codec/transaction.h"
#include "chain/utxo/wallet/bip32.h"
#include "chain/utxo/wallet/descriptor.h"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace holdfast::chain::utxo {

inline constexpr std::size_t kMaxPsbtBytes = 4'000'000;

struct Derivation {
  Fingerprint master;
  KeyPath path;
  friend bool operator==(const Derivation&, const Derivation&) = default;
};
struct TapDerivation {
  std::vector<Hash32> leaves;
  Derivation derivation;
  friend bool operator==(const TapDerivation&, const TapDerivation&) = default;
};
struct InByteOrder {
  bool operator()(const Bytes& a, const Bytes& b) const { return as_text(a) < as_text(b); }
};
using ByteMap = std::map<Bytes, Bytes, InByteOrder>;
using Unknown = ByteMap;  // Keys (type included) in their order.

struct PsbtInput {
  OutPoint previous;
  std::uint32_t sequence = kSequenceFinal;
  std::optional<std::uint32_t> required_time_locktime;    // v2 only
  std::optional<std::uint32_t> required_height_locktime;  // v2 only
  std::optional<Transaction> non_witness_utxo;
  std::optional<TxOut> witness_utxo;
  std::map<PublicKey33, Bytes> partial_signatures;  // DER and the sighash byte.
  std::optional<std::uint32_t> sighash_type;
  Bytes redeem_script;
  Bytes witness_script;
  std::map<PublicKey33, Derivation> derivations;
  std::optional<Bytes> tap_key_signature;
  std::map<std::pair<XOnlyKey, Hash32>, Bytes> tap_script_signatures;  // (key, leaf) -> 64 or 65 bytes
  ByteMap tap_leaf_scripts;                                            // control block -> script and leaf version byte
  std::map<XOnlyKey, TapDerivation> tap_derivations;
  std::optional<XOnlyKey> tap_internal_key;
  std::optional<Hash32> tap_merkle_root;
  Bytes final_script_sig;
  std::vector<Bytes> final_witness;  // Empty: not final.
  Unknown unknown;
  friend bool operator==(const PsbtInput&, const PsbtInput&) = default;
};

struct PsbtOutput {
  std::int64_t value = 0;
  Bytes script;
  Bytes redeem_script;
  Bytes witness_script;
  std::map<PublicKey33, Derivation> derivations;
  std::optional<XOnlyKey> tap_internal_key;
  Bytes tap_tree;
  std::map<XOnlyKey, TapDerivation> tap_derivations;
  Unknown unknown;
  friend bool operator==(const PsbtOutput&, const PsbtOutput&) = default;
};

enum class PsbtVersion : std::uint8_t { v0 = 0, v2 = 2 };

struct Psbt {
  PsbtVersion version = PsbtVersion::v0;  // As it was read; what write() writes unless told otherwise.
  std::int32_t transaction_version = 2;
  std::uint32_t fallback_locktime = 0;    // v0: the transaction's locktime
  std::uint8_t modifiable = 0;            // v2: BIP 370's flags
  std::map<Bytes, Derivation, InByteOrder> xpubs;  // 78 bytes of an extended key -> where it comes from
  std::vector<PsbtInput> inputs;
  std::vector<PsbtOutput> outputs;
  Unknown unknown;
  friend bool operator==(const Psbt&, const Psbt&) = default;

  // The transaction without signatures, its locktime determined by BIP 370. Refuses `psbt_locktime` (impossible).
  Result<Transaction> unsigned_transaction() const;
};

// Refusals: `psbt_malformed` (text and place), `psbt_too_large`, `psbt_version` (one that we do not know, a field that it
// does not have or lacks), `psbt_signed` (a v0 transaction with signatures in it), `psbt_locktime` (as below), and those of
// decode_transaction. No inputs or no outputs are fine: they may still be added.
Result<Psbt> read_psbt(ByteView bytes);
Result<Psbt> read_psbt_base64(std::string_view text);  // With or without line breaks.
// Precondition: unsigned_transaction() is not refused. Version 0 has no place for what inputs require of the locktime: what
// follows from it is written.
Bytes write_psbt(const Psbt& psbt);
Bytes write_psbt(const Psbt& psbt, PsbtVersion version);
std::string write_psbt_base64(const Psbt& psbt);

// The output that an input spends. A non-witness UTXO has to hash to the input's txid, and both, where both are there, have
// to say the same. Refuses `psbt_utxo_missing`, `psbt_utxo_differs`.
Result<TxOut> spent_output(const PsbtInput& input);

// Roles. Each refuses rather than guess.

// Adds to an input or output what a descriptor says of it: scripts, derivations, internal key. (Updater)
void describe(PsbtInput& input, const DerivedOutput& output);
void describe(PsbtOutput& output, const DerivedOutput& derived);
// Joins what others have added to the same transaction; where both say something of the same, a is believed. Refuses
// `psbt_other_transaction`.
Result<Psbt> combine(const Psbt& a, const Psbt& b);
// Completes every input that has signatures enough: each is verified against the true sighash first, wrong ones are left
// out. P2WPKH, P2WSH multisig, P2SH-wrapped both, P2TR by key, P2TR by a multi_a leaf; P2PKH and P2SH multisig where the whole
// transaction that they spend is shown. Refuses `psbt_incomplete` (text: which input has how many of how many),
// `psbt_script_differs`, `psbt_utxo_missing`, `psbt_utxo_differs`.
Result<Psbt> finalize(const Psbt& psbt);
// The network's form of a PSBT all of whose inputs are final. Refuses `psbt_incomplete`.
Result<Transaction> extract(const Psbt& psbt);

// Virtual bytes that it will have when it is signed, or a few less: signatures vary by a byte or two. None when an input does
// not show what it spends, or is of a form that finalize does not complete. Where Taproot shows leaves, one of them is taken to sign.
std::optional<std::size_t> estimate_vsize(const Psbt& psbt);

}  // namespace holdfast::chain::utxo
