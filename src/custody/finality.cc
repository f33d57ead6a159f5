// What becomes certain when blocks are final: deposits are credited, spends end, and those end that can never be mined any more.
#include "base/planted.h"
#include "custody/handlers.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <tuple>

namespace holdfast::custody {
namespace {

// What becomes certain with a block: credits, ends of spends, and of those whose nonce they used up.
class Finality {
 public:
  explicit Finality(Decision& d) : d_(d) {}

  // Every deposit waits for finality; a large one for as many blocks as its asset's tiers ask for.
  void credit_deposits(ChainId chain, std::uint64_t height, std::uint64_t newest) {
    // Whoever cuts a large deposit into small ones waits as long: what a customer brings in one block counts together.
    std::map<std::tuple<CustomerId, AssetId, std::uint64_t>, Amount> brought;
    for (const DepositId id : d_.state.waiting_deposits) {
      const Deposit& deposit = d_.state.deposits.at(id);
      Amount& sum = brought[{deposit.customer, deposit.asset, deposit.height}];
      sum = Amount::sum(sum, deposit.amount).value_or(Amount::max());
    }
    for (const DepositId id : d_.state.waiting_deposits) {
      const Deposit& deposit = d_.state.deposits.at(id);
      const Asset& asset = d_.state.assets.at(deposit.asset);
      if (asset.chain != chain || deposit.height > height) continue;
      const Amount together = brought.at({deposit.customer, deposit.asset, deposit.height});
      if (newest - deposit.height >= depth_for(asset, together)) d_.emit(DepositCredited{id});
    }
  }

  void finalize(const RecentBlock& block) {
    for (const SpendId id : block.spends) {
      const Spend& spend = d_.state.spends.at(id);
      if (spend.state == SpendState::mined && spend.height == block.ref.height) settle(spend);
    }
    for (const RecentBlock::Wasted& wasted : block.wasted) nonce_is_gone({wasted.payer, wasted.nonce}, {});
    for (const RecentBlock::Foreign& foreign : block.foreign) nonce_is_gone({foreign.wallet, foreign.nonce}, {});
    for (const CoinId id : block.spent_coins) coin_is_gone(d_.state.coins.at(id));
  }

  // A spend that counts on change of a transaction that can never be mined any more can itself never be mined. And what
  // hangs on its own change neither, and so on.
  void end_what_hangs_on_nothing(ChainId chain) {
    if (!d_.state.of_coins(chain)) return;
    bool found = true;
    while (found) {
      found = false;
      for (const SpendId id : d_.state.open_spends) {
        const Spend& spend = d_.state.spends.at(id);
        if (done_.contains(id) || spend.state == SpendState::mined || spend.inputs.empty()) continue;
        const auto needed = std::span(spend.inputs).first(spend.in_all_attempts);
        if (std::ranges::none_of(needed, [&](CoinId coin) { return never_comes(d_.state.coins.at(coin)); })) continue;
        supersede(spend);
        found = true;
      }
    }
  }

 private:
  static std::uint32_t depth_for(const Asset& asset, Amount amount) {
    return HF_PLANTED(tiers_ignored) ? 0 : deposit_depth(asset, amount);
  }

  void settle(const Spend& spend) {
    done_.insert(spend.id);
    d_.emit(SpendSettled{spend.id});
    if (!spend.success) give_back(spend, Reason::failed_on_chain);
    if (spend.inputs.empty()) {  // of coins: those that the mined transaction really spends
      for (const WalletNonce& own : own_nonces(d_.state, spend)) nonce_is_gone(own, spend.id);
    }
    if (const auto gas = gas_nonce(spend); gas && spend.payer) nonce_is_gone(*gas, spend.id);
    if (!spend.payer) fill_gas_nonce(spend);
  }

  // An attempt from before its spend was extended leaves the coins that joined later unspent.
  void coin_is_gone(const Coin& coin) {
    const Spend* owner = d_.state.spend_of(coin.spent_by);
    const bool done = owner && owner->mined_txid == coin.spent_by;
    nonce_is_gone({coin.wallet, coin.id.value}, done ? owner->id : SpendId{});
  }

  // Whether a coin whose block is gone is of an own transaction in whose place another one is final.
  bool never_comes(const Coin& coin) const {
    if (HF_PLANTED(child_outlives_parent)) return false;
    const Spend* parent = d_.state.spend_of(coin.outpoint.txid);
    if (coin.state != CoinState::orphaned || !parent) return false;
    return (ended(parent->state) || done_.contains(parent->id)) && parent->mined_txid != coin.outpoint.txid;
  }

