// Spends: one use of an own wallet's nonce each, from plan to finality.
//
//   planned -> authorised -> assigned -> signed -> mined -> settled      of a Safe
//   planned ->               assigned -> signed -> mined -> settled      sweep (a gas wallet calls the factory)
//   planned ->                           signed -> mined -> settled      single_key, gas (their own nonce pays)
//
// Everything that could be mined for one withdrawal shares one nonce of its wallet, for ever. The money goes back to the
// customer only when that nonce is used up by something else that is final: that is what makes "at most once" true.
#include "base/planted.h"
#include "custody/handlers.h"

#include <algorithm>

namespace holdfast::custody {
namespace {

constexpr std::int64_t kEvacuationLifetimeMs = 60 * 60 * 1000;

bool pays_itself(WalletKind kind) { return kind == WalletKind::single_key || kind == WalletKind::gas; }

// The fee of a transaction, from the wallet that paid it; back again when its block goes away.
void book_fee(State& s, WalletId payer, Amount fee, bool undo) {
  const auto native = payer ? s.asset_by_contract(s.wallets.at(payer).chain, {}) : std::nullopt;
  if (!native) return;  // a coin that nobody registered is in no books
  const AccountId wallet = wallet_account(payer, *native);
  const AccountId fees = network_fees_account(*native);
  post(s, undo ? wallet : fees, undo ? fees : wallet, fee);
}

void enter_indexes(State& s, const Spend& spend) {
  s.open_spends.insert(spend.id);
  for (const WalletNonce& nonce : own_nonces(s, spend)) s.spends_by_nonce[nonce].insert(spend.id);
  if (const auto nonce = gas_nonce(spend)) s.spends_by_nonce[*nonce].insert(spend.id);
}

void leave_nonce(State& s, const std::optional<WalletNonce>& nonce, SpendId id) {
  if (!nonce) return;
  const auto found = s.spends_by_nonce.find(*nonce);
  if (found == s.spends_by_nonce.end()) return;
  found->second.erase(id);
  if (found->second.empty()) s.spends_by_nonce.erase(found);
}

void leave_indexes(State& s, const Spend& spend) {
  s.open_spends.erase(spend.id);
  for (const WalletNonce& nonce : own_nonces(s, spend)) leave_nonce(s, nonce, spend.id);
  leave_nonce(s, gas_nonce(spend), spend.id);
}

// `committed` counts open withdrawals' spends that have not left the wallet yet.
bool counts_as_committed(const Spend& spend) {
  return spend.purpose == Purpose::withdrawal && !ended(spend.state) && spend.state != SpendState::mined &&
         !spend.settled_once;
}

template <class Change>
void change(State& s, Spend& spend, Change&& change_it) {
  const WalletAsset key{spend.wallet, spend.money.asset};
  if (counts_as_committed(spend)) {
    Amount& promised = s.committed.at(key);
    promised -= spend.money.amount;
    if (promised.is_zero()) s.committed.erase(key);
  }
  change_it();
  if (counts_as_committed(spend)) s.committed[key] += spend.money.amount;
}

void set_withdrawal_state(State& s, const Spend& spend, WithdrawalState state) {
  if (spend.settled_once) return;
  for (const WithdrawalId id : withdrawals_of(spend)) s.withdrawals.at(id).state = state;
}

// The other side of money that left for the outside. Once a spend was final, its withdrawal's hold is gone: what comes
// back when its block goes away is owed to the next time it is mined; if the withdrawal had been returned, it is a loss.
AccountId outside_account(const State& s, const Spend& spend, AssetId asset) {
  if (!spend.settled_once) return transit_account(asset);
  const bool paid = std::ranges::any_of(withdrawals_of(spend), [&](WithdrawalId id) {
    return s.withdrawals.at(id).state == WithdrawalState::completed;
  });
  return paid ? incoming_account(asset) : loss_account({}, asset);
}

void sweep_address(State& s, const Movement& movement, bool undo) {
  if (movement.source.empty()) return;
  const std::pair<Address, AssetId> key{movement.source, movement.asset};
  if (undo) {
    s.unswept[key] += movement.amount;
    return;
  }
  const auto found = s.unswept.find(key);
  if (found == s.unswept.end()) return;
  found->second -= std::min(found->second, movement.amount);
  if (found->second.is_zero()) s.unswept.erase(found);
}

void book_movements(State& s, const Spend& spend) {
  for (const Movement& movement : spend.movements) {
    const AccountId to =
        movement.to ? wallet_account(movement.to, movement.asset) : outside_account(s, spend, movement.asset);
    post(s, to, wallet_account(movement.from, movement.asset), movement.amount);
    sweep_address(s, movement, false);
  }
  book_fee(s, spend.payer, spend.network_fee, false);
}

void unbook_movements(State& s, const Spend& spend) {
  book_fee(s, spend.payer, spend.network_fee, true);
  for (auto movement = spend.movements.rbegin(); movement != spend.movements.rend(); ++movement) {
    const AccountId to =
        movement->to ? wallet_account(movement->to, movement->asset) : outside_account(s, spend, movement->asset);
    post(s, wallet_account(movement->from, movement->asset), to, movement->amount);
    sweep_address(s, *movement, true);
  }
}

// The account nonce that a mined spend used, of the own wallet that paid for it.
std::optional<WalletNonce> paid_nonce(const State& s, const Spend& spend) {
  if (!spend.payer || !spend.inputs.empty()) return std::nullopt;
  if (pays_itself(s.wallets.at(spend.wallet).kind)) return WalletNonce{spend.wallet, spend.nonce};
  return gas_nonce(spend);
}

void forget_mined(Spend& spend) {
  spend.success = spend.executed = false;
  spend.height = 0;
  spend.mined_txid = {};
  spend.movements.clear();
  spend.payer = {};
  spend.network_fee = {};
}

bool raised_enough(Amount before, Amount after) {
  const auto tenfold = [](Amount amount) { return static_cast<Uint128>(amount.units()) * 10; };
  constexpr Int128 kBound = kInt128Max / 16;  // keeps the products in range
  if (before.units() > kBound || after.units() > kBound) return false;
  return tenfold(after) >= static_cast<Uint128>(before.units()) * 11;
}

// A Safe executes in the order of its nonces: its transactions must be mined in that order, so they go through one gas
// wallet, whose nonce keeps them in it.
Refusal judge_order(const State& s, const Spend& spend, WalletId gas_wallet) {
  if (own_nonces(s, spend).empty()) return Refusal::none;
  for (const SpendId id : s.open_spends) {
    const Spend& other = s.spends.at(id);
    if (other.id == spend.id || other.wallet != spend.wallet || other.purpose == Purpose::evacuation) continue;
    if (other.nonce >= spend.nonce || other.state == SpendState::mined) continue;
    const bool burnt = std::any_of(s.open_spends.begin(), s.open_spends.end(), [&](SpendId open) {
      const Spend& burn = s.spends.at(open);
      return burn.burns == other.id && burn.wallet == other.wallet && burn.gas_wallet == gas_wallet;
    });
    if (!burnt && other.gas_wallet != gas_wallet) return Refusal::nonce_wrong;
  }
  return Refusal::none;
}

Spend new_spend(const Decision& d, std::uint64_t offset, Purpose purpose, WalletId wallet) {
  Spend spend;
  spend.id = {d.state.spends.next_id().value + offset};
  spend.purpose = purpose;
  spend.wallet = wallet;
  spend.planned_at = d.now;
  return spend;
}

bool evacuates_already(const State& s, WalletId wallet, AssetId asset) {
  return std::any_of(s.open_spends.begin(), s.open_spends.end(), [&](SpendId id) {
    const Spend& spend = s.spends.at(id);
    return spend.purpose == Purpose::evacuation && spend.wallet == wallet && (!asset || spend.money.asset == asset);
  });
}

Refusal plan_safe_evacuation(Decision& d, const PlanEvacuation& c, const Wallet& wallet) {
  if (evacuates_already(d.state, wallet.id, {})) return Refusal::already_done;
  Spend spend = new_spend(d, 0, Purpose::evacuation, wallet.id);
  spend.nonce = spend.id.value;
  spend.incident = c.incident;
  spend.destination = d.state.wallets.at(wallet.cold).address;
  for (const AssetAmount& money : c.money) spend.assets.push_back(money.asset);
  spend.expires_at = d.now + kEvacuationLifetimeMs;
  return d.emit(SpendPlanned{spend});
}

// One asset a nonce, from the first nonce that is not mined: where the thief's transactions wait, ours takes their place.
Refusal plan_key_evacuation(Decision& d, const PlanEvacuation& c, const Wallet& wallet) {
  std::uint64_t nonce = d.state.mined_nonce.at(wallet.id);
  std::uint64_t planned = 0;
  for (const AssetAmount& money : c.money) {
    if (evacuates_already(d.state, wallet.id, money.asset)) continue;
    const auto taken = [&] {
      const auto at = d.state.spends_by_nonce.find({wallet.id, nonce});
      return at != d.state.spends_by_nonce.end() && std::any_of(at->second.begin(), at->second.end(), [&](SpendId id) {
               return d.state.spends.at(id).purpose == Purpose::evacuation && d.state.spends.at(id).wallet == wallet.id;
             });
    };
    while (taken()) ++nonce;
    Spend spend = new_spend(d, planned++, Purpose::evacuation, wallet.id);
    spend.nonce = nonce++;
    spend.incident = c.incident;
    spend.destination = d.state.wallets.at(wallet.cold).address;
    spend.money = money;
    d.emit(SpendPlanned{spend});
  }
  return planned == 0 ? Refusal::already_done : Refusal::none;
}

}  // namespace

Refusal decide(Decision& d, const PlanWithdrawal& c) {
  const Withdrawal* withdrawal = d.state.withdrawals.find(c.withdrawal);
  const Wallet* wallet = d.state.wallets.find(c.wallet);
  if (!withdrawal) return Refusal::withdrawal_unknown;
  if (!wallet) return Refusal::wallet_unknown;
  if (withdrawal->state != WithdrawalState::approved) return Refusal::state_wrong;
  if (withdrawal->approval_expires_at <= d.now) return Refusal::approval_expired;
  if (wallet->kind != WalletKind::safe && wallet->kind != WalletKind::single_key) return Refusal::wallet_kind_wrong;
  if (d.state.of_coins(wallet->chain)) return Refusal::wallet_kind_wrong;  // PlanCoins
  if (wallet->chain != d.state.assets.at(withdrawal->asset).chain) return Refusal::wallet_kind_wrong;
  if (wallet->compromised_by) return Refusal::wallet_compromised;
  if (d.state.wallet_free(c.wallet, withdrawal->asset) < withdrawal->amount) return Refusal::wallet_short;
  Spend spend = new_spend(d, 0, Purpose::withdrawal, c.wallet);
  spend.nonce = wallet->next_nonce;
  spend.withdrawal = c.withdrawal;
  spend.destination = withdrawal->destination;
  spend.money = {withdrawal->asset, withdrawal->amount};
  if (frozen_for(d.state, spend)) return Refusal::frozen;
  return d.emit(SpendPlanned{spend});
}

Refusal decide(Decision& d, const PlanSweep& c) {
  const Wallet* wallet = d.state.wallets.find(c.forwarders);
  if (!wallet) return Refusal::wallet_unknown;
  if (wallet->kind != WalletKind::forwarders) return Refusal::wallet_kind_wrong;
  if (c.salts.empty() || c.assets.empty()) return Refusal::amount_not_positive;
  for (const SpendId id : d.state.open_spends) {
    const Spend& other = d.state.spends.at(id);
    const auto overlaps = [&](const Hash32& salt) {
      return std::find(other.salts.begin(), other.salts.end(), salt) != other.salts.end();
    };
    if (other.purpose == Purpose::sweep && std::any_of(c.salts.begin(), c.salts.end(), overlaps))
      return Refusal::already_done;
  }
  Spend spend = new_spend(d, 0, Purpose::sweep, c.forwarders);
  spend.salts = c.salts;
  spend.assets = c.assets;
  if (frozen_for(d.state, spend)) return Refusal::frozen;
  return d.emit(SpendPlanned{spend});
}

Refusal decide(Decision& d, const PlanEvacuation& c) {
  const Wallet* wallet = d.state.wallets.find(c.wallet);
  if (!wallet) return Refusal::wallet_unknown;
  if (!d.state.incidents.find(c.incident)) return Refusal::incident_unknown;
  if (!wallet->compromised_by || !wallet->cold) return Refusal::state_wrong;
  if (c.money.empty()) return Refusal::amount_not_positive;
  if (d.state.of_coins(wallet->chain)) return Refusal::wallet_kind_wrong;  // PlanCoins
  switch (wallet->kind) {
    case WalletKind::safe:
      return plan_safe_evacuation(d, c, *wallet);
    case WalletKind::single_key:
    case WalletKind::gas:
      return plan_key_evacuation(d, c, *wallet);
    case WalletKind::cold:
    case WalletKind::forwarders:
    case WalletKind::multisig:
      break;
  }
  return Refusal::wallet_kind_wrong;
}

Refusal decide(Decision& d, const PlanBurn& c) {
  const Spend* spend = d.state.spends.find(c.spend);
  if (!spend) return Refusal::spend_unknown;
  const auto nonces = own_nonces(d.state, *spend);
  const bool of_a_nonce = spend->purpose == Purpose::withdrawal && !nonces.empty() && spend->inputs.empty();
  if (!of_a_nonce || ended(spend->state) || has_live_attempt(*spend)) {
    return Refusal::state_wrong;
  }
  for (const SpendId id : d.state.spends_by_nonce.at(nonces.front())) {
    if (d.state.spends.at(id).purpose == Purpose::burn) return Refusal::already_done;
  }
  Spend burn = new_spend(d, 0, Purpose::burn, spend->wallet);
  burn.nonce = spend->nonce;
  burn.burns = spend->id;
  burn.gas_wallet = spend->gas_wallet;  // An assigned but unused gas nonce goes over to the burn: no gap.
  burn.gas_nonce = spend->gas_nonce;
  return d.emit(SpendPlanned{burn});
}

Refusal decide(Decision& d, const AuthoriseSpend& c) {
  const Spend* spend = d.state.spends.find(c.spend);
  if (!spend) return Refusal::spend_unknown;
  if (d.state.wallets.at(spend->wallet).kind != WalletKind::safe) return Refusal::wallet_kind_wrong;
  if (spend->state != SpendState::planned || c.intent.is_zero()) return Refusal::state_wrong;
  if (d.state.spend_by_intent.contains(c.intent)) return Refusal::already_done;
  if (frozen_for(d.state, *spend)) return Refusal::frozen;
  return d.emit(SpendAuthorised{c.spend, c.intent, c.authorisation});
}

Refusal decide(Decision& d, const AssignGas& c) {
  const Spend* spend = d.state.spends.find(c.spend);
  const Wallet* gas = d.state.wallets.find(c.gas_wallet);
  if (!spend) return Refusal::spend_unknown;
  if (!gas) return Refusal::wallet_unknown;
  const Wallet& wallet = d.state.wallets.at(spend->wallet);
  if (gas->kind != WalletKind::gas || gas->chain != wallet.chain || pays_itself(wallet.kind))
    return Refusal::wallet_kind_wrong;
  if (gas->compromised_by) return Refusal::wallet_compromised;
  const SpendState ready = wallet.kind == WalletKind::safe ? SpendState::authorised : SpendState::planned;
  if (spend->state != ready) return Refusal::state_wrong;
  if (frozen_for(d.state, *spend)) return Refusal::frozen;
  if (const Refusal refusal = judge_order(d.state, *spend, c.gas_wallet); refusal != Refusal::none) return refusal;
  return d.emit(SpendAssigned{c.spend, c.gas_wallet, gas->next_nonce});
}

// The spend goes on with another gas wallet. The nonce it leaves is filled when that gas wallet's signer is back: until
// then everything else of that gas wallet would wait behind it.
Refusal decide(Decision& d, const UnassignGas& c) {
  const Spend* spend = d.state.spends.find(c.spend);
  if (!spend) return Refusal::spend_unknown;
  const auto nonce = gas_nonce(*spend);
  if (!nonce || ended(spend->state) || spend->state == SpendState::mined || has_live_attempt(*spend)) {
    return Refusal::state_wrong;
  }
  const bool shared = d.state.spends_by_nonce.at(*nonce).size() > 1;  // with its burn, which leaves it in its turn
  d.emit(SpendUnassigned{c.spend});
  if (shared) return Refusal::none;
  Spend filler = new_spend(d, 0, Purpose::burn, nonce->first);
  filler.nonce = nonce->second;
  filler.burns = c.spend;
  return d.emit(SpendPlanned{filler});
}

Refusal decide(Decision& d, const AddAttempt& c) {
  const Spend* spend = d.state.spends.find(c.spend);
  if (!spend) return Refusal::spend_unknown;
  const bool own_payer = pays_itself(d.state.wallets.at(spend->wallet).kind) || !spend->inputs.empty();
  const SpendState ready = own_payer ? SpendState::planned : SpendState::assigned;
  if (spend->state != ready && spend->state != SpendState::signed_) return Refusal::state_wrong;
  if (d.state.spend_by_txid.contains(c.attempt.txid)) return Refusal::already_done;
  if (frozen_for(d.state, *spend) && !HF_PLANTED(frozen_attempt)) return Refusal::frozen;
  if (has_live_attempt(*spend)) {
    const Attempt& last = spend->attempts.back();
    const bool raised =
        raised_enough(last.max_fee, c.attempt.max_fee) && raised_enough(last.priority_fee, c.attempt.priority_fee);
    if (!raised) return Refusal::fee_bump_too_small;
  }
  return d.emit(SpendSigned{c.spend, c.attempt});
}

void apply(State& s, Instant, const SpendPlanned& e) {
  Spend spend = e.spend;
  spend.state = SpendState::planned;
  spend.in_all_attempts = static_cast<std::uint32_t>(spend.inputs.size());
  s.spends.add(spend.id, spend);
  enter_indexes(s, spend);
  if (counts_as_committed(spend)) s.committed[{spend.wallet, spend.money.asset}] += spend.money.amount;
  Wallet& wallet = s.wallets.at(spend.wallet);
  if (spend.inputs.empty()) {
    for (const WalletNonce& nonce : own_nonces(s, spend)) wallet.next_nonce = std::max(wallet.next_nonce, nonce.second + 1);
  }
  if (!spend.change.empty()) {
    wallet.next_change = std::max(wallet.next_change, spend.change_index + 1);
    s.change_scripts[{wallet.chain, spend.change}] = {wallet.id, 1, spend.change_index};
  }
  for (const WithdrawalId id : withdrawals_of(spend)) {
    Withdrawal& withdrawal = s.withdrawals.at(id);
    HF_CHECK(withdrawal.state == WithdrawalState::approved);
    withdrawal.state = WithdrawalState::signing;
    withdrawal.spend = spend.id;
    s.waiting_approved.erase(withdrawal.id);
  }
}

void apply(State& s, Instant, const SpendAuthorised& e) {
  Spend& spend = s.spends.at(e.spend);
  HF_CHECK(spend.state == SpendState::planned);
  spend.intent = e.intent;
  spend.authorisation = e.authorisation;
  s.spend_by_intent[e.intent] = e.spend;
  spend.state =
      spend.gas_wallet ? SpendState::assigned : SpendState::authorised;  // a burn may have inherited its gas nonce
}

void apply(State& s, Instant, const SpendAssigned& e) {
  Spend& spend = s.spends.at(e.spend);
  HF_CHECK(spend.state == SpendState::planned || spend.state == SpendState::authorised);
  Wallet& gas = s.wallets.at(e.gas_wallet);
  HF_CHECK(gas.next_nonce == e.gas_nonce);
  gas.next_nonce = e.gas_nonce + 1;
  spend.gas_wallet = e.gas_wallet;
  spend.gas_nonce = e.gas_nonce;
  spend.state = SpendState::assigned;
  enter_indexes(s, spend);
}

void apply(State& s, Instant, const SpendSigned& e) {
  Spend& spend = s.spends.at(e.spend);
  spend.attempts.push_back(e.attempt);
  spend.state = SpendState::signed_;
  s.spend_by_txid[e.attempt.txid] = e.spend;
  set_withdrawal_state(s, spend, WithdrawalState::broadcast);
}

void apply(State& s, Instant, const SpendMined& e) {
  Spend& spend = s.spends.at(e.spend);
  HF_CHECK(!ended(spend.state) && spend.state != SpendState::mined);
  change(s, spend, [&] { spend.state = SpendState::mined; });
  spend.mined_txid = e.txid;
  spend.height = e.height;
  spend.success = e.success;
  spend.executed = e.executed;
  spend.payer = e.payer;
  spend.network_fee = e.network_fee;
  spend.movements = e.movements;
  book_movements(s, spend);
  if (const auto used = paid_nonce(s, spend)) {
    std::uint64_t& next = s.mined_nonce[used->first];
    next = std::max(next, used->second + 1);
  }
  head_block(s, s.wallets.at(spend.wallet).chain).spends.push_back(e.spend);
  set_withdrawal_state(s, spend, WithdrawalState::confirming);
}

void apply(State& s, Instant, const AttemptMined& e) {
  book_fee(s, e.payer, e.network_fee, false);
  if (!s.of_coins(s.wallets.at(e.payer).chain)) {
    std::uint64_t& next = s.mined_nonce[e.payer];
    next = std::max(next, e.nonce + 1);
  }
  Spend& spend = s.spends.at(e.spend);
  const bool in_vain = !ended(spend.state) && spend.state != SpendState::mined;
  if (in_vain && spend.reverts < UINT8_MAX) ++spend.reverts;
  head_block(s, s.wallets.at(e.payer).chain).wasted.push_back({e.spend, e.txid, e.payer, e.nonce, e.network_fee});
}

void apply(State& s, Instant, const AttemptUnmined& e) {
  book_fee(s, e.payer, e.network_fee, true);
  if (s.of_coins(s.wallets.at(e.payer).chain)) return;
  s.mined_nonce[e.payer] = std::min(s.mined_nonce[e.payer], e.nonce);
}

void apply(State& s, Instant, const ForwardersSwept& e) {
  for (const Movement& movement : e.movements) {
    const AccountId to = wallet_account(movement.to, movement.asset);
    post(s, to, wallet_account(movement.from, movement.asset), movement.amount);
    sweep_address(s, movement, false);
  }
  head_block(s, e.chain).flushes.push_back({e.txid, e.movements});
}

void apply(State& s, Instant, const ForwardersSweepUndone& e) {
  for (auto movement = e.movements.rbegin(); movement != e.movements.rend(); ++movement) {
    post(s, wallet_account(movement->from, movement->asset), wallet_account(movement->to, movement->asset),
         movement->amount);
    sweep_address(s, *movement, true);
  }
}

void apply(State& s, Instant, const SpendUnmined& e) {
  Spend& spend = s.spends.at(e.spend);
  const bool was_final = ended(spend.state);
  HF_CHECK(was_final || spend.state == SpendState::mined);
  spend.settled_once = spend.settled_once || was_final;
  if (const auto used = paid_nonce(s, spend))
    s.mined_nonce[used->first] = std::min(s.mined_nonce[used->first], used->second);
  unbook_movements(s, spend);
  forget_mined(spend);
  change(s, spend, [&] {
    const bool relayed =
        !has_live_attempt(spend);  // an outsider had sent it: ours is still on its way to a transaction
    spend.state = !relayed ? SpendState::signed_ : spend.gas_wallet ? SpendState::assigned : SpendState::authorised;
    if (relayed && !spend.inputs.empty()) spend.state = SpendState::planned;
  });
  enter_indexes(s, spend);
  set_withdrawal_state(s, spend, has_live_attempt(spend) ? WithdrawalState::broadcast : WithdrawalState::signing);
}

void apply(State& s, Instant at, const SpendSettled& e) {
  Spend& spend = s.spends.at(e.spend);
  HF_CHECK(spend.state == SpendState::mined);
  spend.state = spend.success ? SpendState::settled : SpendState::failed;
  leave_indexes(s, spend);
  if (!spend.success || spend.settled_once) return;
  for (const WithdrawalId id : withdrawals_of(spend)) {
    Withdrawal& withdrawal = s.withdrawals.at(id);
    withdrawal.state = WithdrawalState::completed;
    withdrawal.completed_at = at;
    s.books.settle_hold(withdrawal.id.value, transit_account(withdrawal.asset), withdrawal.amount,
                        fee_income_account(withdrawal.asset));
  }
}

void apply(State& s, Instant, const SpendUnassigned& e) {
  Spend& spend = s.spends.at(e.spend);
  HF_CHECK(!ended(spend.state) && spend.state != SpendState::mined && spend.gas_wallet);
  leave_nonce(s, gas_nonce(spend), spend.id);
  const bool authorised = s.wallets.at(spend.wallet).kind == WalletKind::safe && !spend.intent.is_zero();
  spend.state = authorised ? SpendState::authorised : SpendState::planned;
  spend.gas_wallet = {};
  spend.gas_nonce = 0;
  spend.live_from = static_cast<std::uint32_t>(spend.attempts.size());
  set_withdrawal_state(s, spend, WithdrawalState::signing);
  if (HF_PLANTED(paid_at_two_nonces) && spend.withdrawal && !spend.settled_once) {
    set_withdrawal_state(s, spend, WithdrawalState::approved);
    s.waiting_approved.insert(spend.withdrawal);
  }
}

void apply(State& s, Instant, const SpendSuperseded& e) {
  Spend& spend = s.spends.at(e.spend);
  HF_CHECK(!ended(spend.state) && spend.state != SpendState::mined);
  leave_indexes(s, spend);
  change(s, spend, [&] { spend.state = SpendState::superseded; });
}

}  // namespace holdfast::custody
