#include "engine/planner.h"

#include "custody/value.h"

#include <algorithm>

namespace holdfast::engine {
namespace {

using namespace custody;

// Gas that one asset's evacuation from a single-key wallet may take; more than enough for odd tokens.
constexpr Int128 kEvacuationGas = 150'000;
constexpr Int128 kTransferGas = 21'000;
// A fee war may raise the price this many times before the rescued coin itself can no longer pay for it.
constexpr Int128 kFeeHeadroom = 4;
// Worth less than this, an asset of known price is not worth the evacuation's own fee: strangers could send dust for ever.
constexpr std::uint64_t kDustMicroUsd = 1'000'000;

class Planner {
 public:
  Planner(const State& state, const PlanInput& input, const PlanLimits& limits) : s_(state), in_(input), limits_(limits) {}

  std::vector<Command> plan() {
    plan_evacuations();
    plan_expiry();
    plan_release();
    plan_overdue();
    plan_burns();
    plan_unassignment();
    plan_gas();
    plan_withdrawals();
    plan_sweeps();
    return std::move(out_);
  }

 private:
  bool evacuating(WalletId wallet, AssetId asset) const {
    return std::any_of(s_.open_spends.begin(), s_.open_spends.end(), [&](SpendId id) {
      const Spend& spend = s_.spends.at(id);
      return spend.purpose == Purpose::evacuation && spend.wallet == wallet && (!asset || spend.money.asset == asset);
    });
  }

  // What the wallet holds and is not on its way to safety yet, most valuable first.
  std::vector<AssetAmount> endangered(const Wallet& wallet) const {
    std::vector<AssetAmount> money;
    for (const Asset& asset : s_.assets) {
      if (asset.chain != wallet.chain) continue;
      const Amount balance = s_.wallet_balance(wallet.id, asset.id);
      const bool by_key = wallet.kind != WalletKind::safe;
      if (balance.is_zero() || (by_key && evacuating(wallet.id, asset.id))) continue;
      if (asset.price_micro_usd != 0 && value_of(asset, balance) < kDustMicroUsd) continue;
      money.push_back({asset.id, balance});
    }
    std::stable_sort(money.begin(), money.end(), [&](const AssetAmount& a, const AssetAmount& b) {
      return value_of(s_.assets.at(a.asset), a.amount) > value_of(s_.assets.at(b.asset), b.amount);
    });
    return money;
  }

  // Gas that the rescue of all that the wallet holds may take.
  Int128 rescue_gas(const Wallet& wallet) const {
    const auto tokens = std::count_if(s_.assets.begin(), s_.assets.end(), [&](const Asset& asset) {
      return asset.chain == wallet.chain && !asset.native() && !s_.wallet_balance(wallet.id, asset.id).is_zero();
    });
    return kTransferGas + static_cast<Int128>(tokens) * kEvacuationGas;
  }

  // The market's price, or what a thief offers for a nonce that is still open.
  Amount rescue_price(const Wallet& wallet) const {
    Amount price = in_.quotes.at(wallet.chain).max_fee;
    const auto mined = s_.mined_nonce.find(wallet.id);
    const auto first = s_.foreign_spends.lower_bound({wallet.id, mined == s_.mined_nonce.end() ? 0 : mined->second});
    for (auto foreign = first; foreign != s_.foreign_spends.end() && foreign->first.first == wallet.id; ++foreign) {
      price = std::max(price, foreign->second.max_fee);
    }
    return price;
  }

  static Amount times(Int128 gas, Amount price) {
    return price.units() > kInt128Max / gas ? Amount::max() : Amount::of(gas * price.units());
  }

  // A single-key wallet pays for its own rescue: leave it the fees, at the market's price or at the thief's. But a thief's mad
  // price must not talk us into leaving the coin itself: at most a quarter stays for it. What is then left of the native coin
  // goes only when it is more than the market's fees, or each fall of the price would move another crumb.
  Amount native_to_rescue(const Wallet& wallet, Amount balance) const {
    const Int128 gas = rescue_gas(wallet) * kFeeHeadroom;
    const Amount at_market = times(gas, in_.quotes.at(wallet.chain).max_fee);
    if (balance.units() / 2 < at_market.units()) return Amount::zero();
    const Amount bound = std::max(at_market, Amount::of(balance.units() / 4));
    return balance - std::min(times(gas, rescue_price(wallet)), bound);
  }

  void keep_fees(const Wallet& wallet, std::vector<AssetAmount>& money) const {
    const auto native = s_.asset_by_contract(wallet.chain, {});
    if (!in_.quotes.contains(wallet.chain) || !native) return;
    for (AssetAmount& entry : money) {
      if (entry.asset == *native) entry.amount = native_to_rescue(wallet, entry.amount);
    }
    std::erase_if(money, [](const AssetAmount& entry) { return entry.amount.is_zero(); });
  }

