// A block that the best chain no longer has: everything that came with it goes back, newest first.
#include "base/planted.h"
#include "custody/handlers.h"

#include <algorithm>
#include <map>

namespace holdfast::custody {
namespace {

// Takes back what a block that is gone had brought, newest first.
class BlockUndo {
 public:
  BlockUndo(Decision& d, ChainId chain, const RecentBlock& block, bool was_final)
      : d_(d), chain_(chain), block_(block), was_final_(was_final) {}

  void undo() {
    Alarm alarm(d_);
    if (was_final_) incident_ = alarm.raise(IncidentCause::deep_reorg, {}, chain_, block_.ref.hash, {});
    undo_adjustments(true);
    for (auto foreign = block_.foreign.rbegin(); foreign != block_.foreign.rend(); ++foreign) {
      d_.emit(ForeignSpendUnmined{foreign->incident, foreign->wallet, foreign->txid, foreign->nonce});
    }
    for (auto wasted = block_.wasted.rbegin(); wasted != block_.wasted.rend(); ++wasted) undo_wasted(*wasted);
    for (auto id = block_.spends.rbegin(); id != block_.spends.rend(); ++id) undo_spend(d_.state.spends.at(*id));
    for (auto flush = block_.flushes.rbegin(); flush != block_.flushes.rend(); ++flush) {
      d_.emit(ForwardersSweepUndone{chain_, flush->txid, flush->movements});
    }
    for (auto id = block_.deposits.rbegin(); id != block_.deposits.rend(); ++id)
      undo_deposit(d_.state.deposits.at(*id));
    undo_adjustments(false);
    for (auto id = block_.spent_coins.rbegin(); id != block_.spent_coins.rend(); ++id) d_.emit(CoinUnspent{*id});
    for (auto id = block_.coins.rbegin(); id != block_.coins.rend(); ++id) d_.emit(CoinOrphaned{*id});
    d_.emit(BlockDisconnected{chain_, block_.ref});
  }

 private:
  void undo_adjustments(bool losses) {
    for (auto adjustment = block_.adjustments.rbegin(); adjustment != block_.adjustments.rend(); ++adjustment) {
      if (bool(adjustment->incident) != losses) continue;
      if (losses) {
        d_.emit(LossUndone{adjustment->wallet, adjustment->asset, adjustment->amount, adjustment->incident});
      } else {
        d_.emit(SurplusUndone{adjustment->wallet, adjustment->asset, adjustment->amount});
      }
    }
  }

  bool is_here(const Spend& spend) const { return !spend.mined_txid.is_zero() && spend.height == block_.ref.height; }

  void undo_spend(const Spend& spend) {
    if (is_here(spend)) d_.emit(SpendUnmined{spend.id});
  }

  // When nobody counts on the nonce any more, nobody would broadcast the transaction again, and its gas wallet would wait
  // for it for ever.
  void undo_wasted(const RecentBlock::Wasted& wasted) {
    d_.emit(AttemptUnmined{wasted.spend, wasted.txid, wasted.payer, wasted.nonce, wasted.network_fee});
    if (d_.state.of_coins(chain_)) return;  // coins wait for nobody
    const WalletNonce nonce{wasted.payer, wasted.nonce};
    const bool counted_on = d_.state.spends_by_nonce.contains(nonce) || is_here(d_.state.spends.at(wasted.spend));
    if (!counted_on) d_.emit(SpendPlanned{filler(d_, nonce, wasted.spend, fillers_++)});
  }

  void undo_deposit(const Deposit& deposit) {
    if (HF_PLANTED(reorg_not_undone)) return;
    if (deposit.state == DepositState::seen) {
      d_.emit(DepositOrphaned{deposit.id});
      return;
    }
    if (deposit.state != DepositState::credited) return;
    const std::pair key{deposit.customer, deposit.asset};
    const auto [left, fresh] = available_.try_emplace(key, Amount::zero());
    if (fresh) left->second = d_.state.available(deposit.customer, deposit.asset);
    const Amount taken = std::min(left->second, deposit.amount);
    left->second -= taken;
    d_.emit(DepositReversed{deposit.id, taken, deposit.amount - taken, incident_});
  }

  Decision& d_;
  ChainId chain_;
  const RecentBlock& block_;
  bool was_final_;
  IncidentId incident_;
  std::map<std::pair<CustomerId, AssetId>, Amount> available_;
  std::uint64_t fillers_ = 0;
};

}  // namespace

Refusal decide(Decision& d, const DisconnectBlock& c) {
  if (!d.state.chains.find(c.chain)) return Refusal::chain_unknown;
  const ChainProgress& progress = d.state.progress.at(c.chain.value - 1);
  if (progress.recent.size() < 2 || progress.recent.back().ref.hash != c.hash) return Refusal::block_unknown;
  const RecentBlock& block = progress.recent.back();
  BlockUndo(d, c.chain, block, block.ref.height <= progress.final_height).undo();
  return Refusal::none;
}

}  // namespace holdfast::custody
