#include "engine/conductor.h"

#include <algorithm>

namespace holdfast::engine {
namespace {

using namespace custody;

std::string as_string(ByteView bytes) { return std::string(as_text(bytes)); }

proto::SignRequest::Purpose purpose_of(Purpose purpose) {
  switch (purpose) {
    case Purpose::withdrawal: return proto::SignRequest::WITHDRAWAL;
    case Purpose::sweep: return proto::SignRequest::SWEEP;
    case Purpose::evacuation:
    case Purpose::reserve: return proto::SignRequest::EVACUATION;
    case Purpose::burn: return proto::SignRequest::BURN;
    case Purpose::consolidation: return proto::SignRequest::CONSOLIDATION;
  }
  return proto::SignRequest::PURPOSE_UNSPECIFIED;
}

// Whose key signs the transaction itself.
const Wallet& sender_of(const State& state, const Spend& spend) {
  return state.wallets.at(spend.gas_wallet ? spend.gas_wallet : spend.wallet);
}

void state_withdrawal(const State& state, WithdrawalId id, proto::Withdrawal& stated) {
  const Withdrawal& withdrawal = state.withdrawals.at(id);
  stated.set_id(withdrawal.id.value);
  stated.set_asset_contract(as_string(state.assets.at(withdrawal.asset).contract.view()));
  stated.set_amount(withdrawal.amount.to_string());
  stated.set_destination(as_string(withdrawal.destination.view()));
  stated.set_approval_expires_ms(withdrawal.approval_expires_at.unix_ms);
}

void state_coin(const Coin& coin, proto::SpentCoin& stated) {
  stated.set_amount(coin.amount.to_string());
  stated.set_branch(coin.branch);
  stated.set_index(coin.index);
}

}  // namespace

proto::SignRequest sign_request(const State& state, const Spend& spend, proto::SignRequest::Kind kind, std::uint64_t request,
                                ByteView unsigned_transaction) {
  proto::SignRequest out;
  out.set_request(request);
  out.set_spend(spend.id.value);
  out.set_kind(kind);
  out.set_chain(state.chains.at(state.wallets.at(spend.wallet).chain).caip2);
  out.set_unsigned_transaction(as_string(unsigned_transaction));
  out.set_purpose(purpose_of(spend.purpose));
  out.set_safe_nonce(spend.nonce);
  const bool of_coins = !spend.inputs.empty();
  if (of_coins) out.set_wallet(state.wallets.at(spend.wallet).name);
  if (kind == proto::SignRequest::TRANSACTION && !of_coins) out.set_account(as_string(sender_of(state, spend).address.view()));
  for (const WithdrawalId id : withdrawals_of(spend)) state_withdrawal(state, id, of_coins ? *out.add_batch() : *out.mutable_withdrawal());
  return out;
}

std::vector<const Spend*> ready_reserves(const State& state, const Wallet& wallet) {
  std::vector<const Spend*> ready;
  for (const SpendId id : state.open_spends) {
    const Spend& spend = state.spends.at(id);
    const bool lies_ready = spend.wallet == wallet.id && spend.purpose == Purpose::reserve && has_live_attempt(spend) &&
                            state.coins.at(spend.inputs.front()).state == CoinState::unspent;
    if (lies_ready) ready.push_back(&spend);
  }
  std::ranges::stable_sort(ready, std::ranges::greater{}, [](const Spend* spend) { return spend->money.amount; });
  return ready;
}

proto::KeepEvacuations keep_evacuations(const State& state, const Wallet& wallet,
                                        const std::vector<const Spend*>& reserves) {
  constexpr std::size_t kMaxBytes = 3'000'000;  // What a message may carry, with room to spare,
  constexpr int kMaxTransactions = 8'000;       // and what a signer keeps of one wallet.
  constexpr std::size_t kBytesBeside = 32;      // What stands beside a transaction, for each coin.
  proto::KeepEvacuations out;
  out.set_chain(state.chains.at(wallet.chain).caip2);
  out.set_wallet(wallet.name);
  std::size_t bytes = 0;
  for (const Spend* spend : reserves) {
    for (const Attempt& attempt : spend->attempts) {
      bytes += attempt.raw.size() + kBytesBeside * (1 + spend->inputs.size());
      if (bytes > kMaxBytes || out.evacuations_size() == kMaxTransactions) return out;
      proto::Evacuation& one = *out.add_evacuations();
      one.set_transaction(as_string(attempt.raw));
      for (const CoinId id : spend->inputs) state_coin(state.coins.at(id), *one.add_coins());
    }
  }
  return out;
}

void order_freezes(const State& state, SignerLink& link) {
  const std::vector<std::string> attached = link.connected();
  for (const FreezeId id : state.freezes_in_force) {
    const Freeze& freeze = state.freezes.at(id);
    if (freeze.scope != Scope::platform) continue;  // Narrower freezes are kept by the engine, which plans nothing in their scope.
    proto::ToSigner order;
    order.mutable_freeze()->set_freeze(id.value);
    order.mutable_freeze()->set_reason(freeze.incident ? "incident" : "operator");
    for (const Signer& signer : state.signers) {
      const bool done = std::find(freeze.acknowledged.begin(), freeze.acknowledged.end(), signer.id) != freeze.acknowledged.end();
      const bool here = std::find(attached.begin(), attached.end(), signer.name) != attached.end();
      if (!done && here) link.send(signer.name, order);
    }
  }
}

}  // namespace holdfast::engine