  void plan_evacuations() {
    for (const Wallet& wallet : s_.wallets) {
      if (!wallet.compromised_by || !wallet.cold || wallet.kind == WalletKind::cold) continue;
      if (wallet.kind == WalletKind::forwarders || s_.of_coins(wallet.chain)) continue;
      if (wallet.kind == WalletKind::safe && evacuating(wallet.id, {})) continue;
      std::vector<AssetAmount> money = endangered(wallet);
      if (wallet.kind != WalletKind::safe) keep_fees(wallet, money);
      if (!money.empty()) out_.push_back(PlanEvacuation{wallet.compromised_by, wallet.id, std::move(money)});
    }
  }

  void plan_expiry() {
    const auto expired = [&](WithdrawalId id) { return s_.withdrawals.at(id).approval_expires_at <= in_.now; };
    if (std::any_of(s_.waiting_approved.begin(), s_.waiting_approved.end(), expired)) out_.push_back(ExpireApprovals{});
  }

  void plan_release() {
    const auto& delayed = s_.waiting_delay;
    if (!delayed.empty() && delayed.begin()->first <= in_.now) out_.push_back(ReleaseDelayed{});
  }

  void plan_overdue() {
    const auto is_late = [&](const auto& open) {
      const Case& one = s_.cases.at(open.first);
      return !one.overdue && one.due_at <= in_.now;
    };
    if (std::ranges::any_of(s_.open_cases, is_late)) out_.push_back(MarkOverdue{});
  }

  // Its nonce is used up by a burn; then the money goes back.
  bool given_up(const Spend& spend) const { return is_given_up(s_, spend, in_, limits_); }

  bool burning(const Spend& spend) const {
    return std::any_of(s_.open_spends.begin(), s_.open_spends.end(), [&](SpendId id) {
      return s_.spends.at(id).burns == spend.id && s_.spends.at(id).wallet == spend.wallet;  // not of its gas nonce
    });
  }

  void plan_burns() {
    for (const SpendId id : s_.open_spends) {
      const Spend& spend = s_.spends.at(id);
      if (spend.inputs.empty() && given_up(spend) && !burning(spend)) out_.push_back(PlanBurn{id});
    }
  }

  bool can_pay_gas(const Wallet& gas, ChainId chain) const {
    return gas.kind == WalletKind::gas && gas.chain == chain && !gas.compromised_by && in_.attached.contains(gas.signer);
  }

  // What waits for a signer that is gone, and has nothing signed yet, goes on with another's gas wallet.
  void plan_unassignment() {
    for (const SpendId id : s_.open_spends) {
      const Spend& spend = s_.spends.at(id);
      if (!spend.gas_wallet || spend.state == SpendState::mined || has_live_attempt(spend)) continue;
      if (in_.gone.contains(s_.wallets.at(spend.gas_wallet).signer)) out_.push_back(UnassignGas{id});
    }
  }

  // A Safe's transactions go through one gas wallet as long as any is on its way; an evacuation takes the least busy one.
  // While that gas wallet's signer is away, nothing more joins the lane: what is signed in it will be mined and clear it.
  WalletId gas_wallet_for(const Spend& spend) const {
    const Wallet& wallet = s_.wallets.at(spend.wallet);
    std::map<WalletId, std::size_t> busy;
    for (const SpendId id : s_.open_spends) {
      const Spend& other = s_.spends.at(id);
      if (!other.gas_wallet || other.state == SpendState::mined) continue;
      ++busy[other.gas_wallet];
      const bool same_lane = other.wallet == spend.wallet && other.id != spend.id && other.purpose != Purpose::evacuation;
      if (same_lane && spend.purpose != Purpose::evacuation && wallet.kind == WalletKind::safe) {
        return can_pay_gas(s_.wallets.at(other.gas_wallet), wallet.chain) ? other.gas_wallet : WalletId{};
      }
    }
    WalletId best;
    for (const Wallet& gas : s_.wallets) {
      if (!can_pay_gas(gas, wallet.chain)) continue;
      if (!best || (spend.purpose == Purpose::evacuation && busy[gas.id] < busy[best])) best = gas.id;
    }
    return best;
  }

  void plan_gas() {
    for (const SpendId id : s_.open_spends) {
      const Spend& spend = s_.spends.at(id);
      const WalletKind kind = s_.wallets.at(spend.wallet).kind;
      const bool ready = (kind == WalletKind::safe && spend.state == SpendState::authorised) ||
                         (kind == WalletKind::forwarders && spend.state == SpendState::planned);
      if (!ready || frozen_for(s_, spend) || given_up(spend)) continue;
      if (const WalletId gas = gas_wallet_for(spend)) out_.push_back(AssignGas{id, gas});
    }
  }

  bool usable_source(const Wallet& wallet, const Withdrawal& withdrawal) const {
    if (wallet.kind != WalletKind::safe && wallet.kind != WalletKind::single_key) return false;
    if (s_.of_coins(wallet.chain)) return false;
    if (wallet.chain != s_.assets.at(withdrawal.asset).chain || wallet.compromised_by) return false;
    if (wallet.kind == WalletKind::single_key && !in_.attached.contains(wallet.signer)) return false;
    return !s_.frozen(wallet.chain, withdrawal.asset, wallet.id, withdrawal.customer);
  }

