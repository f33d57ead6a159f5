// Blocks, read without building what nobody needs: a visitor sees each transaction's txid, outpoints and output scripts in
// place, and full decoding is done only for what it asks for. The merkle root is checked (and CVE-2012-2459's duplicates).
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "chain/utxo/codec/transaction.h"

#include <functional>

namespace holdfast::chain::utxo {

struct BlockHeader {
  std::int32_t version = 0;
  Hash32 previous;
  Hash32 merkle_root;
  std::uint32_t time_s = 0;
  std::uint32_t bits = 0;
  std::uint32_t nonce = 0;
};

inline constexpr std::size_t kBlockHeaderBytes = 80;
// Refuses `block_malformed`.
Result<BlockHeader> decode_header(ByteView raw);
// sha256d of the 80 bytes. (Litecoin's id of a block is this, too; only its proof of work is scrypt.)
Hash32 block_hash(ByteView header);

// A transaction as it lies in the block. Views are into the block's bytes and live as long as they do.
struct TransactionView {
  std::size_t index = 0;
  ByteView raw;  // The whole of it, witnesses included.
  Txid txid;
};

class BlockVisitor {
 public:
  virtual ~BlockVisitor() = default;
  virtual void begin(const TransactionView&) {}  // Before its inputs; the view is complete already.
  virtual void input(const OutPoint&) {}
  virtual void output(std::uint32_t vout, std::int64_t value, ByteView script) { (void)vout, (void)value, (void)script; }
  virtual void end(const TransactionView&) {}
};

// The visitor is told of transactions before the merkle root is known: what it gathered counts only if the block is not
// refused. Refusals: `block_malformed`, `block_merkle_root`. Transactions in Litecoin's MWEB form (flag bit 8: the HogEx
// transaction) are read; what follows the last transaction in such a block (the extension block) is left alone.
Result<BlockHeader> visit_block(ByteView raw, BlockVisitor& visitor);

}  // namespace holdfast::chain::utxo
