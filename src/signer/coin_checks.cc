#include "signer/coin_checks.h"

#include "base/hex.h"
#include "base/planted.h"
#include "chain/utxo/codec/script.h"
#include "chain/utxo/wallet/address.h"
#include "signer/authority.h"
#include "signer/coin_effect.h"
#include "signer/withdrawal_rules.h"

#include <fmt/format.h>
#include <algorithm>
#include <iterator>

namespace holdfast::signer {
namespace {

using namespace chain::utxo;
using proto::SignRequest;

// Holds a record within what the journal takes, and then some.
constexpr std::size_t kMaxBatch = 1'000;

struct Payment {
  std::uint64_t id = 0;
  CoinTerms terms;
  Instant approval_expires_at;
};

std::string coins(Amount amount) { return amount.to_decimal(kSatoshiDecimals); }

// --- What it does, against what it is said to do ------------------------------------------------------------------

// By their ids.
Checked<std::vector<Payment>> read_batch(const SignRequest& request) {
  if (request.batch_size() == 0) return no(Refusal::withdrawal_malformed, "the batch is empty");
  if (static_cast<std::size_t>(request.batch_size()) > kMaxBatch) return no(Refusal::request_malformed, "batch too large");
  std::vector<Payment> out;
  for (const auto& stated : request.batch()) {
    const auto amount = Amount::from_string(stated.amount());
    if (stated.id() == 0 || !amount || amount->is_zero() || stated.destination().empty()) {
      return no(Refusal::withdrawal_malformed, fmt::format("withdrawal {}", stated.id()));
    }
    if (!stated.asset_contract().empty()) return no(Refusal::asset_differs, fmt::format("withdrawal {}", stated.id()));
    out.push_back({stated.id(), {to_bytes(as_bytes(stated.destination())), *amount}, Instant{stated.approval_expires_ms()}});
  }
  std::ranges::sort(out, {}, &Payment::id);
  const auto twice = std::ranges::adjacent_find(out, {}, &Payment::id);
  if (twice != out.end()) return no(Refusal::withdrawal_malformed, fmt::format("withdrawal {} is there twice", twice->id));
  return out;
}

Judged judge_destination(const CoinChainRule& chain, const CoinEffect& effect, const Payment& payment) {
  const auto forbidden = [&](std::string_view why) {
    return no(Refusal::destination_forbidden, fmt::format("withdrawal {}: {}", payment.id, why));
  };
  switch (classify(payment.terms.script)) {
    case ScriptKind::p2pkh:
    case ScriptKind::p2sh:
    case ScriptKind::p2wpkh:
    case ScriptKind::p2wsh:
    case ScriptKind::p2tr:
      break;
    case ScriptKind::unknown:
    case ScriptKind::witness_unknown:
    case ScriptKind::null_data:
      return forbidden("no script that its owner can spend from for certain");
  }
  if (payment.terms.script == chain.cold_script) return forbidden("the cold script");
  const bool own = std::ranges::any_of(effect.outputs, [&](const CoinOutput& output) {
    return output.change_index && output.script == payment.terms.script;
  });
  return own ? forbidden("the wallet's own change") : Judged{};
}

// Why a withdrawal has no output of its own: the likeliest lie.
std::unexpected<Refused> unpaid(const Payment& payment, const std::vector<const CoinOutput*>& left) {
  for (const CoinOutput* output : left) {
    if (output->script != payment.terms.script) continue;
    return no(Refusal::amount_differs, fmt::format("it pays {}, withdrawal {} names {}", coins(output->amount), payment.id,
                                                   coins(payment.terms.amount)));
  }
  return no(Refusal::recipient_differs, fmt::format("nothing pays the destination of withdrawal {}", payment.id));
}

// Each withdrawal has an output of its own, and beside them there is at most one more: the change.
Judged judge_payments(const std::vector<Payment>& batch, const CoinEffect& effect) {
  std::vector<const CoinOutput*> left;
  std::size_t changes = 0;
  for (const CoinOutput& output : effect.outputs) {
    if (output.change_index)
      ++changes;
    else
      left.push_back(&output);
  }
  for (const Payment& payment : batch) {
    const auto pays = [&](const CoinOutput* output) {
      return output->script == payment.terms.script && output->amount == payment.terms.amount;
    };
    const auto found = std::ranges::find_if(left, pays);
    if (found == left.end()) return unpaid(payment, left);
    left.erase(found);
  }
  if (!left.empty()) {
    return no(Refusal::output_unexpected, fmt::format("{} goes to a script that no withdrawal names", coins(left.front()->amount)));
  }
  if (changes > 1) return no(Refusal::output_unexpected, "more than one change output");
  return {};
}

// --- Limits -------------------------------------------------------------------------------------------------------

Judged judge_limits(const CoinChainRule& chain, const Memory& memory, const std::vector<Payment>& batch, Instant now) {
  const Amount before = memory.coins().within_day(chain.caip2, now);
  std::optional<Amount> after = before;
  std::optional<Amount> alone = Amount::zero();
  for (const Payment& payment : batch) {
    if (payment.terms.amount > chain.per_withdrawal) {
      return no(Refusal::over_withdrawal_limit,
                fmt::format("{} of at most {}", coins(payment.terms.amount), coins(chain.per_withdrawal)));
    }
    const bool counted = memory.coins().payment_of(payment.id) != nullptr;
    if (!counted && after) after = Amount::sum(*after, payment.terms.amount);
    if (!counted && alone) alone = Amount::sum(*alone, payment.terms.amount);
  }
  // To wait for another day would be in vain.
  if (!alone || *alone > chain.per_day) {
    return no(Refusal::over_withdrawal_limit, fmt::format("one batch of more than a day's {}", coins(chain.per_day)));
  }
  if (after == before || (after && *after <= chain.per_day)) return {};
  return no(Refusal::over_day_limit, fmt::format("{} with it, {} before, of at most {}", after ? coins(*after) : "too much",
                                                 coins(before), coins(chain.per_day)));
}

Judged judge_feerate(Amount fee, std::size_t vsize, std::uint64_t max_feerate) {
  const Int128 highest = Int128{static_cast<std::int64_t>(max_feerate)} * Int128{static_cast<std::int64_t>(vsize)};
  if (fee.units() <= highest) return {};
  return no(Refusal::feerate_too_high, fmt::format("{} sat for {} vB, of at most {} each", fee.to_string(), vsize, max_feerate));
}

Judged judge_fee(const CoinChainRule& chain, const CoinEffect& effect, SignRequest::Purpose purpose) {
  if (purpose == SignRequest::EVACUATION) return judge_rescue_fee(chain, effect.spent, effect.fee, effect.vsize);
  if (effect.fee > chain.max_fee) {
    return no(Refusal::fee_too_high, fmt::format("{} of at most {}", coins(effect.fee), coins(chain.max_fee)));
  }
  return judge_feerate(effect.fee, effect.vsize, chain.max_feerate);
}

Judged judge_day_of_fees(const CoinChainRule& chain, const Memory& memory, const CoinEffect& effect, Instant now) {
  const auto total = memory.coins().fees_with(chain.caip2, effect.coins, effect.fee, now);
  if (total && *total <= chain.fees_per_day) return {};
  return no(Refusal::over_fee_limit,
            fmt::format("{} with it, of at most {}", total ? coins(*total) : "too much", coins(chain.fees_per_day)));
}

// --- What was signed before -----------------------------------------------------------------------------------------

// A withdrawal stays with its terms, its fellows and its coins.
Judged judge_withdrawal(const Memory& memory, std::string_view chain, const Payment& payment,
                        const std::vector<std::uint64_t>& ids, const std::vector<OutPoint>& spends) {
  const auto of_it = fmt::format("withdrawal {}", payment.id);
  if (memory.binding(payment.id) != nullptr) return no(Refusal::withdrawal_bound_elsewhere, of_it + ": to a nonce");
  const CoinPayment* before = memory.coins().payment_of(payment.id);
  if (before == nullptr) return {};
  if (before->chain != chain) return no(Refusal::withdrawal_bound_elsewhere, of_it + ": to " + before->chain);
  if (*memory.coins().terms(payment.id) != payment.terms) return no(Refusal::withdrawal_changed, of_it);
  if (before->withdrawals != ids) return no(Refusal::batch_changed, of_it);
  const bool all = std::includes(spends.begin(), spends.end(), before->coins.begin(), before->coins.end());
  return all || HF_PLANTED(replacement_with_other_coins) ? Judged{} : Judged(no(Refusal::coin_left_out, of_it));
}

std::string name_of(const OutPoint& coin) { return fmt::format("{}:{}", display(coin.txid), coin.vout); }

// Whatever else a coin was signed into, only the same withdrawals may be paid from it again.
Judged judge_coins(const Memory& memory, std::string_view chain, const std::vector<std::uint64_t>& ids,
                   const std::vector<OutPoint>& spends) {
  for (const OutPoint& coin : spends) {
    const CoinPayment* before = memory.coins().payment_from(chain, coin);
    const bool same = before != nullptr && before->withdrawals == ids;
    if (before != nullptr && !same) return no(Refusal::coin_taken, name_of(coin));
    if (!ids.empty() && memory.coins().is_burned(chain, coin)) return no(Refusal::coin_burned, name_of(coin));
  }
  return {};
}

// An index far above all others would be money that nobody looks for after a restore.
Judged judge_change(const CoinChainRule& chain, const CoinWalletRule& wallet, const Memory& memory, const CoinEffect& effect,
                    Instant now) {
  const auto reach = memory.coins().change_reach(chain.caip2, wallet.name);
  for (const CoinOutput& output : effect.outputs) {
    if (!output.change_index || !reach || is_within_reach(*output.change_index, reach->highest, reach->since, now)) continue;
    return no(Refusal::change_too_far, fmt::format("index {}, {} is the highest so far", *output.change_index, reach->highest));
  }
  return {};
}

// --- Who says so ----------------------------------------------------------------------------------------------------

// Those who have no key of their own, to be counted. What was signed before was asked about then.
Checked<std::vector<Unenrolled>> judge_who(const Policy& policy, const CoinChainRule& chain, const Memory& memory, const Books& books,
                                           const std::vector<Payment>& batch, Instant now) {
  const std::string asset = fmt::format("slip44:{}", chain.network->coin_type);
  std::vector<Unenrolled> out;
  for (const Payment& payment : batch) {
    if (memory.coins().payment_of(payment.id) != nullptr) continue;
    Claimed claimed;
    claimed.id = payment.id;
    claimed.chain = chain.caip2;
    claimed.asset_name = asset;
    claimed.amount = payment.terms.amount;
    claimed.destination = payment.terms.script;
    claimed.destination_text = address_of_script(*chain.network, payment.terms.script).value_or(to_hex(payment.terms.script));
    claimed.approved_until = payment.approval_expires_at;
    claimed.limits = chain.authority;
    const auto judged = judge_authority(policy.authority, books, memory, claimed, out, now);
    if (!judged) return no(judged.error().refusal, fmt::format("withdrawal {} {}", payment.id, judged.error().detail));
    if (*judged) out.push_back(**judged);
  }
  return out;
}

// --- Purposes -------------------------------------------------------------------------------------------------------

Checked<std::vector<Unenrolled>> judge_payment(const Policy& policy, const CoinChainRule& chain, const Memory& memory, const Books& books,
                                               const SignRequest& request, const CoinEffect& effect, Instant now) {
  const auto batch = read_batch(request);
  if (!batch) return std::unexpected(batch.error());
  std::vector<std::uint64_t> ids;
  std::ranges::transform(*batch, std::back_inserter(ids), &Payment::id);
  for (const Payment& payment : *batch) {
    if (auto judged = judge_destination(chain, effect, payment); !judged) return std::unexpected(judged.error());
  }
  if (auto judged = judge_payments(*batch, effect); !judged) return std::unexpected(judged.error());
  for (const Payment& payment : *batch) {
    if (auto judged = judge_withdrawal(memory, chain.caip2, payment, ids, effect.coins); !judged) return std::unexpected(judged.error());
    if (auto judged = judge_id(memory, payment.id); !judged) return std::unexpected(judged.error());
    // Once it is out only fees can change, and a payment that could not be bumped any more would hang for ever.
    if (memory.coins().payment_of(payment.id) != nullptr) continue;
    if (auto judged = judge_expiry(policy, payment.approval_expires_at, now); !judged) return std::unexpected(judged.error());
  }
  if (auto judged = judge_coins(memory, chain.caip2, ids, effect.coins); !judged) return std::unexpected(judged.error());
  if (auto judged = judge_limits(chain, memory, *batch, now); !judged) return std::unexpected(judged.error());
  return judge_who(policy, chain, memory, books, *batch, now);
}

Judged judge_evacuation(const CoinChainRule& chain, const CoinEffect& effect) {
  for (const CoinOutput& output : effect.outputs) {
    if (output.script != chain.cold_script) return no(Refusal::evacuation_elsewhere);
  }
  return effect.outputs.size() == 1 ? Judged{} : Judged(no(Refusal::output_unexpected, "an evacuation has one output"));
}

// Many outputs would be a way to grind coins to dust.
Judged judge_to_itself(const CoinEffect& effect, Refusal refusal) {
  if (!std::ranges::all_of(effect.outputs, [](const CoinOutput& output) { return output.change_index.has_value(); })) {
    return no(refusal, "an output is not the wallet's change");
  }
  return effect.outputs.size() == 1 ? Judged{} : Judged(no(Refusal::output_unexpected, "more than one output"));
}

Judged judge_purpose(const CoinChainRule& chain, const Memory& memory, const SignRequest& request, const CoinEffect& effect) {
  switch (request.purpose()) {
    case SignRequest::EVACUATION:
      return judge_evacuation(chain, effect);
    case SignRequest::BURN:
      return judge_to_itself(effect, Refusal::burn_moves_money);
    case SignRequest::CONSOLIDATION:
      if (auto judged = judge_to_itself(effect, Refusal::effect_differs); !judged) return judged;
      return judge_coins(memory, chain.caip2, {}, effect.coins);
    default:
      return no(Refusal::request_malformed, "purpose");
  }
}

proto::SignerRecord::Signed record_of(const SignRequest& request, const CoinChainRule& chain, const CoinWalletRule& wallet,
                                      const CoinEffect& effect, const std::vector<Unenrolled>& paid_for) {
  proto::SignerRecord::Signed out;
  for (const Unenrolled& one : paid_for) {
    auto& counted = *out.add_unenrolled();
    counted.set_customer(one.customer);
    counted.set_amount(one.amount.to_string());
  }
  out.set_kind(request.kind());
  out.set_purpose(request.purpose());
  out.set_chain(chain.caip2);
  out.set_coin_wallet(wallet.name);
  out.set_digest(std::string(as_text(effect.txid.view())));
  out.set_fees(effect.fee.to_string());
  for (const OutPoint& coin : effect.coins) out.add_outpoints(encode_outpoint(coin));
  for (const CoinOutput& output : effect.outputs) {
    if (output.change_index) out.set_change_index(*output.change_index);
  }
  if (request.purpose() != SignRequest::WITHDRAWAL) return out;
  for (const auto& stated : request.batch()) {
    auto& paid = *out.add_batch();
    paid.set_id(stated.id());
    paid.set_amount(Amount::from_string(stated.amount()).value().to_string());
    paid.set_destination(stated.destination());
  }
  return out;
}

}  // namespace

// A rescue pays what it takes, but never more than it saves.
Judged judge_rescue_fee(const CoinChainRule& chain, Amount spent, Amount fee, std::size_t vsize) {
  if (fee.units() * 2 > spent.units()) return no(Refusal::fee_too_high, fmt::format("{} of {}", coins(fee), coins(spent)));
  return judge_feerate(fee, vsize, chain.rescue_max_feerate);
}

Checked<ToSign> check_coins(const Policy& policy, const CoinChainRule& chain, const Memory& memory, const Books& books,
                            const SignRequest& request, Instant now) {
  if (request.kind() != SignRequest::TRANSACTION) return no(Refusal::request_malformed, "kind");
  const CoinWalletRule* wallet = chain.wallet(request.wallet());
  if (wallet == nullptr || !wallet->own) return no(Refusal::wallet_unknown);
  auto effect = explain_coins(chain, *wallet, as_bytes(request.unsigned_transaction()));
  if (!effect) return std::unexpected(effect.error());
  std::vector<Unenrolled> paid_for;
  if (request.purpose() == SignRequest::WITHDRAWAL) {
    auto judged = judge_payment(policy, chain, memory, books, request, *effect, now);
    if (!judged) return std::unexpected(judged.error());
    paid_for = std::move(*judged);
  } else if (auto judged = judge_purpose(chain, memory, request, *effect); !judged) {
    return std::unexpected(judged.error());
  }
  if (auto judged = judge_change(chain, *wallet, memory, *effect, now); !judged) return std::unexpected(judged.error());
  if (auto judged = judge_fee(chain, *effect, request.purpose()); !judged) return std::unexpected(judged.error());

  ToSign out{effect->txid, wallet->own->id, record_of(request, chain, *wallet, *effect, paid_for), false, std::move(effect->to_sign)};
  // Recorded with a fee that was less, it has to be judged and recorded again: of Taproot's coins somebody may have lied
  // about the amounts first, for a signature that is worth nothing, and tells the truth now.
  const auto before = memory.coins().signed_fee(chain.caip2, effect->txid, request.purpose());
  out.recorded = before && *before >= effect->fee;
  if (out.recorded) return out;
  if (!memory.coins().has_room(out.record, now)) return no(Refusal::records_too_many);
  if (request.purpose() == SignRequest::EVACUATION) return out;
  if (auto judged = judge_day_of_fees(chain, memory, *effect, now); !judged) return std::unexpected(judged.error());
  return out;
}

}  // namespace holdfast::signer
