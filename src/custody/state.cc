#include "custody/state.h"

#include "custody/accounts.h"

#include <algorithm>

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
  const auto found = deposit_addresses.find({chain, address});
  return found == deposit_addresses.end() ? nullptr : &found->second;
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

Amount State::available(CustomerId customer, AssetId asset) const { return books.side(available_account(customer, asset)); }
Amount State::held(CustomerId customer, AssetId asset) const { return books.side(held_account(customer, asset)); }

std::optional<BlockRef> State::head(ChainId chain) const {
  if (chain.value == 0 || chain.value > progress.size()) return std::nullopt;
  const auto& recent = progress[chain.value - 1].recent;
  if (recent.empty()) return std::nullopt;
  return recent.back().ref;
}

std::optional<WalletNonce> own_nonce(const State& state, const Spend& spend) {
  switch (state.wallets.at(spend.wallet).kind) {
    case WalletKind::safe:
      if (spend.purpose == Purpose::evacuation) return std::nullopt;
      return WalletNonce{spend.wallet, spend.nonce};
    case WalletKind::single_key:
    case WalletKind::gas:
      return WalletNonce{spend.wallet, spend.nonce};
    case WalletKind::cold:
    case WalletKind::forwarders:
      return std::nullopt;
  }
  return std::nullopt;
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
  if (spend.purpose == Purpose::evacuation || spend.purpose == Purpose::burn) return false;
  const CustomerId customer = spend.withdrawal ? state.withdrawals.at(spend.withdrawal).customer : CustomerId{};
  return state.frozen(state.wallets.at(spend.wallet).chain, spend.money.asset, spend.wallet, customer);
}

bool has_live_attempt(const Spend& spend) { return spend.attempts.size() > spend.live_from; }

void rebuild_indexes(State& state) {
  for (const Customer& customer : state.customers) state.customer_by_reference[customer.reference] = customer.id;
  for (const Withdrawal& withdrawal : state.withdrawals) {
    state.requests[withdrawal.request] = withdrawal.id;
    if (withdrawal.state == WithdrawalState::held) state.waiting_held.insert(withdrawal.id);
    if (withdrawal.state == WithdrawalState::approved) state.waiting_approved.insert(withdrawal.id);
  }
  for (const Spend& spend : state.spends) {
    for (const Attempt& attempt : spend.attempts) state.spend_by_txid[attempt.txid] = spend.id;
    if (!spend.intent.is_zero()) state.spend_by_intent[spend.intent] = spend.id;
    if (ended(spend.state)) continue;
    state.open_spends.insert(spend.id);
    if (const auto nonce = own_nonce(state, spend)) state.spends_by_nonce[*nonce].insert(spend.id);
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
