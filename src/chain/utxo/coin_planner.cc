#include "chain/utxo/coin_planner.h"

#include "base/planted.h"
#include "chain/utxo/child.h"
#include "chain/utxo/codec/script.h"
#include "chain/utxo/select/coin_select.h"
#include "chain/utxo/spend_form.h"

#include <algorithm>
#include <optional>
#include <set>

namespace holdfast::chain::utxo {
namespace {

using custody::CoinId;
using custody::Command;
using custody::PlanCoins;
using custody::Purpose;
using custody::Spend;
using custody::SpendId;
using custody::State;
using custody::Wallet;
using custody::WalletKind;
using custody::WithdrawalId;

constexpr std::int64_t kWorthLightening = 4;
constexpr std::int64_t kDroppedRestMs = 600'000;

std::int64_t sat(Amount amount) { return static_cast<std::int64_t>(amount.units()); }

// Plans one wallet's coins.
class WalletPlanner {
 public:
  WalletPlanner(const State& state, const Wallet& wallet, const PlanInput& input, const CoinPlanOptions& options,
                const Wallets& wallets, const OlderInPool& older, std::vector<Command>& out)
      : s_(state), wallet_(wallet), in_(input), options_(options), wallets_(wallets), older_(older), out_(out),
        next_change_(wallet.next_change) {}

  void plan() {
    const auto weight = input_weight(wallet_, wallets_);
    const auto unspent = s_.unspent_coins.find(wallet_.id);
    if (!weight || unspent == s_.unspent_coins.end()) return;
    input_weight_ = *weight;
    for (const CoinId id : unspent->second) coins_.push_back(&s_.coins.at(id));
    if (wallet_.compromised_by) {
      plan_evacuation();
      return;
    }
    for (const SpendId id : s_.open_spends) {
      if (s_.spends.at(id).wallet == wallet_.id) open_.push_back(&s_.spends.at(id));
    }
    plan_burns();
    plan_withdrawals();
    plan_lightening();
    plan_consolidation();
    plan_children();
    plan_extensions();
    plan_reserves();
  }

 private:
  std::int64_t feerate() const { return std::min(sat(in_.quote.max_fee), options_.max_feerate); }

  const custody::ChainProgress& progress() const { return s_.progress.at(wallet_.chain.value - 1); }

  // What a miner was paid can be spent by nobody before so many blocks.
  bool can_be_spent(const custody::Coin& coin) const {
    const std::uint64_t next = progress().recent.back().ref.height + 1;
    return !coin.coinbase || next >= coin.height + wallets_.network().coinbase_maturity;
  }

  bool mature(const custody::Coin& coin) const {
    if (!can_be_spent(coin)) return false;
    if (is_own_change(coin)) return true;
    const std::uint64_t on_top = progress().recent.back().ref.height - coin.height;
    const custody::Asset& asset = s_.assets.at(*s_.asset_by_contract(wallet_.chain, {}));
    return coin.height <= progress().final_height && on_top >= deposit_depth(asset, coin.amount);
  }

  // Of a transaction of ours. Anybody may pay to a change script that was seen, and take it back before it is final.
  bool is_own_change(const custody::Coin& coin) const {
    return coin.branch == 1 && s_.spend_by_txid.contains(coin.outpoint.txid);
  }

  bool spendable(const custody::Coin& coin) const {
    return !taken_.contains(coin.id) && mature(coin) && (!s_.reserved(coin) || HF_PLANTED(coin_spent_twice));
  }

  bool open_with(const custody::Coin& coin, Purpose purpose) const {
    const auto counting = s_.spends_by_nonce.find({coin.wallet, coin.id.value});
    if (counting == s_.spends_by_nonce.end()) return false;
    return std::ranges::any_of(counting->second, [&](SpendId id) {
      const Spend& spend = s_.spends.at(id);
      return spend.purpose == purpose && std::ranges::all_of(spend.inputs, [&](CoinId input) {
               return s_.coins.at(input).state == custody::CoinState::unspent;
             });
    });
  }

  // Only what will be worth something once it is spent.
  std::int64_t cost_of_spending() const { return fee_for(feerate(), input_weight_); }

  PlanCoins new_spend(Purpose purpose, std::vector<CoinId> inputs) {
    PlanCoins spend;
    spend.purpose = purpose;
    spend.wallet = wallet_.id;
    taken_.insert(inputs.begin(), inputs.end());
    spend.inputs = std::move(inputs);
    return spend;
  }

