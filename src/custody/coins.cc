// Wallets of coins: planning what spends them, and what blocks do to them.
//
// A coin is reserved for one spend at a time, and every attempt of that spend spends all of the spend's coins: so two
// transactions of one withdrawal always conflict, whatever their fees. Evacuations take reserved coins, too: saving goes
// before paying. A reserve (an evacuation signed beforehand) reserves nothing.
//
// A child's coin is no money yet: it is known by where it will be, reserved, and in nobody's balance before it is mined.
#include "custody/coins.h"

#include "base/planted.h"
#include "custody/handlers.h"

#include <algorithm>
#include <map>
#include <set>

namespace holdfast::custody {
namespace {

class CoinsJudge {
 public:
  CoinsJudge(const State& state, const ConnectBlock& block) : s_(state), block_(block) {}

  BlockCoins judge() {
    const auto native = s_.asset_by_contract(block_.chain, {});
    if (!native) return {};  // a coin that nobody registered is in no books
    for (const Wallet& wallet : s_.wallets) {
      if (wallet.chain == block_.chain) total_[wallet.id] = total_of(wallet.id);
    }
    for (const CoinFact& fact : block_.facts.coins) see(fact, *native);
    for (const MinedFact& fact : block_.facts.mined) spend(fact);
    for (const auto& [wallet, total] : total_) out_.balances.push_back({wallet, *native, total});
    return std::move(out_);
  }

 private:
  Amount total_of(WalletId wallet) const {
    const auto found = s_.coin_total.find(wallet);
    return found == s_.coin_total.end() ? Amount::zero() : found->second;
  }

  void see(const CoinFact& fact, AssetId native) {
    const auto total = total_.find(fact.origin.wallet);
    const Coin* known = s_.coin_at(fact.outpoint);
    const bool there = (known && known->state != CoinState::orphaned) || fresh_.contains(fact.outpoint);
    if (total == total_.end() || there || fact.amount.is_zero()) return;
    if (HF_PLANTED(change_not_booked) && fact.origin.branch == 1) return;
    Coin coin;
    coin.id = known ? known->id : CoinId{s_.coins.next_id().value + added_++};
    coin.wallet = fact.origin.wallet;
    coin.outpoint = fact.outpoint;
    coin.script = fact.script;
    coin.branch = fact.origin.branch;
    coin.index = fact.origin.index;
    coin.amount = fact.amount;
    coin.height = fact.height != 0 ? fact.height : block_.facts.block.height;
    coin.coinbase = fact.coinbase;
    coin.heavy = fact.heavy;
    total->second += coin.amount;
    fresh_[fact.outpoint] = out_.seen.size();
    out_.seen.push_back(coin);
    if (s_.deposit_address(block_.chain, fact.script)) {
      out_.deposits.push_back({fact.script, native, fact.amount, fact.outpoint.txid, fact.outpoint.vout});
    }
  }

  void spend(const MinedFact& fact) {
    for (const OutPoint& outpoint : fact.spent) {
      const auto fresh = fresh_.find(outpoint);
      const Coin* coin = fresh != fresh_.end() ? &out_.seen[fresh->second] : s_.coin_at(outpoint);
      const bool can_be = coin && (fresh != fresh_.end() || coin->state == CoinState::unspent);
      if (!can_be || !gone_.insert(outpoint).second) continue;
      out_.spent.push_back({coin->id, fact.txid});
      total_.at(coin->wallet) -= coin->amount;
    }
  }

