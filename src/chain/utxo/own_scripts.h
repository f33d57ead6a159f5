// Which scripts are ours, for reading blocks: all that were handed out, and on each branch of each wallet's descriptor a gap
// of those that come next, so that what a restored or shared descriptor receives is seen, too.
#pragma once

#include "base/result.h"
#include "chain/port.h"
#include "chain/utxo/wallets.h"
#include "chain/utxo/watch/watch_index.h"

#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

namespace holdfast::chain::utxo {

// Two layers: the index answers "might be" for every output of a block; the exact tables decide. Owned by one thread.
class OwnScripts {
 public:
  static constexpr std::uint32_t kGap = 200;

  OwnScripts(custody::ChainId chain, const Network& network, std::uint32_t gap = kGap)
      : chain_(chain), wallets_(network), index_(WatchIndex::random_key()), ahead_by_(gap) {}

  // Takes in what was handed out since the last time. A script that is handed out behind the gap is not seen before this
  // is called: call it after a block was fetched and before it is read, since nobody can have paid in that block to an
  // address that was not handed out yet.
  Result<void> refresh(const StateView& view);

  bool may_be_ours(ByteView script) const {
    return WatchIndex::is_watchable(script.size()) && index_.may_contain(script);
  }
  // A coin was found at this index: what is derived reaches as far behind it. True when that is further than before.
  Result<bool> found_at(const custody::Wallet& wallet, std::uint32_t branch, std::uint32_t index);
  // Every script that is derived ahead, with its wallet.
  const std::unordered_map<custody::Address, custody::Origin>& ahead() const { return gap_; }
  // The exact answer.
  std::optional<custody::Origin> origin_of(const custody::State& state, const custody::Address& script) const;

  const WatchIndex& index() const { return index_; }

 private:
  struct Branch {
    std::uint32_t derived = 0;  // The first index that is not in the gap table.
  };
  Result<void> extend(const custody::Wallet& wallet, std::uint32_t branch, std::uint32_t next);
  void take_in_all(const custody::State& state);
  Result<void> derive_skipped(const custody::Wallet& wallet, std::uint32_t branch);

  custody::ChainId chain_;
  Wallets wallets_;
  WatchIndex index_;
  std::uint32_t ahead_by_;
  std::unordered_map<custody::Address, custody::Origin> gap_;
  std::map<std::pair<custody::WalletId, std::uint32_t>, Branch> branches_;
  // Below what comes next and in no table: skipped, because a coin came further on.
  std::map<std::pair<custody::WalletId, std::uint32_t>, std::vector<std::uint32_t>> skipped_;
  bool filled_ = false;
};

}  // namespace holdfast::chain::utxo