  // False when no script can be derived (never, for a descriptor that was registered).
  template <class Plan>
  bool give_change(Plan& spend) {
    const auto output = wallets_.derive(wallet_, 1, next_change_);
    if (!output) return false;
    spend.change = custody::Address(output->script_pubkey);
    spend.change_index = next_change_++;
    return true;
  }

  void plan_evacuation() {
    std::vector<CoinId> inputs;
    for (const custody::Coin* coin : coins_) {
      if (inputs.size() == options_.max_inputs) break;
      const bool on_its_way = open_with(*coin, Purpose::evacuation) || has_signed_reserve(*coin);
      if (on_its_way || !can_be_spent(*coin) || sat(coin->amount) <= 2 * cost_of_spending()) continue;
      if (coin->heavy && !inputs.empty()) continue;  // alone, in a round of its own
      inputs.push_back(coin->id);
      if (coin->heavy) break;
    }
    if (inputs.empty() || !wallet_.cold) return;
    PlanCoins spend = new_spend(Purpose::evacuation, std::move(inputs));
    spend.incident = wallet_.compromised_by;
    out_.emplace_back(std::move(spend));
  }

  // A reserve whose dearest transaction a thief outbids saves nothing: its fee cannot be raised.
  bool has_signed_reserve(const custody::Coin& coin) const {
    const Spend* reserve = s_.ready_reserve(coin);
    if (!reserve) return false;
    const custody::Attempt& dearest = reserve->attempts.back();
    const auto thief = s_.foreign_spends.find({coin.wallet, coin.id.value});
    return thief == s_.foreign_spends.end() || thief->second.txid == dearest.txid ||
           (dearest.max_fee > thief->second.max_fee && dearest.priority_fee > thief->second.priority_fee);
  }

  void plan_burns() {
    for (const Spend* spend : open_) {
      if (!in_.given_up.contains(spend->id)) continue;
      if (spend->purpose == Purpose::consolidation) {
        out_.emplace_back(custody::DropConsolidation{spend->id});
        continue;
      }
      const auto there = [&](CoinId id) { return s_.coins.at(id).state == custody::CoinState::unspent; };
      const bool all_there = std::ranges::all_of(spend->inputs, there);
      if (!all_there || open_with(s_.coins.at(spend->inputs.front()), Purpose::burn)) continue;
      PlanCoins burn = new_spend(Purpose::burn, spend->inputs);
      burn.burns = spend->id;
      if (give_change(burn)) out_.emplace_back(std::move(burn));
    }
  }

  struct Batch {
    std::vector<WithdrawalId> withdrawals;
    std::int64_t total = 0;
    std::int64_t weight = kEnvelopeWeight;
  };

  // In the order of their ids, as long as the wallet's coins may suffice.
  Batch gather(std::int64_t available) const {
    Batch batch;
    bool due = false;
    for (const WithdrawalId id : s_.waiting_approved) {
      if (batch.withdrawals.size() == custody::kMaxBatch) break;
      const custody::Withdrawal& withdrawal = s_.withdrawals.at(id);
      const custody::Asset& asset = s_.assets.at(withdrawal.asset);
      if (asset.chain != wallet_.chain || !asset.native() || withdrawal.approval_expires_at <= in_.now) continue;
      if (s_.frozen(wallet_.chain, asset.id, wallet_.id, withdrawal.customer)) continue;
      if (withdrawal.amount.units() >= available - batch.total) continue;
      batch.withdrawals.push_back(id);
      batch.total += sat(withdrawal.amount);
      batch.weight += output_weight(withdrawal.destination.view());
      due = due || in_.now - withdrawal.requested_at >= options_.batch_wait_ms;
    }
    if (!due && batch.withdrawals.size() < options_.batch_target) batch.withdrawals.clear();
    return batch;
  }

  void plan_withdrawals() {
    const auto on_the_way = std::ranges::count_if(open_, [](const Spend* spend) {
      return spend->purpose == Purpose::withdrawal && spend->state != custody::SpendState::mined;
    });
    if (s_.platform_frozen() || static_cast<std::size_t>(on_the_way) >= options_.spends_per_wallet) return;
    std::vector<Candidate> candidates;
    std::int64_t available = 0;
    for (const custody::Coin* coin : coins_) {
      if (!spendable(*coin) || coin->heavy) continue;
      candidates.push_back(candidate(*coin));
      available += std::max<std::int64_t>(sat(coin->amount) - cost_of_spending(), 0);
    }
    Batch batch = gather(available);
    while (!batch.withdrawals.empty()) {
      const auto chosen = select_coins(candidates, request(batch));
      if (chosen) {
        pay(batch, *chosen);
        return;
      }
      drop_largest(batch);
    }
  }

