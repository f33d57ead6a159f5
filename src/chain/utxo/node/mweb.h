// Takes Litecoin's extension block (MWEB, LIP 4) off a transaction from a node.
//
//   mweb form := version 00 flags inputs outputs [witnesses, flags bit 1] mweb locktime      (flags: bit 8 set)
//
// What stays is the transaction as it is mined, and what its txid is the hash of.
#pragma once

#include "base/bytes.h"

#include <optional>

namespace holdfast::chain::utxo {

// Whether this is the form above. Not whether it is well formed.
bool has_mweb_flag(ByteView raw);

// The bytes without it. None when it is cut short, or when nothing remains: a transaction of the extension block alone has
// neither inputs nor outputs that anybody could own here. Precondition: has_mweb_flag(raw).
std::optional<Bytes> without_mweb(ByteView raw);

}  // namespace holdfast::chain::utxo
