#include "custody/state.h"

#include "custody/accounts.h"
#include "custody/handlers.h"

#include <algorithm>
#include <tuple>

namespace holdfast::custody {

std::optional<AssetId> State::asset_by_contract(ChainId chain, const Address& contract) const {
  for (const Asset& asset : assets) {
    if (asset.chain == chain && asset.contract == contract) return asset.id;
  }
  return std::nullopt;
}

const Wallet* State::wallet_by_address(ChainId chain, const Address& address) const {
  for (const Wallet& wallet : wallets) {
    if (wallet.chain == chain && wallet.address == address) return &wallet;
  }
  return nullptr;
}

const DepositAddress* State::deposit_address(ChainId chain, const Address& address) const {
  return deposit_addresses.find({chain, address});
}

bool State::frozen(ChainId chain, AssetId asset, WalletId wallet, CustomerId customer) const {
  const auto covers = [](std::uint64_t subject, std::uint64_t id) { return id != 0 && subject == id; };
  return std::any_of(freezes_in_force.begin(), freezes_in_force.end(), [&](FreezeId id) {
    const Freeze& freeze = freezes.at(id);
    switch (freeze.scope) {
      case Scope::platform: return true;
      case Scope::chain: return covers(freeze.subject, chain.value);
      case Scope::asset: return covers(freeze.subject, asset.value);
      case Scope::wallet: return covers(freeze.subject, wallet.value);
      case Scope::customer: return covers(freeze.subject, customer.value);
    }
    return true;
  });
}

bool State::platform_frozen() const { return frozen({}, {}, {}, {}); }

Amount State::wallet_balance(WalletId wallet, AssetId asset) const { return books.side(wallet_account(wallet, asset)); }

Amount State::wallet_free(WalletId wallet, AssetId asset) const {
  const auto promised = committed.find({wallet, asset});
  const Amount balance = wallet_balance(wallet, asset);
  if (promised == committed.end()) return balance;
  return Amount::difference(balance, promised->second).value_or(Amount::zero());
}

const Verdict* State::verdict(WithdrawalId withdrawal) const {
  const auto found = verdicts.find(withdrawal);
  return found == verdicts.end() ? nullptr : &found->second;
}

Amount State::available(CustomerId customer, AssetId asset) const { return books.side(available_account(customer, asset)); }
Amount State::held(CustomerId customer, AssetId asset) const { return books.side(held_account(customer, asset)); }

std::optional<BlockRef> State::head(ChainId chain) const {
  if (chain.value == 0 || chain.value > progress.size()) return std::nullopt;
  const auto& recent = progress[chain.value - 1].recent;
  if (recent.empty()) return std::nullopt;
  return recent.back().ref;
}

std::optional<Origin> State::origin_of(ChainId chain, const Address& script) const {
  if (const DepositAddress* address = deposit_address(chain, script)) return Origin{address->wallet, 0, address->index};
  if (const auto change = change_scripts.find({chain, script}); change != change_scripts.end()) return change->second;
  if (const Wallet* wallet = wallet_by_address(chain, script)) return Origin{wallet->id, 0, 0};
  return std::nullopt;
}

const Coin* State::coin_at(const OutPoint& outpoint) const {
  const auto found = coin_by_outpoint.find(outpoint);
  return found == coin_by_outpoint.end() ? nullptr : &coins.at(found->second);
}

bool State::reserved(const Coin& coin) const {
  const auto counting = spends_by_nonce.find({coin.wallet, coin.id.value});
  return counting != spends_by_nonce.end() && std::ranges::any_of(counting->second, [&](SpendId id) {
           return spends.at(id).purpose != Purpose::reserve;
         });
}

const Spend* State::ready_reserve(const Coin& coin) const {
  const auto counting = spends_by_nonce.find({coin.wallet, coin.id.value});
  if (counting == spends_by_nonce.end()) return nullptr;
  for (const SpendId id : counting->second) {
    const Spend& spend = spends.at(id);
    if (spend.purpose == Purpose::reserve && has_live_attempt(spend)) return &spend;
  }
  return nullptr;
}

const Spend* State::spend_of(const TxId& txid) const {
  const auto found = spend_by_txid.find(txid);
  return found == spend_by_txid.end() ? nullptr : &spends.at(found->second);
}

const Attempt* State::attempt_of(const TxId& txid) const {
  const Spend* spend = spend_of(txid);
  return spend ? attempt_with(*spend, txid) : nullptr;
}

std::vector<WalletNonce> own_nonces(const State& state, const Spend& spend) {
  std::vector<WalletNonce> out;
  for (const CoinId coin : spend.inputs) out.push_back({spend.wallet, coin.value});
  if (!spend.inputs.empty()) return out;
  switch (state.wallets.at(spend.wallet).kind) {
    case WalletKind::safe:
      if (spend.purpose != Purpose::evacuation) out.push_back({spend.wallet, spend.nonce});
      break;
    case WalletKind::single_key:
    case WalletKind::gas:
      out.push_back({spend.wallet, spend.nonce});
      break;
    case WalletKind::cold:
    case WalletKind::forwarders:
    case WalletKind::multisig:
      break;
  }
  return out;
}

std::vector<WithdrawalId> withdrawals_of(const Spend& spend) {
  if (spend.purpose != Purpose::withdrawal) return {};
  return spend.withdrawal ? std::vector{spend.withdrawal} : spend.batch;
}

std::optional<WalletNonce> gas_nonce(const Spend& spend) {
  if (!spend.gas_wallet) return std::nullopt;
  return WalletNonce{spend.gas_wallet, spend.gas_nonce};
}

bool ended(SpendState state) {
  switch (state) {
    case SpendState::planned:
    case SpendState::authorised:
    case SpendState::assigned:
    case SpendState::signed_:
    case SpendState::mined:
      return false;
    case SpendState::settled:
    case SpendState::failed:
    case SpendState::superseded:
      return true;
  }
  return true;
}

bool frozen_for(const State& state, const Spend& spend) {
  const ChainId chain = state.wallets.at(spend.wallet).chain;
  switch (spend.purpose) {
    case Purpose::evacuation:
    case Purpose::burn:
    case Purpose::reserve:
      return false;
    case Purpose::withdrawal:
      return std::ranges::any_of(withdrawals_of(spend), [&](WithdrawalId id) {
        return state.frozen(chain, spend.money.asset, spend.wallet, state.withdrawals.at(id).customer);
      });
    case Purpose::sweep:
    case Purpose::consolidation:
      return state.frozen(chain, spend.money.asset, spend.wallet, {});
  }
  return true;
}

const Attempt* attempt_with(const Spend& spend, const TxId& txid) {
  const auto found = std::ranges::find(spend.attempts, txid, &Attempt::txid);
  return found == spend.attempts.end() ? nullptr : &*found;
}

bool has_live_attempt(const Spend& spend) { return spend.attempts.size() > spend.live_from; }

namespace {

void rebuild_coin_indexes(State& state) {
  for (const Coin& coin : state.coins) {
    state.coin_by_outpoint[coin.outpoint] = coin.id;
    if (coin.state != CoinState::unspent) continue;
    state.unspent_coins[coin.wallet].insert(coin.id);
    state.coin_total[coin.wallet] += coin.amount;
  }
  for (const Spend& spend : state.spends) {
    if (spend.change.empty()) continue;
    state.change_scripts[{state.wallets.at(spend.wallet).chain, spend.change}] = {spend.wallet, 1, spend.change_index};
  }
  std::map<std::tuple<ChainId, CustomerId, std::uint32_t>, const DepositAddress*> in_order;
  for (const auto& [key, address] : state.deposit_addresses) {
    if (address.wallet) in_order[{address.chain, address.customer, address.number}] = &address;
  }
  for (const auto& [at, address] : in_order) {
    state.receiving_scripts[{address->customer, address->chain}].push_back(address->address);
  }
}

}  // namespace

void rebuild_indexes(State& state) {
  for (const PolicyVersion& policy : state.policies) {
    if (policy.state == PolicyState::in_force) state.policy_in_force = policy.id;
  }
  for (const Customer& customer : state.customers) state.customer_by_reference[customer.reference] = customer.id;
  for (const CustomerKey& key : state.customer_keys) state.keys_of_customer[key.customer].push_back(key.id);
  for (const Withdrawal& withdrawal : state.withdrawals) {
    state.requests.add(withdrawal.request, withdrawal.id);
    if (withdrawal.state == WithdrawalState::held) {
      state.waiting_held.insert(withdrawal.id);
      enter_delay(state, withdrawal);
      enter_case(state, withdrawal);
    }
    if (withdrawal.state == WithdrawalState::approved) state.waiting_approved.insert(withdrawal.id);
  }
  for (const auto& [address, one] : state.labelled) enter_news(state, one);
  for (const Deposit& deposit : state.deposits) {
    if (deposit.state == DepositState::seen) state.waiting_deposits.insert(deposit.id);
  }
  rebuild_coin_indexes(state);
  for (const Spend& spend : state.spends) {
    for (const Attempt& attempt : spend.attempts) state.spend_by_txid[attempt.txid] = spend.id;
    if (!spend.intent.is_zero()) state.spend_by_intent[spend.intent] = spend.id;
    if (ended(spend.state)) continue;
    state.open_spends.insert(spend.id);
    for (const WalletNonce& nonce : own_nonces(state, spend)) state.spends_by_nonce[nonce].insert(spend.id);
    if (const auto nonce = gas_nonce(spend)) state.spends_by_nonce[*nonce].insert(spend.id);
    if (spend.purpose == Purpose::withdrawal && spend.state != SpendState::mined && !spend.settled_once) {
      state.committed[{spend.wallet, spend.money.asset}] += spend.money.amount;
    }
  }
  for (const Freeze& freeze : state.freezes) {
    if (freeze.lifted_at == Instant{}) state.freezes_in_force.insert(freeze.id);
  }
  for (const Incident& incident : state.incidents) {
    if (incident.closed_at == Instant{}) state.open_incidents.insert(incident.id);
  }
}

}  // namespace holdfast::custody
