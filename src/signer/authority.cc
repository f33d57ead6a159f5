#include "signer/authority.h"

#include "base/planted.h"
#include "identity/proof.h"
#include "identity/texts.h"

#include <fmt/format.h>
#include <algorithm>
#include <set>

namespace holdfast::signer {
namespace {

using identity::Credential;

std::string asset_of(const Claimed& claimed) { return fmt::format("{}/{}", claimed.chain, claimed.asset_name); }

bool has_signed(const Credential& key, const AuthorityRules& rules, const Result<std::string>& text, ByteView proof) {
  const auto decoded = identity::decode_proof(proof);
  return text && decoded && identity::verify(key, rules.relying_party, *text, *decoded).has_value();
}

// --- The journal --------------------------------------------------------------------------------------------------

Judged judge_terms(const Books& books, const BookedWithdrawal& booked, const Claimed& claimed) {
  const BookedAsset* asset = books.asset(booked.asset);
  const BookedChain* chain = asset == nullptr ? nullptr : books.chain(asset->chain);
  const bool same_asset = chain != nullptr && chain->caip2 == claimed.chain && std::ranges::equal(asset->contract, claimed.contract);
  if (!same_asset) return no(Refusal::withdrawal_unlike, "the journal names another asset");
  if (booked.amount != claimed.amount) {
    return no(Refusal::withdrawal_unlike, fmt::format("the journal names {}", booked.amount.to_string()));
  }
  if (!std::ranges::equal(booked.destination, claimed.destination)) {
    return no(Refusal::withdrawal_unlike, "the journal names another destination");
  }
  return {};
}

Judged judge_booked(const Books& books, const BookedWithdrawal& booked, const Claimed& claimed, Instant now) {
  if (auto judged = judge_terms(books, booked, claimed); !judged) return judged;
  if (booked.repeats && !HF_PLANTED(request_id_twice)) return no(Refusal::withdrawal_repeated);
  if (booked.ended) return no(Refusal::withdrawal_ended);
  if (!booked.approved_until) return no(Refusal::withdrawal_unapproved);
  if (*booked.approved_until <= now || *booked.approved_until != claimed.approved_until) {
    return no(Refusal::withdrawal_unapproved, "what the journal approved has expired");
  }
  const Books::Cover cover = books.cover(booked.customer, booked.asset);
  if (cover.holds() || HF_PLANTED(balance_believed)) return {};
  return no(Refusal::balance_unproven,
            fmt::format("{} were asked for, deposits of {} are proven", cover.taken.to_string(), cover.proven.to_string()));
}

// --- The customer -------------------------------------------------------------------------------------------------

Judged judge_intent(const AuthorityRules& rules, const BookedCustomer& customer, const BookedWithdrawal& booked,
                    const Claimed& claimed, Instant now) {
  if (booked.authorisation.empty()) return no(Refusal::authorisation_missing);
  const auto key = std::ranges::find(customer.keys, booked.authorised_key, &BookedKey::id);
  if (key == customer.keys.end() || !is_in_force(rules, customer, *key, now)) return no(Refusal::customer_key_not_in_force);
  const auto credential = Credential::from_key(static_cast<identity::CredentialKind>(key->kind), key->key);
  if (!credential) return no(Refusal::customer_key_not_in_force, credential.error().text);
  const auto text = identity::withdrawal_intent({rules.exchange, customer.reference, booked.request, asset_of(claimed), booked.amount,
                                                 claimed.destination_text, Instant{booked.intent_expires_ms}});
  if (!has_signed(*credential, rules, text, booked.authorisation)) return no(Refusal::authorisation_invalid);
  if (Instant{booked.intent_expires_ms} <= now) return no(Refusal::authorisation_expired);
  return {};
}

Checked<Unenrolled> judge_unenrolled(const Memory& memory, const BookedWithdrawal& booked, const Claimed& claimed,
                                     std::span<const Unenrolled> beside, Instant now) {
  std::optional<Amount> own = memory.unenrolled_within_day(booked.customer, claimed.chain, claimed.asset_key, now);
  std::optional<Amount> all = memory.unenrolled_within_day(claimed.chain, claimed.asset_key, now);
  const auto add = [&](std::uint64_t customer, Amount amount) {
    if (all) all = Amount::sum(*all, amount);
    if (own && customer == booked.customer) own = Amount::sum(*own, amount);
  };
  for (const Unenrolled& one : beside) add(one.customer, one.amount);
  add(booked.customer, booked.amount);
  const auto of_at_most = [](std::optional<Amount> sum, Amount limit) {
    return fmt::format("{} with it, of at most {}", sum ? sum->to_string() : "too much", limit.to_string());
  };
  if (!own || *own > claimed.limits.unenrolled_customer_day) {
    return no(Refusal::over_customer_limit, of_at_most(own, claimed.limits.unenrolled_customer_day));
  }
  if (!all || *all > claimed.limits.unenrolled_day) {
    return no(Refusal::over_unenrolled_limit, of_at_most(all, claimed.limits.unenrolled_day));
  }
  return Unenrolled{booked.customer, booked.amount};
}

// --- The destination, and people ----------------------------------------------------------------------------------

Judged judge_destination(const AuthorityRules& rules, const BookedWithdrawal& booked, const Claimed& claimed, Instant now) {
  if (booked.amount <= claimed.limits.new_destination_max) return {};
  if (now - booked.destination_learned >= rules.destination_delay_ms) return {};
  return no(Refusal::destination_too_new, fmt::format("of at most {} to such", claimed.limits.new_destination_max.to_string()));
}

Judged judge_approvals(const AuthorityRules& rules, const BookedCustomer& customer, const BookedWithdrawal& booked,
                       const Claimed& claimed) {
  if (booked.amount <= claimed.limits.unapproved_max || HF_PLANTED(approvals_unasked)) return {};
  std::set<std::string_view> approved_by;
  for (const Approver& approver : rules.approvers) {
    const auto text = identity::withdrawal_decision({rules.exchange, claimed.id, customer.reference, booked.request, asset_of(claimed),
                                                     booked.amount, claimed.destination_text, approver.name});
    for (const BookedDecision& decision : booked.decisions) {
      if (!text || decision.statement != *text || approver.key.algorithm() != identity::Algorithm::ed25519) continue;
      if (identity::verify(approver.key, rules.relying_party, *text, decision.signature)) approved_by.insert(approver.name);
    }
  }
  if (approved_by.size() >= claimed.limits.approvals) return {};
  return no(Refusal::approvals_missing, fmt::format("{} of {}", approved_by.size(), claimed.limits.approvals));
}

}  // namespace

bool is_in_force(const AuthorityRules& rules, const BookedCustomer& customer, const BookedKey& key, Instant now) {
  if (key.removed || now - key.learned < rules.key_delay_ms) return false;
  if (key.is_first || HF_PLANTED(later_keys_unvouched)) return true;
  const auto credential = Credential::from_key(static_cast<identity::CredentialKind>(key.kind), key.key);
  if (!credential) return false;
  const auto text = identity::key_enrolment({rules.exchange, customer.reference, *credential});
  const auto by = std::ranges::find(customer.keys, key.authorised_by, &BookedKey::id);
  // By one that stands before it, so that no circle of keys vouches for itself.
  if (by == customer.keys.end() || by >= std::ranges::find(customer.keys, key.id, &BookedKey::id)) return false;
  const auto voucher = Credential::from_key(static_cast<identity::CredentialKind>(by->kind), by->key);
  if (!voucher || !has_signed(*voucher, rules, text, key.authorisation)) return false;
  BookedKey then = *by;
  then.removed = false;  // What a key vouched for stays good when it is put away.
  return is_in_force(rules, customer, then, key.learned);  // As it was when this signer heard of the new one.
}

bool is_enrolled(const AuthorityRules& rules, const BookedCustomer& customer, Instant now) {
  return std::ranges::any_of(customer.keys, [&](const BookedKey& key) { return now - key.learned >= rules.key_delay_ms; });
}

Checked<std::optional<Unenrolled>> judge_authority(const AuthorityRules& rules, const Books& books, const Memory& memory,
                                                   const Claimed& claimed, std::span<const Unenrolled> beside, Instant now) {
  const BookedWithdrawal* booked = books.withdrawal(claimed.id);
  if (booked == nullptr) return no(Refusal::withdrawal_unknown);
  const BookedCustomer* customer = books.customer(booked->customer);
  if (customer == nullptr) return no(Refusal::withdrawal_unknown, "its customer is not known");
  if (auto judged = judge_booked(books, *booked, claimed, now); !judged) return std::unexpected(judged.error());
  if (auto judged = judge_destination(rules, *booked, claimed, now); !judged) return std::unexpected(judged.error());
  if (auto judged = judge_approvals(rules, *customer, *booked, claimed); !judged) return std::unexpected(judged.error());
  if (is_enrolled(rules, *customer, now) && !HF_PLANTED(customers_unasked)) {
    if (auto judged = judge_intent(rules, *customer, *booked, claimed, now); !judged) return std::unexpected(judged.error());
    return std::nullopt;
  }
  const auto bounded = judge_unenrolled(memory, *booked, claimed, beside, now);
  if (!bounded) return std::unexpected(bounded.error());
  return *bounded;
}

}  // namespace holdfast::signer
