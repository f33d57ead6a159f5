#include "chain/evm/spend_form.h"

#include "base/planted.h"
#include "chain/evm/codec/contracts.h"
#include "chain/evm/codec/erc20.h"
#include "chain/evm/codec/safe.h"

#include <algorithm>

namespace holdfast::chain::evm {

using custody::Asset;
using custody::Purpose;
using custody::Spend;
using custody::State;
using custody::Wallet;
using custody::WalletKind;

namespace {

constexpr std::uint64_t kSafeOverheadGas = 300'000;    // Proxy, signatures of up to 15 owners, guard, events.
constexpr std::uint64_t kModuleOverheadGas = 1'200'000;  // The module wants 1,000,000 left before each asset; most comes back.
constexpr std::uint64_t kModuleAssetGas = 150'000;
constexpr std::uint64_t kFlushOverheadGas = 100'000;
constexpr std::uint64_t kFlushSaltGas = 60'000;        // Deploys the forwarder the first time.
constexpr std::uint64_t kFlushAssetGas = 100'000;

struct Call {
  Address20 to;
  Amount value;
  Bytes data;
  std::uint64_t gas = 0;
};

Result<Address20> address_in(const custody::Address& address) {
  const auto out = from_custody(address);
  if (!out) return refuse("address_malformed", "not an EVM address");
  return *out;
}

// As a contract names it. The native coin, which has no contract, is address zero.
Result<std::vector<Address20>> contracts_of(const State& state, const std::vector<custody::AssetId>& assets) {
  std::vector<Address20> out;
  for (const custody::AssetId id : assets) {
    const Asset& asset = state.assets.at(id);
    const auto contract = asset.native() ? Result<Address20>(kNativeAsset) : address_in(asset.contract);
    if (!contract) return Failure(contract.error());
    out.push_back(*contract);
  }
  return out;
}

// A transfer of the spend's money: the coin itself, or a call of the token.
Result<Call> transfer_of(const State& state, const Spend& spend) {
  const bool elsewhere = HF_PLANTED(evacuation_elsewhere) && spend.purpose == Purpose::evacuation;
  const auto destination = address_in(elsewhere ? state.wallets.at({3}).address : spend.destination);
  if (!destination) return Failure(destination.error());
  const Asset& asset = state.assets.at(spend.money.asset);
  if (asset.native()) return Call{*destination, spend.money.amount, {}, kNativeTransferGas};
  const auto token = address_in(asset.contract);
  if (!token) return Failure(token.error());
  return Call{*token, {}, encode_transfer({*destination, spend.money.amount}), kTokenTransferGas};
}

Result<Call> nothing_to_itself(const Wallet& wallet) {
  const auto self = address_in(wallet.address);
  if (!self) return Failure(self.error());
  return Call{*self, {}, {}, kBurnGas};
}

Result<SafeTransaction> safe_transaction_of(const State& state, const Spend& spend, const Wallet& wallet) {
  const bool burn = spend.purpose == Purpose::burn;
  if (!burn && spend.purpose != Purpose::withdrawal) return refuse("purpose_wrong");
  const auto call = burn ? nothing_to_itself(wallet) : transfer_of(state, spend);
  if (!call) return Failure(call.error());
  SafeTransaction out;
  out.to = call->to;
  out.value = call->value.to_word();
  out.data = call->data;
  out.safe_tx_gas = word_of(burn ? kInnerBurnGas : call->data.empty() ? kInnerNativeGas : kInnerTokenGas);
  return out;
}

Result<Evacuation> evacuation_of(const State& state, const Spend& spend) {
  auto assets = contracts_of(state, spend.assets);
  if (!assets) return Failure(assets.error());
  const auto deadline_s = static_cast<std::uint64_t>(std::max<std::int64_t>(0, spend.expires_at.unix_ms / kMsPerSecond));
  return Evacuation{std::move(*assets), word_of(spend.nonce), word_of(deadline_s)};
}

Result<Call> evacuation_call(const State& state, const Spend& spend, const Wallet& wallet) {
  const auto module = address_in(wallet.module);
  if (!module) return Failure(module.error());
  auto evacuation = evacuation_of(state, spend);
  if (!evacuation) return Failure(evacuation.error());
  const std::uint64_t gas = kModuleOverheadGas + kModuleAssetGas * evacuation->assets.size();
  return Call{*module, {}, encode_evacuation({std::move(*evacuation), spend.authorisation}), gas};
}

Result<Call> exec_call(const State& state, const Spend& spend, const Wallet& wallet) {
  const auto safe = address_in(wallet.address);
  if (!safe) return Failure(safe.error());
  auto inner = safe_transaction_of(state, spend, wallet);
  if (!inner) return Failure(inner.error());
  // The Safe checks that 64/63 of the inner gas is left when it makes the call.
  const std::uint64_t inner_gas = *uint64_of(inner->safe_tx_gas);
  const std::uint64_t gas = kSafeOverheadGas + inner_gas + inner_gas / 63;
  return Call{*safe, {}, encode_exec_transaction({std::move(*inner), spend.authorisation}), gas};
}

Result<Call> flush_call(const State& state, const Spend& spend, const Wallet& wallet) {
  const auto factory = address_in(wallet.address);
  if (!factory) return Failure(factory.error());
  auto tokens = contracts_of(state, spend.assets);
  if (!tokens) return Failure(tokens.error());
  std::erase(*tokens, kNativeAsset);  // goes unasked
  const std::uint64_t each = kFlushSaltGas + kFlushAssetGas * (1 + tokens->size());
  return Call{*factory, {}, encode_flush({spend.salts, std::move(*tokens)}), kFlushOverheadGas + each * spend.salts.size()};
}

std::optional<Amount> cost_of(std::uint64_t gas, Amount max_fee) {
  if (gas != 0 && max_fee.units() > kInt128Max / static_cast<Int128>(gas)) return std::nullopt;
  return Amount::of(max_fee.units() * static_cast<Int128>(gas));
}

Result<Call> own_key_call(const State& state, const Spend& spend, const Wallet& wallet, const FeeQuote& fees) {
  if (spend.purpose == Purpose::burn) return nothing_to_itself(wallet);
  auto call = transfer_of(state, spend);
  if (!call || spend.purpose != Purpose::evacuation || !call->data.empty()) return call;
  // Everything goes, so the fee has to come out of it.
  const auto cost = cost_of(call->gas, fees.max_fee);
  const Amount balance = state.wallet_balance(wallet.id, spend.money.asset);
  const auto left = cost ? Amount::difference(balance, *cost) : std::nullopt;
  if (!left || left->is_zero()) return refuse("funds_below_fee", "the wallet holds less than its last transaction costs");
  call->value = std::min(call->value, *left);
  return call;
}

Result<Call> call_of(const State& state, const Spend& spend, const Wallet& wallet, const FeeQuote& fees) {
  switch (wallet.kind) {
    case WalletKind::safe:
      return spend.purpose == Purpose::evacuation ? evacuation_call(state, spend, wallet) : exec_call(state, spend, wallet);
    case WalletKind::forwarders:
      return spend.purpose == Purpose::sweep ? flush_call(state, spend, wallet) : refuse("purpose_wrong");
    case WalletKind::single_key:
    case WalletKind::gas:
      return spend.purpose == Purpose::sweep ? refuse("purpose_wrong") : own_key_call(state, spend, wallet, fees);
    case WalletKind::cold:
    case WalletKind::multisig:
      break;
  }
  return refuse("purpose_wrong", "a cold wallet is only watched");
}

}  // namespace

Result<Hash32> intent_of(std::uint64_t chain_id, const State& state, const Spend& spend) {
  const Wallet& wallet = state.wallets.at(spend.wallet);
  if (wallet.kind != WalletKind::safe) return refuse("not_a_safe_spend");
  if (spend.purpose == Purpose::evacuation) {
    const auto module = address_in(wallet.module);
    if (!module) return Failure(module.error());
    const auto evacuation = evacuation_of(state, spend);
    if (!evacuation) return Failure(evacuation.error());
    return evacuation_hash(chain_id, *module, *evacuation);
  }
  const auto safe = address_in(wallet.address);
  if (!safe) return Failure(safe.error());
  const auto inner = safe_transaction_of(state, spend, wallet);
  if (!inner) return Failure(inner.error());
  return safe_transaction_hash(chain_id, *safe, *inner, spend.nonce);
}

Result<Eip1559Transaction> transaction_of(std::uint64_t chain_id, const State& state, const Spend& spend,
                                          const FeeQuote& fees) {
  const Wallet& wallet = state.wallets.at(spend.wallet);
  auto call = call_of(state, spend, wallet, fees);
  if (!call) return Failure(call.error());
  Eip1559Transaction out;
  out.chain_id = chain_id;
  out.gas = std::min(call->gas, kTransactionGasMax);
  out.to = call->to;
  out.value = call->value;
  out.data = std::move(call->data);
  const bool only_to_authorise = wallet.kind == WalletKind::safe && spend.authorisation.empty();
  if (only_to_authorise) return out;
  const bool own_key = wallet.kind == WalletKind::single_key || wallet.kind == WalletKind::gas;
  if (!own_key && !spend.gas_wallet) return refuse("gas_wallet_missing", "no gas wallet is assigned yet");
  out.nonce = own_key ? spend.nonce : spend.gas_nonce;
  if (HF_PLANTED(bump_at_new_nonce) && own_key) out.nonce += spend.attempts.size();
  out.max_fee = fees.max_fee;
  out.max_priority_fee = fees.priority_fee;
  return out;
}

}  // namespace holdfast::chain::evm
