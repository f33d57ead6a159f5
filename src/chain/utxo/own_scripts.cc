#include "chain/utxo/own_scripts.h"

#include <vector>

namespace holdfast::chain::utxo {

using custody::Address;
using custody::Origin;
using custody::State;
using custody::Wallet;

Result<void> OwnScripts::refresh(const StateView& view) {
  std::vector<Wallet> wallets;
  view.read([&](const State& state) {
    for (const Wallet& wallet : state.wallets) {
      if (wallet.chain == chain_) wallets.push_back(wallet);
    }
    if (!filled_) take_in_all(state);
  });
  filled_ = true;
  for (const Wallet& wallet : wallets) {
    const auto descriptor = wallets_.descriptor(wallet);
    if (!descriptor) return Failure(descriptor.error());
    for (std::uint32_t branch = 0; branch < (*descriptor)->branches(); ++branch) {
      if (auto done = derive_skipped(wallet, branch); !done) return done;
      if (auto done = extend(wallet, branch, branch == 0 ? wallet.next_receive : wallet.next_change); !done) return done;
    }
  }
  return {};
}

// Deriving millions takes minutes, reading them from the state does not: only the gap is derived.
void OwnScripts::take_in_all(const State& state) {
  std::vector<ByteView> scripts;
  for (const auto& [key, address] : state.deposit_addresses) {
    if (key.first == chain_ && WatchIndex::is_watchable(key.second.view().size())) scripts.push_back(key.second.view());
  }
  for (const auto& [key, origin] : state.change_scripts) {
    if (key.first == chain_ && WatchIndex::is_watchable(key.second.view().size())) scripts.push_back(key.second.view());
  }
  index_.add_all(scripts);
  for (const Wallet& wallet : state.wallets) {
    if (wallet.chain != chain_) continue;
    std::vector<bool> received(wallet.next_receive), changed(wallet.next_change);
    if (!received.empty()) received[0] = true;  // its own address
    for (const auto& [key, address] : state.deposit_addresses) {
      if (address.wallet == wallet.id && address.index < received.size()) received[address.index] = true;
    }
    for (const auto& [key, origin] : state.change_scripts) {
      if (origin.wallet == wallet.id && origin.index < changed.size()) changed[origin.index] = true;
    }
    for (std::uint32_t i = 0; i < received.size(); ++i) if (!received[i]) skipped_[{wallet.id, 0}].push_back(i);
    for (std::uint32_t i = 0; i < changed.size(); ++i) if (!changed[i]) skipped_[{wallet.id, 1}].push_back(i);
    branches_[{wallet.id, 0}].derived = wallet.next_receive;
    branches_[{wallet.id, 1}].derived = wallet.next_change;
    index_.add(wallet.address.view());
    if (wallet.next_receive == 0) continue;
    gap_[wallet.address] = {wallet.id, 0, 0};
  }
}

Result<void> OwnScripts::derive_skipped(const Wallet& wallet, std::uint32_t branch) {
  for (const std::uint32_t index : skipped_[{wallet.id, branch}]) {
    const auto output = wallets_.derive(wallet, branch, index);
    if (!output && output.error().code == "key_invalid") continue;
    if (!output) return Failure(output.error());
    index_.add(output->script_pubkey);
    gap_[Address(output->script_pubkey)] = {wallet.id, branch, index};
  }
  skipped_.erase({wallet.id, branch});
  return {};
}

Result<void> OwnScripts::extend(const Wallet& wallet, std::uint32_t branch, std::uint32_t next) {
  Branch& known = branches_[{wallet.id, branch}];
  const auto descriptor = wallets_.descriptor(wallet);
  if (!descriptor) return Failure(descriptor.error());
  const std::uint32_t end = (*descriptor)->is_ranged() ? next + ahead_by_ : 1;  // A cold wallet may be one address.
  for (; known.derived < end; ++known.derived) {
    const auto output = wallets_.derive(wallet, branch, known.derived);
    if (!output && output.error().code == "key_invalid") continue;  // one in 2^127
    if (!output) return Failure(output.error());
    index_.add(output->script_pubkey);
    gap_[Address(output->script_pubkey)] = {wallet.id, branch, known.derived};
  }
  return {};
}

Result<bool> OwnScripts::found_at(const Wallet& wallet, std::uint32_t branch, std::uint32_t index) {
  const std::uint32_t before = branches_[{wallet.id, branch}].derived;
  if (auto done = extend(wallet, branch, index + 1); !done) return Failure(done.error());
  return branches_[{wallet.id, branch}].derived > before;
}

std::optional<Origin> OwnScripts::origin_of(const State& state, const Address& script) const {
  if (const auto handed_out = state.origin_of(chain_, script)) return handed_out;
  const auto found = gap_.find(script);
  return found == gap_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace holdfast::chain::utxo
