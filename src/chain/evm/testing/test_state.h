// For tests: a state with one of everything, without a node.
#pragma once

#include "base/secret.h"
#include "chain/evm/codec/keccak.h"
#include "chain/evm/codec/secp256k1.h"
#include "chain/port.h"
#include "custody/custody.h"

#include <fmt/format.h>

namespace holdfast::chain::evm {

inline constexpr std::uint64_t kTestChainId = 31337;

inline Secret test_key(std::string_view name) { return Secret::copy_of(keccak256(as_bytes(name)).view()); }
inline Address20 test_address(std::uint8_t byte) {
  Address20 out;
  out.bytes.fill(byte);
  return out;
}
inline Hash32 test_hash(std::string_view name) { return keccak256(as_bytes(name)); }

class TestState final : public StateView {
 public:
  TestState() {
    using namespace custody;
    state.chains.add({1}, {{1}, "eip155:31337", 1});
    state.progress.resize(1);
    add_asset("ETH", {});
    add_asset("TST", to_custody(kToken));
    for (std::uint64_t i = 1; i <= 3; ++i) {
      const Address20 owner = *address_of_key(owner_key(i));
      state.signers.add({i}, {{i}, fmt::format("signer{}", i), to_custody(owner)});
    }
    add_wallet(WalletKind::cold, kCold);
    add_wallet(WalletKind::safe, kHot).module = to_custody(kModule);
    add_wallet(WalletKind::gas, *address_of_key(test_key("gas")));
    add_wallet(WalletKind::single_key, *address_of_key(test_key("single")));
    add_wallet(WalletKind::forwarders, kFactory);
    state.deposit_addresses[{{1}, to_custody(kDeposit)}] = {{1}, {1}, to_custody(kDeposit), {}};
  }

  void read(const std::function<void(const custody::State&)>& look) const override { look(state); }

  static Secret owner_key(std::uint64_t number) { return test_key(fmt::format("owner {}", number)); }
  const custody::Spend& add_spend(custody::Spend spend) {
    spend.id = state.spends.next_id();
    state.spends.add(spend.id, spend);
    state.open_spends.insert(spend.id);
    return state.spends.at(spend.id);
  }

  static constexpr Address20 kToken{{0x01, 0xee}}, kCold{{0x02, 0xcc}}, kHot{{0x03, 0xaa}}, kModule{{0x04, 0xdd}};
  static constexpr Address20 kFactory{{0x05, 0xff}}, kDeposit{{0x06, 0xde}}, kOutside{{0x07, 0x77}};
  static constexpr custody::WalletId kColdId{1}, kHotId{2}, kGasId{3}, kSingleId{4}, kForwardersId{5};
  static constexpr custody::AssetId kEth{1}, kTst{2};
  custody::State state;

 private:
  void add_asset(std::string symbol, custody::Address contract) {
    custody::Asset asset;
    asset.id = state.assets.next_id();
    asset.chain = {1};
    asset.symbol = std::move(symbol);
    asset.decimals = 18;
    asset.contract = contract;
    state.assets.add(asset.id, asset);
  }
  custody::Wallet& add_wallet(custody::WalletKind kind, const Address20& address) {
    custody::Wallet wallet;
    wallet.id = state.wallets.next_id();
    wallet.chain = {1};
    wallet.kind = kind;
    wallet.address = to_custody(address);
    wallet.cold = kind == custody::WalletKind::cold ? custody::WalletId{} : kColdId;
    state.wallets.add(wallet.id, wallet);
    return state.wallets.at(wallet.id);
  }
};

}  // namespace holdfast::chain::evm