  const State& s_;
  const ConnectBlock& block_;
  BlockCoins out_;
  std::map<WalletId, Amount> total_;
  std::map<OutPoint, std::size_t> fresh_;  // Place in out_.seen.
  std::set<OutPoint> gone_;
  std::uint64_t added_ = 0;
};

// Whether all that the spend counts on is still there.
bool viable(const State& s, const Spend& spend) {
  return std::ranges::all_of(spend.inputs, [&](CoinId id) { return s.coins.at(id).state == CoinState::unspent; });
}

bool open_with(const State& s, const Coin& coin, Purpose purpose) {
  const auto counting = s.spends_by_nonce.find({coin.wallet, coin.id.value});
  return counting != s.spends_by_nonce.end() && std::ranges::any_of(counting->second, [&](SpendId id) {
           return s.spends.at(id).purpose == purpose && viable(s, s.spends.at(id));
         });
}

Refusal judge_inputs(const State& s, WalletId wallet, const std::vector<CoinId>& inputs) {
  std::set<CoinId> seen;
  for (const CoinId id : inputs) {
    const Coin* coin = s.coins.find(id);
    if (!coin) return Refusal::coin_unknown;
    if (coin->wallet != wallet || coin->state != CoinState::unspent) return Refusal::coin_not_spendable;
    if (!seen.insert(id).second) return Refusal::coin_not_spendable;
  }
  return inputs.empty() ? Refusal::amount_not_positive : Refusal::none;
}

// What pays rests on coins that stay: final ones, and change of our own transactions, which rest on such coins themselves.
// Anybody may pay to a script that was seen, and take it back.
Refusal judge_sure(const State& s, const Wallet& wallet, const std::vector<CoinId>& inputs) {
  const std::uint64_t final_height = s.progress[wallet.chain.value - 1].final_height;
  const bool sure = std::ranges::all_of(inputs, [&](CoinId id) {
    const Coin& coin = s.coins.at(id);
    return coin.height <= final_height || s.spend_by_txid.contains(coin.outpoint.txid);
  });
  return sure ? Refusal::none : Refusal::coin_not_final;
}

Refusal judge_free(const State& s, const Wallet& wallet, const std::vector<CoinId>& inputs) {
  if (const Refusal refusal = judge_sure(s, wallet, inputs); refusal != Refusal::none) return refusal;
  const bool free = std::ranges::none_of(inputs, [&](CoinId id) { return s.reserved(s.coins.at(id)); });
  return free || HF_PLANTED(coin_spent_twice) ? Refusal::none : Refusal::coin_reserved;
}

Amount worth(const State& s, const std::vector<CoinId>& inputs) {
  Amount sum;
  for (const CoinId id : inputs) sum += s.coins.at(id).amount;
  return sum;
}

Refusal judge_batch(const Decision& d, const PlanCoins& c, const Wallet& wallet, Amount& total) {
  std::set<WithdrawalId> seen;
  for (const WithdrawalId id : c.batch) {
    const Withdrawal* withdrawal = d.state.withdrawals.find(id);
    if (!withdrawal || !seen.insert(id).second) return Refusal::withdrawal_unknown;
    if (withdrawal->state != WithdrawalState::approved) return Refusal::state_wrong;
    if (withdrawal->approval_expires_at <= d.now) return Refusal::approval_expired;
    const Asset& asset = d.state.assets.at(withdrawal->asset);
    if (asset.chain != wallet.chain || !asset.native()) return Refusal::wallet_kind_wrong;
    total += withdrawal->amount;
  }
  if (c.batch.empty() || c.batch.size() > kMaxBatch) return Refusal::amount_not_positive;
  return worth(d.state, c.inputs) > total ? Refusal::none : Refusal::wallet_short;
}

Refusal judge_purpose(const Decision& d, const PlanCoins& c, const Wallet& wallet, Amount& total) {
  const State& s = d.state;
  switch (c.purpose) {
    case Purpose::withdrawal:
      if (wallet.compromised_by) return Refusal::wallet_compromised;
      if (const Refusal refusal = judge_batch(d, c, wallet, total); refusal != Refusal::none) return refusal;
      return judge_free(s, wallet, c.inputs);
    case Purpose::consolidation:
      return wallet.compromised_by ? Refusal::wallet_compromised : judge_free(s, wallet, c.inputs);
    case Purpose::burn: {
      const Spend* burnt = s.spends.find(c.burns);
      const bool right = burnt && burnt->wallet == c.wallet && burnt->purpose == Purpose::withdrawal &&
                         !ended(burnt->state) && burnt->state != SpendState::mined && !has_live_attempt(*burnt);
      // All of its coins: a signer that has signed the payment lets none of them pay anybody else.
      if (!right || c.inputs != burnt->inputs) return Refusal::state_wrong;
      return open_with(s, s.coins.at(c.inputs.front()), Purpose::burn) ? Refusal::already_done : Refusal::none;
    }
    case Purpose::evacuation:
      if (!s.incidents.find(c.incident)) return Refusal::incident_unknown;
      if (!wallet.compromised_by || !wallet.cold) return Refusal::state_wrong;
      return std::ranges::any_of(c.inputs, [&](CoinId id) { return open_with(s, s.coins.at(id), Purpose::evacuation); })
                 ? Refusal::already_done
                 : Refusal::none;
    case Purpose::reserve:
      if (!wallet.cold || c.inputs.size() != 1) return Refusal::state_wrong;
      return open_with(s, s.coins.at(c.inputs.front()), Purpose::reserve) ? Refusal::already_done : Refusal::none;
    case Purpose::sweep:
      break;
  }
  return Refusal::wallet_kind_wrong;
}

bool is_fresh_change(const Wallet& wallet, const Address& change, std::uint32_t index) {
  return !change.empty() && index >= wallet.next_change && index < kMaxScriptIndex;
}

Refusal judge_parent(const State& s, const PlanChild& c, const Spend& parent) {
  const bool pays = parent.purpose == Purpose::withdrawal && parent.state == SpendState::signed_ && !parent.inputs.empty();
  const bool sent = attempt_with(parent, c.output.txid) != nullptr;
  // All that it spends is in the chain: of ours, no more than these two ever hang on each other unmined.
  if (!pays || !sent || !viable(s, parent)) return Refusal::state_wrong;
  if (s.wallets.at(parent.wallet).compromised_by) return Refusal::wallet_compromised;
  const auto paid = Amount::sum(c.amount, parent.money.amount);
  const bool can_be = !c.amount.is_zero() && paid && *paid < worth(s, parent.inputs) && c.output.vout <= parent.batch.size();
  return can_be ? Refusal::none : Refusal::coin_not_spendable;
}

// It has an id already when the parent was mined before, in a block that is gone.
Refusal judge_output(const State& s, const Coin* known, const Spend& parent) {
  if (!known) return Refusal::none;
  if (known->state != CoinState::orphaned || known->script != parent.change) return Refusal::coin_not_spendable;
  return s.reserved(*known) ? Refusal::coin_reserved : Refusal::none;
}

Coin expected_coin(const State& s, const PlanChild& c, const Spend& parent) {
  Coin coin;
  coin.id = s.coins.next_id();
  coin.wallet = parent.wallet;
  coin.outpoint = c.output;
  coin.script = parent.change;
  coin.branch = 1;
  coin.index = parent.change_index;
  coin.amount = c.amount;
  coin.state = CoinState::orphaned;
  return coin;
}

void leave_unspent(State& s, const Coin& coin) {
  const auto unspent = s.unspent_coins.find(coin.wallet);
  unspent->second.erase(coin.id);
  if (unspent->second.empty()) s.unspent_coins.erase(unspent);
  Amount& total = s.coin_total.at(coin.wallet);
  total -= coin.amount;
  if (total.is_zero()) s.coin_total.erase(coin.wallet);
}

bool saves(Purpose purpose) { return purpose == Purpose::evacuation || purpose == Purpose::reserve; }

}  // namespace

WalletId BlockCoins::wallet_of(const State& state, CoinId coin) const {
  if (const Coin* known = state.coins.find(coin)) return known->wallet;
  const auto fresh = std::ranges::find(seen, coin, &Coin::id);
  return fresh == seen.end() ? WalletId{} : fresh->wallet;
}

BlockCoins judge_coins(const State& state, const ConnectBlock& block) {
  if (!state.of_coins(block.chain)) return {};
  return CoinsJudge(state, block).judge();
}

Refusal decide(Decision& d, const PlanCoins& c) {
  const Wallet* wallet = d.state.wallets.find(c.wallet);
  if (!wallet) return Refusal::wallet_unknown;
  const bool spends = wallet->kind == WalletKind::multisig || wallet->kind == WalletKind::single_key;
  if (!spends || !d.state.of_coins(wallet->chain)) return Refusal::wallet_kind_wrong;
  if (const Refusal refusal = judge_inputs(d.state, c.wallet, c.inputs); refusal != Refusal::none) return refusal;
  Amount total;
  if (const Refusal refusal = judge_purpose(d, c, *wallet, total); refusal != Refusal::none) return refusal;
  const bool wants_change = !saves(c.purpose);
  const bool right = wants_change ? is_fresh_change(*wallet, c.change, c.change_index) : c.change.empty();
  if (!right) return Refusal::change_wrong;
  const auto native = d.state.asset_by_contract(wallet->chain, {});
  if (!native) return Refusal::asset_unknown;
  Spend spend;
  spend.id = d.state.spends.next_id();
  spend.purpose = c.purpose;
  spend.wallet = c.wallet;
  spend.planned_at = d.now;
  spend.inputs = c.inputs;
  spend.nonce = c.inputs.front().value;
  spend.batch = c.batch;
  spend.change = c.change;
  spend.change_index = wants_change ? c.change_index : 0;
  spend.incident = c.purpose == Purpose::evacuation ? c.incident : IncidentId{};
  spend.burns = c.purpose == Purpose::burn ? c.burns : SpendId{};
  spend.money = {*native, saves(c.purpose) ? worth(d.state, c.inputs) : total};
  if (saves(c.purpose)) spend.destination = d.state.wallets.at(wallet->cold).address;
  if (frozen_for(d.state, spend)) return Refusal::frozen;
  return d.emit(SpendPlanned{spend});
}

Refusal decide(Decision& d, const PlanChild& c) {
  const Spend* parent = d.state.spends.find(c.parent);
  if (!parent) return Refusal::spend_unknown;
  if (const Refusal refusal = judge_parent(d.state, c, *parent); refusal != Refusal::none) return refusal;
  const Coin* known = d.state.coin_at(c.output);
  if (const Refusal refusal = judge_output(d.state, known, *parent); refusal != Refusal::none) return refusal;
  if (!is_fresh_change(d.state.wallets.at(parent->wallet), c.change, c.change_index)) return Refusal::change_wrong;
  const Coin coin = known ? *known : expected_coin(d.state, c, *parent);
  Spend child;
  child.id = d.state.spends.next_id();
  child.purpose = Purpose::consolidation;
  child.wallet = parent->wallet;
  child.planned_at = d.now;
  child.inputs = {coin.id};
  child.nonce = coin.id.value;
  child.change = c.change;
  child.change_index = c.change_index;
  child.money = {parent->money.asset, Amount::zero()};
  if (frozen_for(d.state, *parent) || frozen_for(d.state, child)) return Refusal::frozen;
  if (!known) d.emit(CoinExpected{coin});
  return d.emit(SpendPlanned{child});
}

Refusal decide(Decision& d, const ExtendSpend& c) {
  const Spend* spend = d.state.spends.find(c.spend);
  if (!spend) return Refusal::spend_unknown;
  const bool open = !ended(spend->state) && spend->state != SpendState::mined && !spend->change.empty();
  if (!open) return Refusal::state_wrong;
  if (const Refusal refusal = judge_inputs(d.state, spend->wallet, c.inputs); refusal != Refusal::none) return refusal;
  const Wallet& wallet = d.state.wallets.at(spend->wallet);
  if (const Refusal refusal = judge_free(d.state, wallet, c.inputs); refusal != Refusal::none) return refusal;
  if (frozen_for(d.state, *spend)) return Refusal::frozen;
  return d.emit(SpendExtended{c.spend, c.inputs});
}

Refusal decide(Decision& d, const DropConsolidation& c) {
  const Spend* spend = d.state.spends.find(c.spend);
  if (!spend) return Refusal::spend_unknown;
  const bool open = spend->purpose == Purpose::consolidation && spend->state == SpendState::planned;
  return open ? d.emit(SpendSuperseded{c.spend}) : Refusal::state_wrong;
}

void apply(State& s, Instant, const CoinSeen& e) {
  if (e.coin.id == s.coins.next_id()) {
    s.coins.add(e.coin.id, e.coin);
    s.coin_by_outpoint[e.coin.outpoint] = e.coin.id;
  } else {
    Coin& coin = s.coins.at(e.coin.id);
    HF_CHECK(coin.state == CoinState::orphaned && coin.outpoint == e.coin.outpoint);
    coin = e.coin;
  }
  // An index at which a coin came is used, whoever handed it out: nobody gets it again.
  Wallet& wallet = s.wallets.at(e.coin.wallet);
  std::uint32_t& next = e.coin.branch == 0 ? wallet.next_receive : wallet.next_change;
  next = std::max(next, e.coin.index + 1);
  s.unspent_coins[e.coin.wallet].insert(e.coin.id);
  s.coin_total[e.coin.wallet] += e.coin.amount;
  head_block(s, s.wallets.at(e.coin.wallet).chain).coins.push_back(e.coin.id);
}

void apply(State& s, Instant, const CoinExpected& e) {
  HF_CHECK(e.coin.state == CoinState::orphaned);
  s.coins.add(e.coin.id, e.coin);
  s.coin_by_outpoint[e.coin.outpoint] = e.coin.id;
}

void apply(State& s, Instant, const CoinOrphaned& e) {
  Coin& coin = s.coins.at(e.coin);
  HF_CHECK(coin.state == CoinState::unspent);
  coin.state = CoinState::orphaned;
  leave_unspent(s, coin);
}

void apply(State& s, Instant, const CoinSpent& e) {
  Coin& coin = s.coins.at(e.coin);
  HF_CHECK(coin.state == CoinState::unspent);
  coin.state = CoinState::spent;
  coin.spent_by = e.txid;
  leave_unspent(s, coin);
  head_block(s, s.wallets.at(coin.wallet).chain).spent_coins.push_back(e.coin);
}

void apply(State& s, Instant, const CoinUnspent& e) {
  Coin& coin = s.coins.at(e.coin);
  HF_CHECK(coin.state == CoinState::spent);
  coin.state = CoinState::unspent;
  coin.spent_by = {};
  s.unspent_coins[coin.wallet].insert(coin.id);
  s.coin_total[coin.wallet] += coin.amount;
}

void apply(State& s, Instant, const SpendExtended& e) {
  Spend& spend = s.spends.at(e.spend);
  spend.inputs.insert(spend.inputs.end(), e.inputs.begin(), e.inputs.end());
  if (spend.attempts.empty()) spend.in_all_attempts = static_cast<std::uint32_t>(spend.inputs.size());
  for (const CoinId coin : e.inputs) s.spends_by_nonce[{spend.wallet, coin.value}].insert(spend.id);
}

}  // namespace holdfast::custody
