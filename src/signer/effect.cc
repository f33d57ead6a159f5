#include "signer/effect.h"

#include "chain/evm/codec/contracts.h"
#include "chain/evm/codec/erc20.h"
#include "chain/evm/codec/safe.h"

#include <algorithm>

namespace holdfast::signer {
namespace {

using namespace chain::evm;

// A decoder's error, in the signer's words. `other_call` is its code for "this is not that call at all".
std::unexpected<Refused> bad_call(const Error& error, std::string_view other_call) {
  const Refusal refusal = error.code == other_call ? Refusal::call_unknown : Refusal::call_malformed;
  return no(refusal, std::string(error.code) + (error.text.empty() ? "" : ": " + error.text));
}

// What a plain call of an own wallet moves: coins without data, or a listed token by transfer().
Checked<Terms> explain_payment(const ChainRule& chain, const Address20& to, Amount value, ByteView data) {
  if (data.empty()) return Terms{kNativeAsset, to, value};
  const auto transfer = decode_transfer(data);
  if (!transfer) return bad_call(transfer.error(), "not_transfer");
  if (to == kNativeAsset || chain.asset(to) == nullptr) {
    return no(Refusal::asset_unknown, "transfer() of " + to_checksum_text(to));
  }
  if (!value.is_zero()) return no(Refusal::value_unexpected, "coins go along with a token transfer");
  return Terms{to, transfer->to, transfer->amount};
}

bool asks_refund(const SafeTransaction& inner) {
  return !inner.base_gas.is_zero() || !inner.gas_price.is_zero() || !inner.gas_token.is_zero() ||
         !inner.refund_receiver.is_zero();
}

Checked<Effect> explain_safe(const ChainRule& chain, const SafeRule& safe, ByteView calldata, std::uint64_t nonce) {
  auto call = decode_exec_transaction(calldata);
  if (!call) return bad_call(call.error(), "not_exec_transaction");
  const SafeTransaction& inner = call->transaction;
  if (inner.operation != kSafeCall) return no(Refusal::delegatecall, "to " + to_checksum_text(inner.to));
  if (asks_refund(inner)) return no(Refusal::refund_set);
  const auto inner_gas = uint64_of(inner.safe_tx_gas);
  if (!inner_gas || *inner_gas > chain.max_gas) return no(Refusal::safe_tx_gas_too_high);

  Effect effect;
  effect.wallet = safe.address;
  effect.nonce = nonce;
  effect.safe = &safe;
  effect.owners_sign = safe_transaction_hash(chain.chain_id, safe.address, inner, nonce);
  effect.signatures = std::move(call->signatures);
  if (inner.to == safe.address && inner.data.empty() && inner.value.is_zero()) {
    effect.kind = EffectKind::burn;
    return effect;
  }
  const auto payment = explain_payment(chain, inner.to, saturating_amount(inner.value), inner.data);
  if (!payment) return std::unexpected(payment.error());
  // Without it a failing payment reverts as a whole, and the owners' signatures stay good for a later try.
  if (*inner_gas == 0) return no(Refusal::safe_tx_gas_zero);
  effect.kind = EffectKind::payment;
  effect.payment = *payment;
  return effect;
}

Checked<Effect> explain_evacuation(const ChainRule& chain, const SafeRule& safe, ByteView calldata) {
  auto call = decode_evacuation(calldata);
  if (!call) return bad_call(call.error(), "not_evacuation");
  for (const Address20& asset : call->evacuation.assets) {
    if (chain.asset(asset) == nullptr) return no(Refusal::asset_unknown, "evacuation of " + to_checksum_text(asset));
  }
  const auto nonce = uint64_of(call->evacuation.nonce);
  const auto deadline_s = uint64_of(call->evacuation.deadline_s);
  if (!nonce || !deadline_s) return no(Refusal::call_malformed, "nonce or deadline of more than 64 bits");
  Effect effect;
  effect.kind = EffectKind::evacuation;
  effect.wallet = safe.module;
  effect.nonce = *nonce;
  effect.safe = &safe;
  effect.owners_sign = evacuation_hash(chain.chain_id, safe.module, call->evacuation);
  effect.signatures = std::move(call->signature);
  effect.deadline_s = *deadline_s;
  return effect;
}

Checked<Effect> explain_guard_freeze(const ChainRule& chain, const SafeRule& safe, ByteView calldata) {
  auto call = decode_guard_freeze(calldata);
  if (!call) return bad_call(call.error(), "not_guard_freeze");
  Effect effect;
  effect.kind = EffectKind::guard_freeze;
  effect.wallet = safe.guard;
  effect.nonce = call->freeze.nonce;
  effect.safe = &safe;
  effect.owners_sign = guard_freeze_hash(chain.chain_id, safe.guard, call->freeze);
  effect.signatures = std::move(call->signature);
  effect.deadline_s = call->freeze.deadline_s;
  return effect;
}

Checked<Effect> explain_sweep(const ChainRule& chain, const AccountRule& sender,
                              const Eip1559Transaction& transaction) {
  const auto call = decode_flush(transaction.data);
  if (!call) return bad_call(call.error(), "not_flush");
  for (const Address20& token : call->tokens) {
    if (chain.asset(token) == nullptr) return no(Refusal::asset_unknown, "sweep of " + to_checksum_text(token));
  }
  Effect effect;
  effect.kind = EffectKind::sweep;
  effect.wallet = sender.address;
  effect.nonce = transaction.nonce;
  return effect;
}

// What the sender does with its own coins and tokens.
Checked<Effect> explain_direct(const ChainRule& chain, const AccountRule& sender,
                               const Eip1559Transaction& transaction) {
  Effect effect;
  effect.wallet = sender.address;
  effect.nonce = transaction.nonce;
  if (transaction.to == sender.address && transaction.value.is_zero() && transaction.data.empty()) {
    effect.kind = EffectKind::burn;
    return effect;
  }
  // A gas wallet pays the network; beyond that its coins may only be saved.
  if (sender.kind != AccountKind::single_key && transaction.to != chain.cold) {
    return no(Refusal::target_unknown, "a gas wallet calls " + to_checksum_text(transaction.to));
  }
  const auto payment = explain_payment(chain, transaction.to, transaction.value, transaction.data);
  if (!payment) return std::unexpected(payment.error());
  effect.kind = EffectKind::payment;
  effect.payment = *payment;
  return effect;
}

}  // namespace

Checked<Effect> explain(const ChainRule& chain, const Eip1559Transaction& transaction, const AccountRule* sender,
                        std::uint64_t safe_nonce) {
  if (sender != nullptr && sender->kind == AccountKind::single_key) return explain_direct(chain, *sender, transaction);

  const Address20& to = transaction.to;
  const SafeRule* safe = chain.safe_at(to);
  const SafeRule* of_module = chain.safe_of_module(to);
  const SafeRule* of_guard = chain.safe_of_guard(to);
  const bool is_factory = sender != nullptr && !chain.factory.is_zero() && to == chain.factory;
  if (safe == nullptr && of_module == nullptr && of_guard == nullptr && !is_factory) {
    if (sender != nullptr) return explain_direct(chain, *sender, transaction);
    return no(Refusal::target_unknown, "call of " + to_checksum_text(to));
  }
  if (!transaction.value.is_zero())
    return no(Refusal::value_unexpected, "coins go along with a call of an own contract");
  if (safe != nullptr) return explain_safe(chain, *safe, transaction.data, safe_nonce);
  if (of_module != nullptr) return explain_evacuation(chain, *of_module, transaction.data);
  if (of_guard != nullptr) return explain_guard_freeze(chain, *of_guard, transaction.data);
  return explain_sweep(chain, *sender, transaction);
}

}  // namespace holdfast::signer
