// What a signature commits to: BIP 143 (segwit v0) and BIP 341/342 (Taproot). Only whole-transaction sighashes are made
// anywhere in Holdfast: ALL (0x01) for v0, DEFAULT (0x00) or ALL for Taproot. Others are computed for checking vectors only.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "chain/utxo/codec/transaction.h"

#include <optional>
#include <span>

namespace holdfast::chain::utxo {

enum class Sighash : std::uint8_t { default_ = 0x00, all = 0x01, none = 0x02, single = 0x03, anyone_can_pay = 0x80 };

// The parts that all inputs of a transaction share, computed once: signing n inputs costs n, not n squared.
// `spent` are the outputs that the inputs spend, in their order. Precondition: as many as inputs.
// Borrows both: they have to outlive it.
class SighashCache {
 public:
  SighashCache(const Transaction& transaction, std::span<const TxOut> spent);

  // BIP 143. script_code: the witness script, or 76a914{hash}88ac for P2WPKH. Precondition: input < inputs.
  Hash32 v0(std::size_t input, ByteView script_code, std::uint8_t sighash_type = 0x01) const;
  // BIP 341; with a leaf, BIP 342 (codeseparator position: none). Refuses `sighash_invalid`.
  Result<Hash32> taproot(std::size_t input, std::uint8_t sighash_type, const std::optional<Hash32>& leaf,
                         ByteView annex = {}) const;

 private:
  const Transaction& transaction_;
  std::span<const TxOut> spent_;
  // SHA-256 of each, over all inputs or outputs: BIP 341 takes them so, BIP 143 hashes them once more.
  Hash32 prevouts_, sequences_, outputs_, amounts_, scripts_;
};

// The script code of a P2WPKH input. Precondition: classify() says p2wpkh.
Bytes p2wpkh_script_code(ByteView script_pubkey);

}  // namespace holdfast::chain::utxo
