#include "signer/checks.h"

#include "base/check.h"
#include "base/planted.h"
#include "chain/evm/codec/secp256k1.h"
#include "signer/authority.h"
#include "signer/coin_checks.h"
#include "signer/withdrawal_rules.h"

#include <fmt/format.h>
#include <algorithm>
#include <optional>

namespace holdfast::signer {
namespace {

using namespace chain::evm;
using proto::SignRequest;

// Evacuations and guard freezes are asked for when they are needed; a stock of them is a weapon.
constexpr std::uint64_t kMaxDeadlineSeconds = 2 * 60 * 60;
constexpr std::int64_t kMaxClockStepMs = 60 * kMsPerSecond;

struct Withdrawal {
  std::uint64_t id = 0;
  Terms terms;
  Instant approval_expires_at;
};

std::optional<Address20> address_from(const std::string& raw) {
  if (raw.size() != Address20::kSize) return std::nullopt;
  return Address20::from(as_bytes(raw));
}

std::string raw(const Address20& address) { return std::string(as_text(address.view())); }

Checked<Withdrawal> read_withdrawal(const SignRequest& request) {
  const auto& stated = request.withdrawal();
  const auto destination = address_from(stated.destination());
  const auto amount = Amount::from_string(stated.amount());
  const auto asset = stated.asset_contract().empty() ? Address20{} : address_from(stated.asset_contract());
  // All-zero bytes are refused, so that the native coin has one name only.
  const bool asset_well_formed = asset && (stated.asset_contract().empty() || !asset->is_zero());
  if (stated.id() == 0 || !destination || !amount || amount->is_zero() || !asset_well_formed) {
    return no(Refusal::withdrawal_malformed);
  }
  return Withdrawal{stated.id(), {*asset, *destination, *amount}, Instant{stated.approval_expires_ms()}};
}

Checked<Eip1559Transaction> read_transaction(const ChainRule& chain, const SignRequest& request) {
  const auto transaction = decode_unsigned(as_bytes(request.unsigned_transaction()));
  if (!transaction) {
    const Error& error = transaction.error();
    if (error.code == "transaction_type") return no(Refusal::transaction_type_unsupported);
    if (error.code == "transaction_access_list") return no(Refusal::access_list_present);
    if (error.code == "transaction_creates_contract") return no(Refusal::contract_creation);
    return no(Refusal::transaction_malformed, std::string(error.code));
  }
  if (transaction->chain_id != chain.chain_id) {
    return no(Refusal::chain_id_differs,
              fmt::format("it names {}, {} was asked for", transaction->chain_id, chain.caip2));
  }
  if (transaction->gas > chain.max_gas) return no(Refusal::gas_too_high, fmt::format("{}", transaction->gas));
  if (transaction->max_fee > chain.max_fee) return no(Refusal::fee_too_high, transaction->max_fee.to_string() + " wei");
  if (transaction->max_priority_fee > chain.max_priority_fee || transaction->max_priority_fee > transaction->max_fee) {
    return no(Refusal::priority_fee_too_high, transaction->max_priority_fee.to_string() + " wei");
  }
  return *transaction;
}

// --- What it does, against what it is said to do ------------------------------------------------------------------

Judged judge_terms(const Terms& stated, const Terms& real) {
  if (real.asset != stated.asset) {
    return no(Refusal::asset_differs, "it moves " + to_checksum_text(real.asset));
  }
  if (real.destination != stated.destination) {
    return no(Refusal::recipient_differs,
              fmt::format("it pays {}, the withdrawal names {}", to_checksum_text(real.destination),
                          to_checksum_text(stated.destination)));
  }
  if (real.amount != stated.amount) {
    return no(Refusal::amount_differs,
              fmt::format("it moves {}, the withdrawal names {}", real.amount.to_string(), stated.amount.to_string()));
  }
  return {};
}

Judged judge_limits(const ChainRule& chain, const Memory& memory, const Withdrawal& withdrawal, Instant now) {
  const Terms& terms = withdrawal.terms;
  const AssetRule* asset = chain.asset(terms.asset);
  if (asset == nullptr) return no(Refusal::asset_unknown, to_checksum_text(terms.asset));
  const auto coins = [&](Amount amount) { return amount.to_decimal(asset->decimals) + " " + asset->symbol; };
  if (terms.amount > asset->per_withdrawal) {
    return no(Refusal::over_withdrawal_limit,
              fmt::format("{} of at most {}", coins(terms.amount), coins(asset->per_withdrawal)));
  }
  if (memory.binding(withdrawal.id) != nullptr) return {};  // Counted when it was first signed.
  const Amount before = memory.within_day(chain.caip2, terms.asset, now);
  const auto after = Amount::sum(before, terms.amount);
  if (!after || *after > asset->per_day) {
    return no(Refusal::over_day_limit,
              fmt::format("{} on top of {}, of at most {}", coins(terms.amount), coins(before), coins(asset->per_day)));
  }
  return {};
}

// The withdrawal stays where it was first signed, with its terms, and alone there.
Judged judge_memory(const Memory& memory, const Withdrawal& withdrawal, const Place& place) {
  if (const Binding* bound = memory.binding(withdrawal.id)) {
    if (bound->terms != withdrawal.terms) return no(Refusal::withdrawal_changed);
    if (bound->place != place && !HF_PLANTED(bump_at_new_nonce)) {
      return no(Refusal::withdrawal_bound_elsewhere,
                fmt::format("wallet {} nonce {}", to_checksum_text(bound->place.wallet), bound->place.nonce));
    }
  }
  if (memory.coins().payment_of(withdrawal.id) != nullptr) return no(Refusal::withdrawal_bound_elsewhere, "to coins");
  const Occupant occupant = memory.at(place);
  if (occupant.burned) return no(Refusal::nonce_burned, fmt::format("nonce {}", place.nonce));
  if (occupant.other) return no(Refusal::nonce_taken, fmt::format("nonce {}", place.nonce));
  if (occupant.withdrawal != 0 && occupant.withdrawal != withdrawal.id) {
    return no(Refusal::nonce_taken, fmt::format("nonce {} carries withdrawal {}", place.nonce, occupant.withdrawal));
  }
  return {};
}

// The expiry stops a payment that was not begun. Once its transaction is out only fees can change, and a payment that
// could not be bumped any more would hang for ever.
Judged judge_approval(const Policy& policy, const SignRequest& request, Instant expires_at, const Occupant& occupant,
                      Instant now) {
  if (request.kind() == SignRequest::TRANSACTION && occupant.transaction) return {};
  return judge_expiry(policy, expires_at, now);
}

// What was signed stands for ever: a nonce or an id that was signed long before its turn could never be used rightly.
Judged judge_nonce(const ChainRule& chain, const Memory& memory, const Effect& effect, Instant now) {
  if (effect.kind != EffectKind::payment && effect.kind != EffectKind::burn) return {};
  const auto reach = memory.reach(chain.caip2, effect.wallet);
  if (!reach || is_within_reach(effect.nonce, reach->highest, reach->since, now)) return {};
  return no(Refusal::nonce_too_far, fmt::format("nonce {}, {} is the highest so far", effect.nonce, reach->highest));
}

bool is_forbidden_destination(const ChainRule& chain, const Address20& destination) {
  return destination.is_zero() || destination == chain.cold || chain.is_own(destination) ||
         chain.asset(destination) != nullptr;
}

// What a withdrawal rests on is asked for when it is first signed. Then only its fees may change.
Checked<std::optional<Unenrolled>> judge_who(const Policy& policy, const ChainRule& chain, const Memory& memory, const Books& books,
                                             const Withdrawal& withdrawal, Instant now) {
  if (memory.binding(withdrawal.id) != nullptr) return std::nullopt;
  const Terms& terms = withdrawal.terms;
  const AssetRule* asset = chain.asset(terms.asset);
  if (asset == nullptr) return no(Refusal::asset_unknown);
  const bool native = terms.asset.is_zero();
  const std::string name = native ? "slip44:60" : "erc20:" + to_checksum_text(terms.asset);
  Claimed claimed;
  claimed.id = withdrawal.id;
  claimed.chain = chain.caip2;
  claimed.asset_name = name;
  if (!native) claimed.contract = terms.asset.view();
  claimed.asset_key = terms.asset;
  claimed.amount = terms.amount;
  claimed.destination = terms.destination.view();
  claimed.destination_text = to_checksum_text(terms.destination);
  claimed.approved_until = withdrawal.approval_expires_at;
  claimed.limits = asset->authority;
  return judge_authority(policy.authority, books, memory, claimed, {}, now);
}

// The withdrawal, once everything about it holds but who says so.
Checked<Withdrawal> judge_withdrawal(const Policy& policy, const ChainRule& chain, const Memory& memory, const SignRequest& request,
                                     const Effect& effect, Instant now) {
  if (effect.kind != EffectKind::payment) return no(Refusal::effect_differs, "it pays nobody");
  const auto withdrawal = read_withdrawal(request);
  if (!withdrawal) return std::unexpected(withdrawal.error());
  if (auto judged = judge_terms(withdrawal->terms, effect.payment); !judged) return std::unexpected(judged.error());
  if (is_forbidden_destination(chain, withdrawal->terms.destination)) return no(Refusal::destination_forbidden);
  const Place place{chain.caip2, effect.wallet, effect.nonce};
  if (auto judged = judge_memory(memory, *withdrawal, place); !judged) return std::unexpected(judged.error());
  if (auto judged = judge_id(memory, withdrawal->id); !judged) return std::unexpected(judged.error());
  const Instant expires_at = withdrawal->approval_expires_at;
  if (auto judged = judge_approval(policy, request, expires_at, memory.at(place), now); !judged) return std::unexpected(judged.error());
  if (auto judged = judge_limits(chain, memory, *withdrawal, now); !judged) return std::unexpected(judged.error());
  return *withdrawal;
}

Judged judge_evacuation(const ChainRule& chain, const Effect& effect) {
  if (effect.kind == EffectKind::evacuation) return {};  // The module knows but one destination.
  if (effect.kind != EffectKind::payment) return no(Refusal::effect_differs, "it moves nothing to the cold address");
  if (effect.payment.destination != chain.cold && !HF_PLANTED(evacuation_elsewhere)) {
    return no(Refusal::evacuation_elsewhere, "it pays " + to_checksum_text(effect.payment.destination));
  }
  // A Safe is evacuated by its module, which leaves its nonces alone.
  if (effect.safe != nullptr) return no(Refusal::effect_differs, "a Safe is evacuated by its module");
  return {};
}

// Whom it is paid for, where that has to be counted.
Checked<std::optional<Unenrolled>> judge_payment(const Policy& policy, const ChainRule& chain, const Memory& memory, const Books& books,
                                                 const SignRequest& request, const Effect& effect, Instant now) {
  const auto withdrawal = judge_withdrawal(policy, chain, memory, request, effect, now);
  if (!withdrawal) return std::unexpected(withdrawal.error());
  return judge_who(policy, chain, memory, books, *withdrawal, now);
}

Judged judge_purpose(const ChainRule& chain, const SignRequest& request, const Effect& effect) {
  const auto is_only = [&](EffectKind kind) {
    return effect.kind == kind ? Judged{} : Judged(no(Refusal::effect_differs));
  };
  switch (request.purpose()) {
    case SignRequest::EVACUATION:
      return judge_evacuation(chain, effect);
    case SignRequest::SWEEP:
      return is_only(EffectKind::sweep);
    case SignRequest::GUARD_FREEZE:
      return is_only(EffectKind::guard_freeze);
    case SignRequest::BURN:
      if (effect.kind != EffectKind::burn) return no(Refusal::burn_moves_money);
      return {};
    default:
      return no(Refusal::request_malformed, "purpose");
  }
}

// --- Who has signed before us -------------------------------------------------------------------------------------

// A relayer's view of a Safe transaction: the owners' signatures must be good, or it would pay gas for nothing.
Judged judge_quorum(const Effect& effect) {
  const SafeRule& safe = *effect.safe;
  const bool is_safe_transaction = effect.kind == EffectKind::payment || effect.kind == EffectKind::burn;
  const std::size_t needed = is_safe_transaction ? safe.threshold : 1;
  if (effect.signatures.size() < needed * Signature::kSize) return no(Refusal::quorum_missing);
  if (effect.signatures.size() % Signature::kSize != 0)
    return no(Refusal::owner_signature_invalid, "not 65 bytes each");

  std::optional<Address20> previous;
  for (std::size_t at = 0; at < effect.signatures.size(); at += Signature::kSize) {
    const auto signature = Signature::from(ByteView(effect.signatures).subspan(at, Signature::kSize));
    const auto signed_by = recover(effect.owners_sign, signature);
    const bool is_owner =
        signed_by && std::find(safe.owners.begin(), safe.owners.end(), *signed_by) != safe.owners.end();
    const bool in_order = !previous || (signed_by && *previous < *signed_by);  // As the Safe demands; none twice.
    if (!is_owner || !in_order) return no(Refusal::owner_signature_invalid);
    previous = *signed_by;
  }
  return {};
}

Judged judge_deadline(const Effect& effect, Instant now) {
  const bool has_deadline = effect.kind == EffectKind::evacuation || effect.kind == EffectKind::guard_freeze;
  if (!has_deadline || now.unix_ms < 0) return {};
  const auto now_s = static_cast<std::uint64_t>(now.unix_ms / kMsPerSecond);
  if (effect.deadline_s < now_s) return no(Refusal::deadline_passed);
  if (effect.deadline_s - now_s > kMaxDeadlineSeconds) return no(Refusal::deadline_too_far);
  return {};
}

// --- What the network may take ------------------------------------------------------------------------------------

// Both are bounded by the policy, but nothing bounds the policy.
std::optional<Amount> most_fees(const Eip1559Transaction& transaction) {
  if (transaction.gas != 0 && transaction.max_fee.units() > Amount::max().units() / Int128{transaction.gas}) {
    return std::nullopt;
  }
  return Amount::of(transaction.max_fee.units() * Int128{transaction.gas});
}

bool is_rescue(SignRequest::Purpose purpose) {
  return purpose == SignRequest::EVACUATION || purpose == SignRequest::GUARD_FREEZE;
}

// A day's fees that were used up, by whomever, must not stop a rescue: rescues may go to twice the limit.
Judged judge_fees(const ChainRule& chain, const Memory& memory, const AccountRule& sender,
                  const Eip1559Transaction& transaction, SignRequest::Purpose purpose, Instant now) {
  const Amount limit = sender.fees_per_day;
  const auto limit_here = is_rescue(purpose) ? Amount::sum(limit, limit) : limit;
  const auto fees = most_fees(transaction);
  const auto total =
      fees ? memory.fees_with(chain.caip2, sender.address, transaction.nonce, *fees, now) : std::nullopt;
  if (total && (!limit_here || *total <= *limit_here)) return {};
  return no(Refusal::over_fee_limit,
            fmt::format("{} wei with it, of at most {}", total ? total->to_string() : "too many",
                        limit_here.value_or(Amount::max()).to_string()));
}

// --- Putting it together ------------------------------------------------------------------------------------------

proto::SignerRecord::Signed record_of(const SignRequest& request, const ChainRule& chain, const Effect& effect,
                                      const Hash32& digest, const std::optional<Unenrolled>& paid_for) {
  proto::SignerRecord::Signed out;
  if (paid_for) {
    out.add_unenrolled()->set_customer(paid_for->customer);
    out.mutable_unenrolled(0)->set_amount(paid_for->amount.to_string());
  }
  out.set_kind(request.kind());
  out.set_purpose(request.purpose());
  out.set_chain(chain.caip2);
  out.set_wallet(raw(effect.wallet));
  out.set_nonce(effect.nonce);
  out.set_digest(std::string(as_text(digest.view())));
  if (request.purpose() == SignRequest::WITHDRAWAL) out.set_withdrawal(request.withdrawal().id());
  if (effect.kind == EffectKind::payment) {
    if (!effect.payment.asset.is_zero()) out.set_asset_contract(raw(effect.payment.asset));
    out.set_amount(effect.payment.amount.to_string());
    out.set_destination(raw(effect.payment.destination));
  }
  return out;
}

}  // namespace

Checked<ToSign> check(const Policy& policy, const Address20& owner, const Memory& memory, const Books& books,
                      const SignRequest& request, Instant now) {
  const bool is_transaction = request.kind() == SignRequest::TRANSACTION;
  if (!is_transaction && request.kind() != SignRequest::AUTHORISE) return no(Refusal::request_malformed, "kind");
  if (memory.life().retired()) return no(Refusal::retired);
  if (memory.life().forgot() && stops_in_freeze(request.purpose())) return no(Refusal::memory_lost);
  if (memory.frozen() && stops_in_freeze(request.purpose()) && !HF_PLANTED(signer_ignores_freeze)) return no(Refusal::frozen);
  if (memory.last_at() - now > kMaxClockStepMs && stops_in_freeze(request.purpose())) return no(Refusal::clock_wrong);
  if (const CoinChainRule* coins = policy.coin_chain(request.chain())) {
    return check_coins(policy, *coins, memory, books, request, now);
  }
  const ChainRule* chain = policy.chain(request.chain());
  if (chain == nullptr) return no(Refusal::chain_unknown);

  const AccountRule* sender = nullptr;
  if (is_transaction) {
    const auto account = address_from(request.account());
    sender = account ? chain->account(*account) : nullptr;
    if (sender == nullptr) return no(Refusal::account_unknown);
  }
  const auto transaction = read_transaction(*chain, request);
  if (!transaction) return std::unexpected(transaction.error());
  const auto effect = explain(*chain, *transaction, sender, request.safe_nonce());
  if (!effect) return std::unexpected(effect.error());
  std::optional<Unenrolled> paid_for;
  if (request.purpose() == SignRequest::WITHDRAWAL) {
    const auto judged = judge_payment(policy, *chain, memory, books, request, *effect, now);
    if (!judged) return std::unexpected(judged.error());
    paid_for = *judged;
  } else if (auto judged = judge_purpose(*chain, request, *effect); !judged) {
    return std::unexpected(judged.error());
  }
  if (auto judged = judge_nonce(*chain, memory, *effect, now); !judged) return std::unexpected(judged.error());
  if (auto judged = judge_deadline(*effect, now); !judged) return std::unexpected(judged.error());

  if (is_transaction) {
    if (effect->safe != nullptr) {
      if (auto judged = judge_quorum(*effect); !judged) return std::unexpected(judged.error());
    }
    const Hash32 digest = signing_hash(*transaction);
    ToSign out{digest, sender->address, record_of(request, *chain, *effect, digest, paid_for), memory.was_signed(digest), {}};
    if (out.recorded) return out;
    if (auto judged = judge_fees(*chain, memory, *sender, *transaction, request.purpose(), now); !judged) {
      return std::unexpected(judged.error());
    }
    out.record.set_account(raw(sender->address));
    out.record.set_account_nonce(transaction->nonce);
    out.record.set_fees(most_fees(*transaction).value().to_string());
    return out;
  }
  // Without a sender only what owners authorise is explained.
  HF_CHECK(effect->safe != nullptr);
  const auto& owners = effect->safe->owners;
  if (std::find(owners.begin(), owners.end(), owner) == owners.end()) {
    return no(Refusal::account_unknown, "this signer is no owner of the Safe");
  }
  if (!effect->signatures.empty()) return no(Refusal::signatures_unexpected);
  const Hash32 digest = effect->owners_sign;
  return ToSign{digest, owner, record_of(request, *chain, *effect, digest, paid_for), memory.was_signed(digest), {}};
}

}  // namespace holdfast::signer
