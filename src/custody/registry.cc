// What the installation is made of, and who its customers are.
#include "custody/handlers.h"

#include <algorithm>

namespace holdfast::custody {
namespace {

template <class Table, class Match>
auto find_if(const Table& table, Match match) -> decltype(&*table.begin()) {
  const auto found = std::find_if(table.begin(), table.end(), match);
  return found == table.end() ? nullptr : &*found;
}

// Adds the thing, or puts it in the place of the one with its id.
template <class Table, class Thing>
void put(Table& table, const Thing& thing) {
  if (thing.id == table.next_id()) {
    table.add(thing.id, thing);
  } else {
    table.at(thing.id) = thing;
  }
}

}  // namespace

Refusal decide(Decision& d, const RegisterChain& c) {
  Chain chain = c.chain;
  const Chain* known = find_if(d.state.chains, [&](const Chain& other) { return other.caip2 == chain.caip2; });
  chain.id = known ? known->id : d.state.chains.next_id();
  if (known && *known == chain) return Refusal::none;
  return d.emit(ChainRegistered{chain});
}

Refusal decide(Decision& d, const RegisterAsset& c) {
  Asset asset = c.asset;
  if (!d.state.chains.find(asset.chain)) return Refusal::chain_unknown;
  const Asset* known = find_if(d.state.assets, [&](const Asset& other) {
    return other.chain == asset.chain && other.contract == asset.contract;
  });
  if (known && (known->symbol != asset.symbol || known->decimals != asset.decimals))
    return Refusal::registration_conflict;
  asset.id = known ? known->id : d.state.assets.next_id();
  if (known && known->priced_at != Instant{}) {  // The configuration's is the first word only.
    asset.price_micro_usd = known->price_micro_usd;
    asset.priced_at = known->priced_at;
    asset.base_micro_usd = known->base_micro_usd;
    asset.base_at = known->base_at;
  }
  if (asset.id.value > AccountId::kMaxAsset) return Refusal::registration_conflict;
  if (known && *known == asset) return Refusal::none;
  return d.emit(AssetRegistered{asset});
}

Refusal decide(Decision& d, const RegisterSigner& c) {
  Signer signer = c.signer;
  const Signer* known = find_if(d.state.signers, [&](const Signer& other) { return other.name == signer.name; });
  if (known) return known->owner == signer.owner ? Refusal::none : Refusal::registration_conflict;
  signer.id = d.state.signers.next_id();
  return d.emit(SignerRegistered{signer});
}

Refusal decide(Decision& d, const RegisterWallet& c) {
  Wallet wallet = c.wallet;
  if (!d.state.chains.find(wallet.chain)) return Refusal::chain_unknown;
  if (wallet.cold && !d.state.wallets.find(wallet.cold)) return Refusal::wallet_unknown;
  const bool of_coins = d.state.of_coins(wallet.chain);
  const bool kind_fits = of_coins ? wallet.kind == WalletKind::multisig || wallet.kind == WalletKind::single_key ||
                                        wallet.kind == WalletKind::cold
                                  : wallet.kind != WalletKind::multisig;
  if (!kind_fits || of_coins != !wallet.output_descriptor.empty()) return Refusal::wallet_kind_wrong;
  const bool keyed = wallet.kind == WalletKind::single_key || wallet.kind == WalletKind::gas;
  if (keyed && !d.state.signers.find(wallet.signer)) return Refusal::signer_unknown;
  const Wallet* known = find_if(
      d.state.wallets, [&](const Wallet& other) { return other.chain == wallet.chain && other.name == wallet.name; });
  if (known) {
    const bool same = known->kind == wallet.kind && known->address == wallet.address && known->cold == wallet.cold &&
                      known->signer == wallet.signer && known->module == wallet.module && known->guard == wallet.guard &&
                      known->output_descriptor == wallet.output_descriptor;
    return same ? Refusal::none : Refusal::registration_conflict;
  }
  const bool taken = d.state.wallet_by_address(wallet.chain, wallet.address) != nullptr;
  if (taken || d.state.deposit_address(wallet.chain, wallet.address)) return Refusal::address_taken;
  wallet.id = d.state.wallets.next_id();
  wallet.compromised_by = {};
  wallet.next_receive = of_coins ? 1 : 0;  // index 0 is the wallet's own address
  wallet.next_change = 0;
  return d.emit(WalletRegistered{wallet});
}

Refusal decide(Decision& d, const CreateCustomer& c) {
  if (d.state.customer_by_reference.contains(c.reference)) return Refusal::none;
  return d.emit(CustomerCreated{{d.state.customers.next_id(), c.reference}});
}

Refusal decide(Decision& d, const AssignDepositAddress& c) {
  if (!d.state.customers.find(c.address.customer)) return Refusal::customer_unknown;
  if (!d.state.chains.find(c.address.chain)) return Refusal::chain_unknown;
  if (const DepositAddress* known = d.state.deposit_address(c.address.chain, c.address.address)) {
    DepositAddress same = c.address;
    same.number = known->number;
    return *known == same ? Refusal::none : Refusal::address_taken;
  }
  if (d.state.wallet_by_address(c.address.chain, c.address.address)) return Refusal::address_taken;
  if (d.state.of_coins(c.address.chain) != bool(c.address.wallet)) return Refusal::wallet_kind_wrong;
  if (c.address.wallet) {
    const Wallet* wallet = d.state.wallets.find(c.address.wallet);
    if (!wallet || wallet->chain != c.address.chain) return Refusal::wallet_unknown;
    // Somebody else was given the index meanwhile: derive the next.
    if (c.address.index != wallet->next_receive || c.address.index >= kMaxScriptIndex) return Refusal::address_taken;
  }
  DepositAddress address = c.address;
  const auto before = d.state.receiving_scripts.find({address.customer, address.chain});
  const bool none_yet = before == d.state.receiving_scripts.end();
  address.number = none_yet ? 0 : static_cast<std::uint32_t>(before->second.size());
  return d.emit(DepositAddressAssigned{address});
}

void apply(State& s, Instant, const ChainRegistered& e) {
  put(s.chains, e.chain);
  s.progress.resize(s.chains.size());
}

void apply(State& s, Instant, const AssetRegistered& e) { put(s.assets, e.asset); }

void apply(State& s, Instant, const SignerRegistered& e) { s.signers.add(e.signer.id, e.signer); }

void apply(State& s, Instant, const WalletRegistered& e) {
  s.wallets.add(e.wallet.id, e.wallet);
  if (s.of_coins(e.wallet.chain)) return;
  const bool has_account_nonce = e.wallet.kind == WalletKind::single_key || e.wallet.kind == WalletKind::gas;
  if (has_account_nonce) s.mined_nonce[e.wallet.id] = e.wallet.next_nonce;
}

void apply(State& s, Instant, const CustomerCreated& e) {
  s.customers.add(e.customer.id, e.customer);
  s.customer_by_reference[e.customer.reference] = e.customer.id;
}

void apply(State& s, Instant, const DepositAddressAssigned& e) {
  s.deposit_addresses[{e.address.chain, e.address.address}] = e.address;
  if (!e.address.wallet) return;
  s.wallets.at(e.address.wallet).next_receive = e.address.index + 1;
  s.receiving_scripts[{e.address.customer, e.address.chain}].push_back(e.address.address);
}

}  // namespace holdfast::custody