  void supersede(const Spend& spend) {
    done_.insert(spend.id);
    d_.emit(SpendSuperseded{spend.id});
    give_back(spend, reason_for(spend));
  }

  // `used` is final at this nonce; whoever else counted on it must go on without.
  void nonce_is_gone(const WalletNonce& nonce, SpendId used) {
    const auto others = d_.state.spends_by_nonce.find(nonce);
    if (others == d_.state.spends_by_nonce.end()) return;
    for (const SpendId id : others->second) {
      if (id == used || done_.contains(id)) continue;
      const Spend& other = d_.state.spends.at(id);
      if (other.state == SpendState::mined) continue;
      std::vector<WalletNonce> own = own_nonces(d_.state, other);
      // An attempt without those that joined later may still be mined.
      if (!other.inputs.empty()) own.resize(other.in_all_attempts);
      if (std::ranges::find(own, nonce) != own.end()) {
        done_.insert(id);
        d_.emit(SpendSuperseded{id});
        if (!used || gas_nonce(other) != gas_nonce(d_.state.spends.at(used))) fill_gas_nonce(other);
        give_back(other, reason_for(other));
      } else if (other.inputs.empty() && unassigned_.insert(id).second) {
        d_.emit(SpendUnassigned{id});
      }
    }
  }

  Reason reason_for(const Spend& spend) const {
    const bool expired = std::ranges::any_of(withdrawals_of(spend), [&](WithdrawalId id) {
      return d_.state.withdrawals.at(id).approval_expires_at <= d_.now;
    });
    return expired ? Reason::approval_expired : Reason::nonce_superseded;
  }

  void give_back(const Spend& spend, Reason reason) {
    for (const WithdrawalId id : withdrawals_of(spend)) {
      const WithdrawalState state = d_.state.withdrawals.at(id).state;
      const bool ended = state == WithdrawalState::completed || state == WithdrawalState::returned;
      if (!ended) d_.emit(WithdrawalReturned{id, reason});  // an end is an end
    }
  }

  // Somebody else relayed what our owners had signed, or the Safe's nonce is gone. Our own transaction may never be mined
  // now, and everything of the gas wallet waits behind its nonce: use it up.
  void fill_gas_nonce(const Spend& spend) {
    const auto nonce = gas_nonce(spend);
    if (!nonce || nonce->second < d_.state.mined_nonce.at(nonce->first) || !filled_.insert(*nonce).second) return;
    const auto at = d_.state.spends_by_nonce.find(*nonce);
    const bool taken = at != d_.state.spends_by_nonce.end() &&
                       std::any_of(at->second.begin(), at->second.end(),
                                   [&](SpendId id) { return d_.state.spends.at(id).wallet == nonce->first; });
    if (!taken && !HF_PLANTED(gas_nonce_not_filled)) d_.emit(SpendPlanned{filler(d_, *nonce, spend.id, fillers_++)});
  }

  Decision& d_;
  std::set<SpendId> done_;
  std::set<SpendId> unassigned_;
  std::set<WalletNonce> filled_;
  std::uint64_t fillers_ = 0;
};

}  // namespace

Refusal decide(Decision& d, const FinalizeBlocks& c) {
  if (!d.state.chains.find(c.chain)) return Refusal::chain_unknown;
  const ChainProgress& progress = d.state.progress.at(c.chain.value - 1);
  if (progress.recent.empty()) return Refusal::block_unknown;
  const std::uint64_t newest = progress.recent.back().ref.height;
  // A block that nobody has seen cannot be final: the follower's words do not fit to what became of its blocks.
  if (c.height > newest) return Refusal::block_unknown;
  const std::uint64_t height = HF_PLANTED(credit_before_final) ? newest : c.height;
  if (height <= progress.final_height) return Refusal::none;
  Finality finality(d);
  finality.credit_deposits(c.chain, height, newest);
  for (const RecentBlock& block : progress.recent) {
    if (block.ref.height > progress.final_height && block.ref.height <= height) finality.finalize(block);
  }
  finality.end_what_hangs_on_nothing(c.chain);
  return d.emit(BlockFinalized{c.chain, height});
}

}  // namespace holdfast::custody