  Candidate candidate(const custody::Coin& coin) const {
    Candidate out;
    out.index = coin.id.value;
    out.value = sat(coin.amount);
    out.weight = input_weight_;
    out.confirmations = static_cast<std::uint32_t>(progress().recent.back().ref.height + 1 - coin.height);
    out.script = (std::uint64_t{coin.branch} << 32 | coin.index) + 1;
    return out;
  }

  CoinRequest request(const Batch& batch) const {
    CoinRequest out;
    out.target = batch.total;
    out.base_weight = batch.weight;
    out.feerate = feerate();
    out.long_term_feerate = options_.long_term_feerate;
    out.change_weight = output_weight(wallet_.address.view());
    out.change_spend_weight = input_weight_;
    out.dust_limit = dust_limit(wallet_.address.view(), wallets_.network().dust_feerate);
    out.max_inputs = options_.max_inputs;
    out.seed = batch.withdrawals.front().value;  // the same after a crash
    return out;
  }

  void pay(const Batch& batch, const Selection& chosen) {
    std::vector<CoinId> inputs;
    for (const std::uint64_t index : chosen.coins) inputs.push_back({index});
    PlanCoins spend = new_spend(Purpose::withdrawal, std::move(inputs));
    spend.batch = batch.withdrawals;
    if (give_change(spend)) out_.emplace_back(std::move(spend));
  }

  void drop_largest(Batch& batch) const {
    const auto largest = std::ranges::max_element(batch.withdrawals, {}, [&](WithdrawalId id) {
      return s_.withdrawals.at(id).amount;
    });
    const custody::Withdrawal& withdrawal = s_.withdrawals.at(*largest);
    batch.total -= sat(withdrawal.amount);
    batch.weight -= output_weight(withdrawal.destination.view());
    batch.withdrawals.erase(largest);
  }

  // Children, whose coin is not there yet, keep nobody waiting.
  bool is_consolidating() const {
    return std::ranges::any_of(open_, [&](const Spend* spend) {
      const custody::Coin& first = s_.coins.at(spend->inputs.front());
      return spend->purpose == Purpose::consolidation && first.state == custody::CoinState::unspent;
    });
  }

  // What signers would not sign just now they will not sign on the next round either, and each plan takes a change script.
  bool dropped_lately() const {
    for (std::uint64_t id = s_.spends.size(); id > 0; --id) {
      const Spend& spend = s_.spends.at({id});
      if (in_.now - spend.planned_at >= kDroppedRestMs) return false;
      const bool dropped = spend.purpose == Purpose::consolidation && spend.state == custody::SpendState::superseded;
      if (dropped && spend.wallet == wallet_.id && spend.attempts.empty()) return true;
    }
    return false;
  }

  // A coin out of a huge transaction goes into one of the same wallet first, alone: then it is as light as any.
  void plan_lightening() {
    if (is_consolidating() || s_.platform_frozen() || dropped_lately()) return;
    const auto heavy = std::ranges::find_if(coins_, [&](const custody::Coin* coin) {
      return coin->heavy && spendable(*coin) && sat(coin->amount) > kWorthLightening * cost_of_spending();
    });
    if (heavy == coins_.end()) return;
    PlanCoins spend = new_spend(Purpose::consolidation, {(*heavy)->id});
    if (give_change(spend)) out_.emplace_back(std::move(spend));
  }

  void plan_consolidation() {
    if (feerate() > options_.long_term_feerate || coins_.size() < options_.consolidate_over) return;
    if (is_consolidating() || s_.platform_frozen() || dropped_lately()) return;
    std::vector<const custody::Coin*> small;
    for (const custody::Coin* coin : coins_) {
      if (spendable(*coin) && !coin->heavy && sat(coin->amount) > cost_of_spending()) small.push_back(coin);
    }
    std::ranges::stable_sort(small, {}, [](const custody::Coin* coin) { return coin->amount; });
    if (small.size() < options_.consolidate_inputs) return;
    std::vector<CoinId> inputs;
    for (std::size_t i = 0; i < options_.consolidate_inputs; ++i) inputs.push_back(small[i]->id);
    PlanCoins spend = new_spend(Purpose::consolidation, std::move(inputs));
    if (give_change(spend)) out_.emplace_back(std::move(spend));
  }

