// Watches a chain of coins with the signer's own node: every input, in the pool and in blocks, that spends a script of the
// policy's wallets.
//
// An own input is known by its witness, which shows the script or the key; or by the coin, when it came while this watched or
// was found by the scan at the start. That scan is made of wallets that Taproot's key path spends, whose witness shows nothing
// but a signature; it takes the node minutes on a large chain. Scripts are derived a gap ahead of what was handed out.
#pragma once

#include "chain/utxo/node/node.h"
#include "signer/eyes/block_cursor.h"
#include "signer/eyes/coin_scripts.h"
#include "signer/eyes/eyes.h"
#include "signer/eyes/eyes_config.h"
#include "signer/eyes/told.h"
#include "signer/policy.h"

#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

namespace holdfast::signer {

class CoinWatcher final : public Watcher {
 public:
  static constexpr std::size_t kBlocksAtOnce = 8;
  static constexpr std::size_t kCoinsKept = 1'000'000;

  // As EvmWatcher. Which key of a wallet is this signer's own stands in the rule (find_own_keys).
  CoinWatcher(chain::utxo::Node& node, const CoinChainRule& rule, const NodeSettings& settings, WasSigned was_signed, CoinReach reach,
              std::optional<BlockMark> from);

  Result<Round> look(Instant now) override;

 private:
  using Header = chain::utxo::Header;
  using OutPoint = chain::utxo::OutPoint;
  using Transaction = chain::utxo::Transaction;
  struct Coin {
    CoinScripts::Place place;
    std::int64_t value = 0;
  };
  struct OutPointHash {
    std::size_t operator()(const OutPoint& coin) const { return FixedBytesHash<32>{}(coin.txid) + coin.vout; }
  };

  Result<void> look_at(const Header& best);
  Result<void> scan_once();
  Result<void> read_pool();
  Result<void> read_blocks(const Header& best);
  Result<void> read_block(const Header& header);
  void see_outputs(const chain::utxo::Txid& txid, const Transaction& transaction);
  void judge(const chain::utxo::Txid& txid, const Transaction& transaction, std::optional<std::uint64_t> height);
  std::optional<Coin> own_coin(const chain::utxo::TxIn& input) const;
  std::optional<std::int64_t> amount_of(const OutPoint& coin);
  void keep(const OutPoint& at, const Coin& coin);

  chain::utxo::Node& node_;
  const CoinChainRule& rule_;
  const NodeSettings& settings_;
  WasSigned was_signed_;
  CoinReach reach_;
  CoinScripts scripts_;
  std::unordered_map<OutPoint, Coin, OutPointHash> coins_;
  BlockCursor cursor_;
  Told told_;
  std::vector<Sighting> untold_;  // Found, and not given out yet.
  Instant seen_time_;             // Of the cursor's newest block.
  std::uint32_t undone_ = 0;      // Since the last round.
  bool derived_ = false;          // All scripts that were handed out are known.
  bool scanned_ = false;
};

}  // namespace holdfast::signer