  void plan_withdrawals() {
    if (s_.platform_frozen()) return;
    std::map<WalletId, std::size_t> on_the_way;
    std::map<WalletAsset, Amount> taken;
    for (const SpendId id : s_.open_spends) {
      if (s_.spends.at(id).state != SpendState::mined) ++on_the_way[s_.spends.at(id).wallet];
    }
    std::size_t left = limits_.examined;
    for (const WithdrawalId id : s_.waiting_approved) {
      if (left-- == 0) break;
      const Withdrawal& withdrawal = s_.withdrawals.at(id);
      if (withdrawal.approval_expires_at <= in_.now) continue;
      for (const Wallet& wallet : s_.wallets) {
        if (!usable_source(wallet, withdrawal) || on_the_way[wallet.id] >= limits_.spends_per_wallet) continue;
        Amount& promised = taken[{wallet.id, withdrawal.asset}];
        const Amount free = s_.wallet_free(wallet.id, withdrawal.asset);
        if (Amount::difference(free, promised).value_or(Amount::zero()) < withdrawal.amount) continue;
        promised += withdrawal.amount;
        ++on_the_way[wallet.id];
        out_.push_back(PlanWithdrawal{id, wallet.id});
        break;
      }
    }
  }

  const Wallet* forwarders_of(ChainId chain) const {
    const auto found = std::find_if(s_.wallets.begin(), s_.wallets.end(), [&](const Wallet& wallet) {
      return wallet.kind == WalletKind::forwarders && wallet.chain == chain;
    });
    return found == s_.wallets.end() ? nullptr : &*found;
  }

  // Sweeps end in the Safe: not while its keys are known to others.
  bool sweeps_are_safe(ChainId chain) const {
    return std::none_of(s_.wallets.begin(), s_.wallets.end(), [&](const Wallet& wallet) {
      return wallet.chain == chain && wallet.kind == WalletKind::safe && wallet.compromised_by;
    });
  }

  std::set<Hash32> swept_lately() const {
    std::set<Hash32> salts;
    for (std::size_t id = s_.spends.size(); id > 0; --id) {
      const Spend& spend = s_.spends.at(SpendId{id});
      if (in_.now - spend.planned_at >= limits_.sweep_pause_ms) break;
      salts.insert(spend.salts.begin(), spend.salts.end());
    }
    return salts;
  }

  // One sweep per chain at a time, of addresses whose every deposit is final.
  void plan_sweeps() {
    if (s_.platform_frozen()) return;
    struct Sweep {
      std::vector<Hash32> salts;
      std::set<AssetId> assets;
    };
    std::map<WalletId, Sweep> sweeps;
    const std::set<Hash32> lately = swept_lately();
    for (const auto& [key, amount] : s_.unswept) {
      const ChainId chain = s_.assets.at(key.second).chain;
      const Wallet* forwarders = forwarders_of(chain);
      const DepositAddress* address = s_.deposit_address(chain, key.first);
      if (!forwarders || !address || s_.unfinal_deposits.contains({chain, key.first})) continue;
      if (lately.contains(address->salt) || !sweeps_are_safe(chain)) continue;
      Sweep& sweep = sweeps[forwarders->id];
      const bool known = std::find(sweep.salts.begin(), sweep.salts.end(), address->salt) != sweep.salts.end();
      if (!known && sweep.salts.size() == limits_.sweep_addresses) continue;
      if (!known) sweep.salts.push_back(address->salt);
      sweep.assets.insert(key.second);
    }
    for (auto& [wallet, sweep] : sweeps) {
      const bool busy = std::any_of(s_.open_spends.begin(), s_.open_spends.end(), [&, id = wallet](SpendId open) {
        return s_.spends.at(open).purpose == Purpose::sweep && s_.spends.at(open).wallet == id;
      });
      if (!busy) out_.push_back(PlanSweep{wallet, std::move(sweep.salts), {sweep.assets.begin(), sweep.assets.end()}});
    }
  }

  const State& s_;
  const PlanInput& in_;
  const PlanLimits& limits_;
  std::vector<Command> out_;
};

}  // namespace

bool is_given_up(const State& state, const Spend& spend, const PlanInput& input, const PlanLimits& limits) {
  if (spend.purpose == Purpose::consolidation) return !has_live_attempt(spend) && input.refused.contains(spend.id);
  if (spend.purpose != Purpose::withdrawal || has_live_attempt(spend)) return false;
  if (spend.state == SpendState::mined || ended(spend.state)) return false;
  const Wallet& wallet = state.wallets.at(spend.wallet);
  // A leaked key's wallet has no coin to spare for burns: its nonces go to evacuations, or to the thief.
  if (wallet.compromised_by && wallet.kind != WalletKind::safe) return false;
  const bool expired = std::ranges::any_of(withdrawals_of(spend), [&](WithdrawalId id) {
    return state.withdrawals.at(id).approval_expires_at <= input.now;
  });
  return expired || spend.reverts >= limits.reverts || input.refused.contains(spend.id);
}

std::vector<Command> plan(const State& state, const PlanInput& input, const PlanLimits& limits) {
  return Planner(state, input, limits).plan();
}

}  // namespace holdfast::engine