  // The child that a payment has or could have; none where its newest attempt is or may still get into the pool.
  std::optional<Child> child(const Spend& spend) const {
    const auto older = older_.find(spend.id);
    if (spend.purpose != Purpose::withdrawal || older == older_.end()) return std::nullopt;
    return child_of(s_, spend, older->second, {feerate(), options_.max_feerate}, wallets_);
  }

  void plan_children() {
    for (const Spend* spend : open_) {
      const bool sent = spend->state == custody::SpendState::signed_ && !spend->attempts.empty();
      if (!sent || frozen_for(s_, *spend) || s_.frozen(wallet_.chain, spend->money.asset, wallet_.id, {})) continue;
      if (in_.now - spend->attempts.back().signed_at < options_.child_after_ms) continue;
      const auto there = [&](CoinId id) { return s_.coins.at(id).state == custody::CoinState::unspent; };
      const auto found = child(*spend);
      if (!found || found->planned || !found->needed || !std::ranges::all_of(spend->inputs, there)) continue;
      custody::PlanChild plan{spend->id, found->output, found->amount, {}, 0};
      if (give_change(plan)) out_.emplace_back(std::move(plan));
    }
  }

  // What the newest attempt leaves for a higher fee.
  std::int64_t room(const Spend& spend) const {
    std::int64_t in = 0;
    for (const CoinId id : spend.inputs) {
      if (s_.coins.at(id).state == custody::CoinState::unspent) in += sat(s_.coins.at(id).amount);
    }
    return in - sat(spend.money.amount) - sat(spend.attempts.back().priority_fee);
  }

  void plan_extensions() {
    for (const Spend* spend : open_) {
      const bool pays = spend->purpose == Purpose::withdrawal && spend->state == custody::SpendState::signed_;
      if (!pays || spend->attempts.empty() || frozen_for(s_, *spend)) continue;
      if (spend->inputs.size() >= options_.max_inputs || child(*spend)) continue;
      if (in_.now - spend->attempts.back().signed_at < options_.extend_after_ms) continue;
      const std::int64_t raise = sat(spend->attempts.back().priority_fee) / 2 + 2 * cost_of_spending();
      if (room(*spend) >= raise) continue;
      const auto fits = std::ranges::find_if(coins_, [&](const custody::Coin* coin) {
        return spendable(*coin) && !coin->heavy && sat(coin->amount) > raise + cost_of_spending();
      });
      if (fits == coins_.end()) continue;
      taken_.insert((*fits)->id);
      out_.emplace_back(custody::ExtendSpend{spend->id, {(*fits)->id}});
    }
  }

  void plan_reserves() {
    if (wallet_.kind != WalletKind::multisig || !wallet_.cold) return;
    std::size_t left = options_.reserves_per_round;
    for (const custody::Coin* coin : coins_) {
      if (left == 0) return;
      if (sat(coin->amount) < kReserveWorthSat || !mature(*coin) || open_with(*coin, Purpose::reserve)) continue;
      PlanCoins spend;
      spend.purpose = Purpose::reserve;
      spend.wallet = wallet_.id;
      spend.inputs = {coin->id};
      out_.emplace_back(std::move(spend));
      --left;
    }
  }

  const State& s_;
  const Wallet& wallet_;
  const PlanInput& in_;
  const CoinPlanOptions& options_;
  const Wallets& wallets_;
  const OlderInPool& older_;
  std::vector<Command>& out_;
  std::uint32_t next_change_;
  std::int64_t input_weight_ = 0;
  std::vector<const custody::Coin*> coins_;  // Unspent.
  std::vector<const Spend*> open_;
  std::set<CoinId> taken_;  // By what was planned in this round.
};

}  // namespace

std::vector<Command> plan_coins(const State& state, custody::ChainId chain, const PlanInput& input,
                                const CoinPlanOptions& options, const Wallets& wallets, const OlderInPool& older) {
  std::vector<Command> out;
  if (chain.value > state.progress.size() || state.progress[chain.value - 1].recent.empty()) return out;
  for (const Wallet& wallet : state.wallets) {
    const bool spends = wallet.kind == WalletKind::multisig || wallet.kind == WalletKind::single_key;
    if (wallet.chain == chain && spends) WalletPlanner(state, wallet, input, options, wallets, older, out).plan();
  }
  return out;
}

}  // namespace holdfast::chain::utxo
