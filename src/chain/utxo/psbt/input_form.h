// What an input of a PSBT spends, proven: every script shown has to lead to the scriptPubKey that is spent. On it stands what
// signatures commit to, and whether they hold. For the roles inside this library.
#pragma once

#include "chain/utxo/codec/sighash.h"
#include "chain/utxo/psbt/psbt.h"

#include <memory>
#include <optional>
#include <vector>

namespace holdfast::chain::utxo {

struct LeafForm {
  Bytes control;
  Bytes script;
  Hash32 hash;
  MultisigA multisig;
};

// kind        spent script                                      filled
// unknown     any other, or one whose script is not shown       nothing
// single_key  p2pkh, p2wpkh, and this in p2sh                   segwit, script_code, key_hash
// multisig    CHECKMULTISIG in p2sh, p2wsh, p2wsh in p2sh       segwit, script_code, multisig
// taproot     p2tr                                              the rest
struct InputForm {
  enum class Kind : std::uint8_t { unknown, single_key, multisig, taproot };
  Kind kind = Kind::unknown;
  bool segwit = false;
  Bytes script_code;  // The script itself for multisig.
  Hash20 key_hash;
  Multisig multisig;
  XOnlyKey output_key;
  std::optional<XOnlyKey> internal_key;  // Present: with merkle_root it gives output_key.
  std::optional<Hash32> merkle_root;
  std::vector<LeafForm> leaves;          // Those of multi_a form that output_key commits to.
};

// Refuses `psbt_script_differs`, `psbt_utxo_missing` (a legacy output shown without the transaction that made it: nothing
// else vouches for its value).
Result<InputForm> form_of(const PsbtInput& input, const TxOut& spent);

// A PSBT whose inputs all show what they spend, ready to have signatures made or judged. It must outlive this.
class SigningView {
 public:
  // Refuses `psbt_utxo_missing`, `psbt_utxo_differs`, `psbt_locktime`.
  static Result<std::unique_ptr<SigningView>> of(const Psbt& psbt);
  SigningView(const SigningView&) = delete;
  SigningView& operator=(const SigningView&) = delete;

  const TxOut& spent(std::size_t input) const { return spent_[input]; }
  Result<InputForm> form(std::size_t input) const { return form_of(psbt_.inputs[input], spent_[input]); }

  // Always ALL. Precondition: form is single_key or multisig.
  Hash32 ecdsa_digest(std::size_t input, const InputForm& form) const;
  // Precondition: the type is DEFAULT or ALL.
  Hash32 taproot_digest(std::size_t input, std::uint8_t sighash_type, const std::optional<Hash32>& leaf) const;

  // A signature of the whole transaction, as the input's sighash type asks for it.
  bool ecdsa_holds(std::size_t input, const Hash32& digest, const PublicKey33& key, ByteView signature) const;
  bool schnorr_holds(std::size_t input, const XOnlyKey& key, const std::optional<Hash32>& leaf, ByteView signature) const;

 private:
  SigningView(const Psbt& psbt, Transaction transaction, std::vector<TxOut> spent);

  const Psbt& psbt_;
  const Transaction transaction_;
  const std::vector<TxOut> spent_;
  const SighashCache cache_;
};

// Whether it has become what the network checks: nothing is left to sign.
bool is_final(const PsbtInput& input);

// Whether the input asks for nothing but ALL or DEFAULT.
bool asks_for_all(const PsbtInput& input, InputForm::Kind kind);

// The digest of a legacy input, type ALL.
Hash32 legacy_sighash(const Transaction& transaction, std::size_t input, ByteView script_code);

}  // namespace holdfast::chain::utxo
