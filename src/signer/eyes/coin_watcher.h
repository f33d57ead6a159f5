// Watches a chain of coins with the signer's own node: every input, in the pool and in blocks, that spends a script of the
// policy's wallets.
//
// An own input is known by its witness, which shows the script or the key; or by the coin, when it came while this watched
// (or was found by the scan at the start, which is made when a wallet is spent by Taproot's key path: such a witness shows
// nothing but a signature). Scripts are derived on both branches, a gap ahead of the last one seen.
#pragma once

#include "chain/utxo/node/node.h"
#include "signer/eyes/block_cursor.h"
#include "signer/eyes/eyes.h"
#include "signer/eyes/eyes_config.h"
#include "signer/eyes/told.h"
#include "signer/policy.h"

namespace holdfast::signer {

class CoinWatcher final : public Watcher {
 public:
  // As EvmWatcher. Which key of a wallet is this signer's own stands in the rule (find_own_keys).
  CoinWatcher(chain::utxo::Node& node, const CoinChainRule& rule, const NodeSettings& settings, WasSigned was_signed,
              std::optional<BlockMark> from);

  Result<Round> look(Instant now) override;

 private:
  chain::utxo::Node& node_;
  const CoinChainRule& rule_;
  const NodeSettings& settings_;
  WasSigned was_signed_;
  BlockCursor cursor_;
  Told told_;
};

}  // namespace holdfast::signer
